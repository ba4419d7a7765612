"""What a user is told when something goes wrong: the only place that turns errors into the platform's messages."""

from collections.abc import Mapping

from airbyte_cdk.models import AirbyteMessage, FailureType, StreamDescriptor
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from .config import ConfigProblem
from .portal import errors as portal
from .state import BadState

_NEW_WEBHOOK = "make a new inbound webhook in Bitrix24 (Developer resources > Other > Inbound webhook)"
_TRY_LATER = "The next sync goes on from where this one stopped."

# the first class that an error is an instance of decides
_SENTENCES: tuple[tuple[type[portal.PortalError], str], ...] = (
    (portal.BadWebhook, f"Bitrix24 does not accept this webhook: it was revoked or mistyped; {_NEW_WEBHOOK} and paste its URL here."),
    (portal.MissingScope, 'The webhook may not read the CRM: edit it in Bitrix24 and grant it the permission "CRM (crm)".'),
    (portal.NoRestOnThisPlan, "This portal's plan has no REST API: move it to a commercial plan, or start its trial, in Bitrix24."),
    (portal.NoAccess, "The user of the webhook may not read this in Bitrix24: give that user the CRM right, or use an administrator's webhook."),
    (portal.PortalBlocked, "Bitrix24 has blocked this portal's REST API because of overload: ask Bitrix24 support to lift the block."),
    (portal.PortalGone, "This portal has been closed or deleted: check the address, or restore the portal in Bitrix24."),
    (portal.PortalMoved, "The portal redirects to an address that cannot be followed: open it in a browser, and paste the webhook URL with its new name."),
    (portal.HttpsRequired, "The portal wants https: paste the webhook URL with https:// in front."),
    (portal.NoSuchMethod, "This address does not know the CRM's methods: check the webhook URL; a self-hosted portal may need an update."),
    (portal.TooManyRequests, f"Bitrix24 goes on refusing requests as too many: let fewer programs read this portal from this address at once. {_TRY_LATER}"),
    (portal.OperatingTimeUsedUp, f"Bitrix24 gives this method no more server time for now: other programs use it too. {_TRY_LATER}"),
    (portal.TimedOut, f"The portal does not answer in time. {_TRY_LATER}"),
    (portal.Unreachable, f"Nobody answers at the portal's address: check its name, and whether it opens in a browser. {_TRY_LATER}"),
    (portal.PortalFailed, f"The portal goes on failing to answer properly: check whether it opens in a browser. {_TRY_LATER}"),
    (portal.BrokenPromise, "The portal answered against its own rules, so its rows cannot be trusted: report this to the connector's maintainers."),
)  # fmt: skip
_OTHERWISE = "The portal refuses a call in a way this connector does not know: report this to its maintainers."

_FAILURE_TYPES: tuple[tuple[type[portal.PortalError], FailureType], ...] = (
    (portal.Refused, FailureType.config_error),
    (portal.Passing, FailureType.transient_error),
)


class UserFacingFailure(AirbyteTracedException):
    """A failure whose message says all: it is shown without a stack trace."""

    def as_airbyte_message(self, stream_descriptor: StreamDescriptor | None = None) -> AirbyteMessage:
        """The trace message."""
        message = super().as_airbyte_message(stream_descriptor)
        assert message.trace
        assert message.trace.error
        message.trace.error.stack_trace = None
        return message


def sentence_of(error: portal.PortalError) -> str:
    """What a user should read: what is wrong and what to do, with the portal's own words behind it."""
    told = next((sentence for kind, sentence in _SENTENCES if isinstance(error, kind)), _OTHERWISE)
    return f"{told} ({error})"


def failure_of(error: portal.PortalError) -> AirbyteTracedException:
    """The platform's exception for an error of the portal: whose turn it is follows from the kind of error."""
    told = sentence_of(error)
    for kind, failure_type in _FAILURE_TYPES:
        if isinstance(error, kind):
            return UserFacingFailure(message=told, internal_message=str(error), failure_type=failure_type)
    return AirbyteTracedException(message=told, internal_message=str(error), failure_type=FailureType.system_error)


def config_failure(problem: ConfigProblem) -> AirbyteTracedException:
    """The platform's exception for a setting that cannot be used."""
    return UserFacingFailure(message=str(problem), failure_type=FailureType.config_error)


def file_failure(what: str, error: Exception) -> AirbyteTracedException:
    """The platform's exception for a file on the command line that cannot be read or is not what it should be."""
    wrong = (
        f"cannot be read: {error.strerror}" if isinstance(error, OSError) else "does not hold what it should, as JSON"
    )
    told = (
        f"The file with the {what} {wrong}. Give one that Airbyte or this connector has written, readable for its user."
    )
    return UserFacingFailure(message=told, failure_type=FailureType.config_error)


def old_state_failure() -> AirbyteTracedException:
    """The platform's exception for a state in a form from before there were states for each stream."""
    told = "The saved state is in a form that this connector never wrote. Reset the connection's state to read its tables anew."
    return UserFacingFailure(message=told, failure_type=FailureType.config_error)


def state_failure(stream: str, problem: BadState) -> AirbyteTracedException:
    """The platform's exception for a saved state that cannot be continued from."""
    told = f"The saved state of {stream} cannot be used: {problem}. Reset this stream's state to read the table anew."
    return UserFacingFailure(message=told, failure_type=FailureType.config_error)


def streams_failure(failures: Mapping[str, FailureType]) -> AirbyteTracedException:
    """The platform's exception after a read of which some streams failed, each for a reason that was told then."""
    told = f"Not read to the end: {', '.join(failures)}. Each says why in a message of its own; the other streams are complete."
    kinds = (FailureType.config_error, FailureType.system_error, FailureType.transient_error)
    worst = next(kind for kind in kinds if kind in failures.values())
    return UserFacingFailure(message=told, failure_type=worst)
