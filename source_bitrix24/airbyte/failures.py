"""The messages that users see when something goes wrong: the only place that turns errors into the platform's exceptions."""

from collections.abc import Mapping

from airbyte_cdk.models import AirbyteMessage, FailureType, StreamDescriptor
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from ..config import ConfigProblem
from ..portal import errors as portal
from ..sync.same_portal import OtherPortal
from ..sync.state import BadState

_NEW_WEBHOOK = "make a new inbound webhook in Bitrix24 (Developer resources > Other > Inbound webhook)"
_SEE = ' (see "A certificate of your own authority" in docs/bitrix24.md)'
_TRY_LATER = "The next sync resumes where this one stopped."

# the first class that matches decides
_SENTENCES: tuple[tuple[type[portal.PortalError], str], ...] = (
    (portal.BadWebhook, f"Bitrix24 does not accept this webhook: it is mistyped, was revoked or has expired, or its user was dismissed; {_NEW_WEBHOOK} and paste its URL here."),
    (portal.MissingScope, 'The webhook may not read the CRM: edit it in Bitrix24 and grant it the permission "CRM (crm)".'),
    (portal.NoRestOnThisPlan, "This portal's plan has no REST API: move it to a commercial plan, or start its trial, in Bitrix24."),
    (portal.NotConfirmed, "This call waits for a confirmation, or was refused one: ask an administrator to allow it in Bitrix24."),
    (portal.NoAccess, "The user of the webhook may not read this in Bitrix24: give that user the CRM right, or use an administrator's webhook."),
    (portal.PortalBlocked, "Bitrix24 has blocked this portal's REST API because of overload: ask Bitrix24 support to lift the block."),
    (portal.PortalGone, "This portal has been closed or deleted: check the address, or restore the portal in Bitrix24."),
    (portal.PortalMoved, "The portal redirects to an address that cannot be followed: open it in a browser, and paste the webhook URL with its new name."),
    (portal.HttpsRequired, "The portal wants https: paste the webhook URL with https:// in front."),
    (portal.NoSuchMethod, "This address does not know the CRM's methods: check the webhook URL; a self-hosted portal may need an update."),
    (portal.InItsOwnWords, "The portal refuses this call; the brackets hold its own words: check the rights of the webhook and of its user, or ask the portal's administrator."),
    (portal.NotAPortal, "This address does not answer like a Bitrix24 portal: check the webhook URL, and whether the web server passes /rest/ on to Bitrix24."),
    (portal.Barred, "Something in front of the portal, such as a firewall or a password of the web server, refuses the connector: let its requests to /rest/ pass."),
    (portal.LoginPage, "This address leads to a page where people log in: check the webhook URL, and let requests to /rest/ pass without a login."),
    (portal.ProxyRefused, "The proxy on the way to the portal refuses: check the name and password in HTTPS_PROXY, or ask its administrator to let requests to the portal pass."),
    (portal.NotTrusted, f"The portal's certificate is not trusted here: set REQUESTS_CA_BUNDLE to a file with the certificate of its authority{_SEE}."),
    (portal.WrongCertificate, "The portal's certificate is for another name: paste the webhook URL with the name in the certificate, or give the portal a certificate for this one."),
    (portal.ExpiredCertificate, "The portal's certificate has expired or is not valid yet: renew it on the portal's server, and check the clocks of both machines."),
    (portal.BadCaBundle, f"The file that REQUESTS_CA_BUNDLE names cannot be used: give its path inside the container, and let the container's user read it{_SEE}."),
    (portal.FilterNotUnderstood, "This portal does not find changed rows by their date, so changes would be missed: the stream was stopped, and its saved state stays as it was. Choose the sync mode Full refresh for it, without a start date, and check whether the portal can be updated."),
    (portal.TooManyRequests, f"Bitrix24 keeps rejecting requests (rate limit). Other programs on the same IP address share the limit: stop or slow them. {_TRY_LATER}"),
    (portal.OperatingTimeUsedUp, f"Bitrix24's server-time quota for this method is used up; it resets within ten minutes. Other programs use it too. {_TRY_LATER}"),
    (portal.TimedOut, f"The portal does not answer in time. {_TRY_LATER}"),
    (portal.Unreachable, f"The portal cannot be reached: check its address, and whether it opens in a browser. {_TRY_LATER}"),
    (portal.PortalFailed, f"The portal keeps failing: check whether it opens in a browser. {_TRY_LATER}"),
    (portal.BrokenPromise, "The portal returned inconsistent data, and the stream was stopped to avoid wrong rows: report this to the connector's maintainers."),
)  # fmt: skip
_OTHERWISE = "The portal refused a call for a reason that this connector does not know: report this to its maintainers."

