"""Methods about the webhook and the portal itself."""

from datetime import datetime
from typing import Any

from ..registry import METHODS, Outcome, RestError, method
from ..store import Portal


@method("profile", scope="", facts="P13")
def profile(portal: Portal, params: dict[str, Any]) -> Outcome:
    """The webhook's user; an empty answer if the user is not active any more."""
    if not portal.user_is_active:
        return Outcome([])
    user = {"ID": "1", "ADMIN": portal.user_is_admin, "NAME": "Анна", "LAST_NAME": "Admin", "TIME_ZONE": ""}
    return Outcome(user)


@method("scope", scope="", facts="P13")
def scope(portal: Portal, params: dict[str, Any]) -> Outcome:
    """The scopes of the webhook."""
    return Outcome(sorted(portal.scopes))


@method("method.get", scope="", facts="P13")
def method_get(portal: Portal, params: dict[str, Any]) -> Outcome:
    """Whether a method exists and may be called."""
    known = METHODS.get(str(params.get("name", "")))
    available = known is not None and (not known.scope or known.scope in portal.scopes)
    return Outcome({"isExisting": known is not None, "isAvailable": available})


@method("server.time", scope="", facts="P12")
def server_time(portal: Portal, params: dict[str, Any]) -> Outcome:
    """The portal's time, with the offset of its zone."""
    return Outcome(datetime.fromtimestamp(int(portal.clock.now()), portal.wire.zone).isoformat())


@method("crm.settings.mode.get", facts="P13")
def mode(portal: Portal, params: dict[str, Any]) -> Outcome:
    """1: the portal works with leads."""
    return Outcome(1)


@method("app.info", scope="", facts="P13")
def app_info(portal: Portal, params: dict[str, Any]) -> Outcome:
    """Refused: webhooks are not applications."""
    raise RestError("ACCESS_DENIED", "Access denied! Application context required")
