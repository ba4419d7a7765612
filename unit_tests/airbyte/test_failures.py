import re
from collections.abc import Iterator

import pytest
from airbyte_cdk.models import AirbyteErrorTraceMessage, FailureType

from source_bitrix24.airbyte.failures import (
    config_failure,
    failure_of,
    file_failure,
    old_state_failure,
    sentence_of,
    state_failure,
    streams_failure,
)
from source_bitrix24.config import ConfigProblem
from source_bitrix24.portal import errors
from source_bitrix24.sync.state import BadState


def kinds(base: type[errors.PortalError]) -> Iterator[type[errors.PortalError]]:
    """Yield all kinds of error below one that can happen: those with kinds below them only if they have codes."""
    for kind in base.__subclasses__():
        if not kind.__subclasses__() or kind in errors.PortalError.by_code.values():
            yield kind
        yield from kinds(kind)


EVERY_KIND = sorted(kinds(errors.PortalError), key=lambda kind: kind.__name__)
UNEXPLAINED = (errors.NotFound, errors.BadArgument, errors.Unexpected)
IN_THE_PORTALS_WORDS = "crm.deal.list: [ITS_CODE] The portal's own words"
SOMETHING_TO_DO = re.compile(
    r"\b(make|edit|grant|move|give|ask|check|restore|open|paste|let|renew|report|set)\b"
    r"|The next sync resumes where this one stopped"
)


def error_of(kind: type[errors.PortalError]) -> errors.PortalError:
    return kind("crm.deal.list", "The portal's own words", "ITS_CODE")


def trace_of(error: errors.PortalError) -> AirbyteErrorTraceMessage:
    """Return what the platform shows."""
    try:
        raise failure_of(error) from None
    except Exception as failure:
        message = failure.as_airbyte_message()  # type: ignore[attr-defined]
    trace = message.trace.error
    assert isinstance(trace, AirbyteErrorTraceMessage)
    return trace


def test_all_kinds_of_errors_are_found() -> None:
    assert len(EVERY_KIND) >= 16
    assert {errors.BadWebhook, errors.TimedOut, errors.PortalFailed, errors.NotFound} < set(EVERY_KIND)


@pytest.mark.parametrize("kind", [*EVERY_KIND, errors.Unexpected])
def test_every_failure_says_what_to_do_and_quotes_the_portal(kind: type[errors.PortalError]) -> None:
    ours, _, theirs = sentence_of(error_of(kind)).partition(f" ({IN_THE_PORTALS_WORDS})")
    assert re.fullmatch(r"[A-Z].*\.", ours)
    assert SOMETHING_TO_DO.search(ours)
    assert theirs == ""


def test_each_error_that_a_user_can_act_on_has_its_own_sentence() -> None:
    sentences = {kind: sentence_of(error_of(kind)) for kind in EVERY_KIND if kind not in UNEXPLAINED}
    assert len(set(sentences.values())) == len(sentences)
    assert sentence_of(error_of(errors.Unexpected)) not in sentences.values()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (errors.BadWebhook, "make a new inbound webhook in Bitrix24"),
        (errors.MissingScope, 'grant it the permission "CRM (crm)"'),
        (errors.NoRestOnThisPlan, "move it to a commercial plan"),
        (errors.NoAccess, "give that user the CRM right"),
        (errors.NotConfirmed, "ask an administrator to allow it"),
        (errors.PortalBlocked, "ask Bitrix24 support"),
        (errors.HttpsRequired, "paste the webhook URL with https://"),
        (errors.TimedOut, "does not answer in time"),
        (errors.BrokenPromise, "report this to the connector's maintainers"),
    ],
)
def test_the_sentence_fits_the_kind(kind: type[errors.PortalError], words: str) -> None:
    assert words in sentence_of(error_of(kind))


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


@pytest.mark.parametrize("kind", [errors.NotFound, errors.Unexpected, errors.BadArgument, errors.BrokenPromise])
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