_FAILURE_TYPES: tuple[tuple[type[portal.PortalError], FailureType], ...] = (
    (portal.Refused, FailureType.config_error),
    (portal.Passing, FailureType.transient_error),
)


class UserFacingFailure(AirbyteTracedException):
    """A failure whose message explains everything: it is shown without a stack trace."""

    def as_airbyte_message(self, stream_descriptor: StreamDescriptor | None = None) -> AirbyteMessage:
        """The trace message."""
        message = super().as_airbyte_message(stream_descriptor)
        assert message.trace
        assert message.trace.error
        message.trace.error.stack_trace = None
        return message


def sentence_of(error: portal.PortalError) -> str:
    """Return what a user should read: what is wrong and what to do, with the portal's own words behind it."""
    sentence = next((sentence for kind, sentence in _SENTENCES if isinstance(error, kind)), _OTHERWISE)
    return f"{sentence} ({error})"


def failure_of(error: Exception) -> AirbyteTracedException:
    """Return the platform's exception for an error of the portal, a state of another portal, or a defect.

    Who has to act follows from its class.
    """
    if isinstance(error, OtherPortal):
        message = (
            f"The saved state belongs to the portal {error.saved}, but the webhook to {error.present}: to read the new portal, "
            "clear the connection's data in Airbyte or choose another destination; to continue with the old one, restore its webhook."
        )
        return UserFacingFailure(message=message, failure_type=FailureType.config_error)
    if not isinstance(error, portal.PortalError):
        return AirbyteTracedException.from_exception(error)
    message = sentence_of(error)
    for kind, failure_type in _FAILURE_TYPES:
        if isinstance(error, kind):
            return UserFacingFailure(message=message, internal_message=str(error), failure_type=failure_type)
    return AirbyteTracedException(message=message, internal_message=str(error), failure_type=FailureType.system_error)


def config_failure(problem: ConfigProblem) -> AirbyteTracedException:
    """Return the platform's exception for a setting that cannot be used."""
    return UserFacingFailure(message=str(problem), failure_type=FailureType.config_error)


def file_failure(what: str, error: Exception) -> AirbyteTracedException:
    """Return the platform's exception for a file of the command line that cannot be read or has the wrong content."""
    wrong = (
        f"cannot be read: {error.strerror}" if isinstance(error, OSError) else "does not hold what it should, as JSON"
    )
    message = (
        f"The file with the {what} {wrong}. Give one that Airbyte or this connector has written, readable for its user."
    )
    return UserFacingFailure(message=message, failure_type=FailureType.config_error)


def old_state_failure() -> AirbyteTracedException:
    """Return the platform's exception for a state in a form from before there were states for each stream."""
    message = "The saved state is in a form that this connector never wrote. Clear the connection's data in Airbyte to read all tables again."
    return UserFacingFailure(message=message, failure_type=FailureType.config_error)


def state_failure(stream: str, problem: BadState) -> AirbyteTracedException:
    """Return the platform's exception for a saved state that cannot be used."""
    message = (
        f"The saved state of {stream} cannot be used: {problem}. Clear this stream in Airbyte to read the table again."
    )
    return UserFacingFailure(message=message, failure_type=FailureType.config_error)


def streams_failure(failures: Mapping[str, FailureType]) -> AirbyteTracedException:
    """Return the platform's exception for a read in which some streams failed; each has had a message of its own."""
    message = f"These streams failed: {', '.join(failures)}. See each stream's error. All other streams are complete."
    kinds = (FailureType.config_error, FailureType.system_error, FailureType.transient_error)
    worst = next(kind for kind in kinds if kind in failures.values())
    return UserFacingFailure(message=message, failure_type=worst)
