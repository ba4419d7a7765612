import re
from collections.abc import Iterator

import pytest
from airbyte_cdk.models import AirbyteErrorTraceMessage, FailureType

from source_bitrix24.config import ConfigProblem
from source_bitrix24.airbyte.failures import config_failure, failure_of, sentence_of, state_failure
from source_bitrix24.portal import errors
from source_bitrix24.sync.state import BadState


def kinds(base: type[errors.PortalError]) -> Iterator[type[errors.PortalError]]:
    """All kinds of error below one that can happen: those with kinds of their own below them too, if they have codes."""
    for kind in base.__subclasses__():
        if not kind.__subclasses__() or kind in errors.PortalError.by_code.values():
            yield kind
        yield from kinds(kind)


EVERY_KIND = sorted(kinds(errors.PortalError), key=lambda kind: kind.__name__)
NOBODY_KNOWS = (errors.NotFound, errors.BadArgument, errors.Unexpected)
IN_THE_PORTALS_WORDS = "crm.deal.list: [ITS_CODE] The portal's own words"
SOMETHING_TO_DO = re.compile(
    r"\b(make|edit|grant|move|give|ask|check|restore|open|paste|let|report)\b|The next sync goes on from where this one"
)


def error_of(kind: type[errors.PortalError]) -> errors.PortalError:
    return kind("crm.deal.list", "The portal's own words", "ITS_CODE")


def trace_of(error: errors.PortalError) -> AirbyteErrorTraceMessage:
    """What the platform gets to show."""
    try:
        raise failure_of(error) from None
    except Exception as failure:
        message = failure.as_airbyte_message()  # type: ignore[attr-defined]
    trace = message.trace.error
    assert isinstance(trace, AirbyteErrorTraceMessage)
    return trace


def test_the_kinds_are_known() -> None:
    assert len(EVERY_KIND) >= 16
    assert {errors.BadWebhook, errors.TimedOut, errors.PortalFailed, errors.NotFound} < set(EVERY_KIND)


@pytest.mark.parametrize("kind", [*EVERY_KIND, errors.Unexpected])
def test_every_failure_says_what_to_do_and_then_what_the_portal_said(kind: type[errors.PortalError]) -> None:
    ours, _, theirs = sentence_of(error_of(kind)).partition(f" ({IN_THE_PORTALS_WORDS})")
    assert re.fullmatch(r"[A-Z].*\.", ours)
    assert SOMETHING_TO_DO.search(ours)
    assert theirs == ""


def test_every_kind_that_a_user_can_do_something_about_has_a_sentence_of_its_own() -> None:
    told = {kind: sentence_of(error_of(kind)) for kind in EVERY_KIND if kind not in NOBODY_KNOWS}
    assert len(set(told.values())) == len(told)
    assert sentence_of(error_of(errors.Unexpected)) not in told.values()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (errors.BadWebhook, "make a new inbound webhook in Bitrix24"),
        (errors.MissingScope, 'grant it the permission "CRM (crm)"'),
        (errors.NoRestOnThisPlan, "move it to a commercial plan"),
        (errors.NoAccess, "give that user the CRM right"),
        (errors.PortalBlocked, "ask Bitrix24 support"),
        (errors.HttpsRequired, "paste the webhook URL with https://"),
        (errors.TimedOut, "does not answer in time"),
        (errors.BrokenPromise, "report this to the connector's maintainers"),
    ],
)
def test_the_sentence_fits_the_kind(kind: type[errors.PortalError], told: str) -> None:
    assert told in sentence_of(error_of(kind))


@pytest.mark.parametrize(
    ("branch", "failure_type"),
    [(errors.Refused, FailureType.config_error), (errors.Passing, FailureType.transient_error)],
)
def test_whose_turn_it_is_follows_from_the_branch_and_no_stack_trace_is_shown(
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
def test_what_nobody_can_mend_is_a_defect_with_its_stack_trace_beside_the_sentence(
    kind: type[errors.PortalError],
) -> None:
    trace = trace_of(error_of(kind))
    assert trace.failure_type == FailureType.system_error
    assert trace.message == sentence_of(error_of(kind))
    assert "Traceback" not in trace.message
    assert "Traceback" in str(trace.stack_trace)


def test_a_setting_that_cannot_be_used_is_told_in_its_own_words() -> None:
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
