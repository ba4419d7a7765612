"""The webhook's user, as `profile` describes it (P13.1), and its permissions, as `scope` lists them (P13.2)."""

import logging

METHOD = "profile"
SCOPE = "scope"
NOT_AN_ADMINISTRATOR = (
    "The webhook's user is not an administrator of the portal. Records that this user may not see will be missing, "
    "without an error. Use a webhook that an administrator has created."
)


def is_administrator(profile: object) -> bool:
    """Whether the user may read everything; False where the portal does not say so."""
    return isinstance(profile, dict) and profile.get("ADMIN") is True


def granted_scopes(result: object) -> frozenset[str] | None:
    """Return the scopes in an answer to `scope`; None where the portal does not say them."""
    return frozenset(map(str, result)) if isinstance(result, list) else None


def warn_of_missing_records(profile: object, log: logging.Logger) -> None:
    """Warn that the portal leaves out, without an error, what this user may not see (P2.19)."""
    if isinstance(profile, dict) and profile and not is_administrator(profile):
        log.warning(NOT_AN_ADMINISTRATOR)
