import pytest
from airbyte_cdk.models import AirbyteErrorTraceMessage, FailureType

from source_bitrix24.airbyte.failures import (
    config_failure,
    failure_of,
    file_failure,
    old_state_failure,
    state_failure,
    streams_failure,
)
from source_bitrix24.config import ConfigProblem
from source_bitrix24.portal import errors
from source_bitrix24.sentences import sentence_of
from source_bitrix24.sync.state import BadState
from unit_tests.test_sentences import IN_THE_PORTALS_WORDS, error_of, kinds


def trace_of(error: errors.PortalError) -> AirbyteErrorTraceMessage:
    """Return what the platform shows."""
    try:
        raise failure_of(error) from None
    except Exception as failure:
        message = failure.as_airbyte_message()  # type: ignore[attr-defined]
    trace = message.trace.error
    assert isinstance(trace, AirbyteErrorTraceMessage)
    return trace


@pytest.mark.parametrize(
    ("branch", "failure_type"),
    [(errors.Refused, FailureType.config_error), (errors.Passing, FailureType.transient_error)],
)
def test_the_failure_type_follows_from_the_branch_and_no_stack_trace_is_shown(
    branch: type[errors.PortalError], failure_type: FailureType
) -> None:
    for kind in kinds(branch):
        trace = trace_of(error_of(kind))
        assert trace == AirbyteErrorTraceMessage(
            message=sentence_of(error_of(kind)),
            internal_message=IN_THE_PORTALS_WORDS,
            failure_type=failure_type,
        )


@pytest.mark.parametrize("kind", [errors.Unexpected, errors.BadArgument, errors.BrokenPromise])
def test_an_error_that_no_user_can_fix_is_a_defect_with_its_stack_trace_beside_the_sentence(
    kind: type[errors.PortalError],
) -> None:
    trace = trace_of(error_of(kind))
    assert trace.failure_type == FailureType.system_error
    assert trace.message == sentence_of(error_of(kind))
    assert "Traceback" not in trace.message
    assert "Traceback" in str(trace.stack_trace)


def test_a_setting_that_cannot_be_used_is_shown_in_its_own_words() -> None:
    failure = config_failure(ConfigProblem("The start date is in the future."))
    trace = failure.as_airbyte_message().trace
    assert trace
    assert trace.error == AirbyteErrorTraceMessage(
        message="The start date is in the future.", failure_type=FailureType.config_error
    )


def test_a_state_that_cannot_be_used_names_the_stream_and_the_way_out() -> None:
    failure = state_failure("deals", BadState("its mark is no moment"))
    assert failure.failure_type == FailureType.config_error
    assert failure.message == (
        "The saved state of deals cannot be used: its mark is no moment. "
        "Clear this stream in Airbyte to read the table again."
    )


def test_a_defect_is_a_system_error_with_its_stack_trace() -> None:
    failure = failure_of(ZeroDivisionError("division by zero"))
    assert failure.failure_type == FailureType.system_error
    assert "division by zero" in str(failure.internal_message)


@pytest.mark.parametrize(
    ("error", "words"),
    [(FileNotFoundError(2, "No such file or directory"), "cannot be read: No such"), (ValueError("{"), "as JSON")],
)
def test_a_file_that_cannot_be_used_names_what_it_should_hold(error: Exception, words: str) -> None:
    failure = file_failure("saved state", error)
    assert failure.failure_type == FailureType.config_error
    assert str(failure.message).startswith("The file with the saved state ")
    assert words in str(failure.message)


def test_a_state_in_an_old_form_has_a_way_out() -> None:
    assert "Clear the connection's data" in str(old_state_failure().message)


@pytest.mark.parametrize(
    ("kinds_of_streams", "worst"),
    [
        ((FailureType.transient_error,), FailureType.transient_error),
        ((FailureType.transient_error, FailureType.system_error), FailureType.system_error),
        ((FailureType.system_error, FailureType.config_error), FailureType.config_error),
    ],
)
def test_a_read_with_failed_streams_names_them_and_has_the_worst_failure_type(
    kinds_of_streams: tuple[FailureType, ...], worst: FailureType
) -> None:
    failure = streams_failure(dict(zip(("deals", "leads"), kinds_of_streams, strict=False)))
    assert failure.failure_type == worst
    assert str(failure.message).startswith("These streams failed: deals")
