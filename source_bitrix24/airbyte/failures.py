"""The messages that users see when something goes wrong: the only place that turns errors into the platform's exceptions."""

from collections.abc import Mapping

from airbyte_cdk.models import AirbyteMessage, FailureType, StreamDescriptor
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from ..config import ConfigProblem
from ..portal import errors as portal
from ..sentences import sentence_of
from ..sync.same_portal import OtherPortal
from ..sync.state import BadState

_FAILURE_TYPES: tuple[tuple[type[portal.PortalError], FailureType], ...] = (
    (portal.Refused, FailureType.config_error),
    (portal.NotFound, FailureType.config_error),
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
