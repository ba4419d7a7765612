"""Asking for facts: they share requests, and one that fails costs no other."""

from collections.abc import Mapping

import pytest

from demo.patient import patient
from source_bitrix24.doctor.examine import examine
from source_bitrix24.doctor.fact import Alone, Asking, Fact, Finding, Verdict, judged
from source_bitrix24.doctor.guard import Enough
from source_bitrix24.doctor.known import Known
from source_bitrix24.portal.batch import Command
from unit_tests.doctor.test_line import line_to

CLOCK = Command("server.time")


def fact(name: str, ask: object, rows: int = 0) -> Fact:
    return Fact(name, "P1.1", "It is.", "Nothing.", rows, ask)  # type: ignore[arg-type]


def clock(name: str) -> Fact:
    def ask(known: Known) -> Asking:
        reply = yield {name: CLOCK}
        return judged(not reply[name].error, "")

    return fact(name, ask)


def ask_all(facts: list[Fact], **faults: Mapping[str, object]) -> tuple[dict[str, Finding], list[int]]:
    app = patient()
    for kind, when in faults.items():
        app.fault(kind, **when)
    findings: dict[str, Finding] = {}
    examine(facts, Known(()), line_to(app), findings)
    return findings, [sum(entry.methods.values()) for entry in app.log]


def test_facts_share_requests_of_at_most_thirty_commands() -> None:
    findings, sent = ask_all([clock(f"clock{place}") for place in range(40)])
    assert {finding.verdict for finding in findings.values()} == {Verdict.AS_KNOWN}
    assert sent == [30, 10]


def test_a_fact_can_have_a_request_of_its_own_and_ask_twice() -> None:
    def ask(known: Known) -> Asking:
        yield Alone({"alone": CLOCK})
        reply = yield {"second": CLOCK}
        return judged("second" in reply.answers, "")

    findings, sent = ask_all([fact("patient", ask), clock("other")])
    assert findings["patient"].verdict is Verdict.AS_KNOWN
    assert sorted(sent) == [1, 1, 1]


def test_a_difference_is_asked_twice_before_it_is_believed() -> None:
    asked: list[str] = []

    def ask(known: Known) -> Asking:
        asked.append("once more")
        yield {"edited": CLOCK}
        return judged(len(asked) > 1, "a record was edited at that moment")

    findings, _ = ask_all([fact("edited", ask)])
    assert len(asked) == 2
    assert findings["edited"].verdict is Verdict.AS_KNOWN


def test_a_request_that_fails_is_sent_fact_by_fact() -> None:
    findings, sent = ask_all([clock("one"), clock("two")], bad_gateway={"times": 3})
    assert [finding.verdict for finding in findings.values()] == [Verdict.AS_KNOWN, Verdict.AS_KNOWN]
    assert sent[-2:] == [1, 1]


def test_commands_without_an_answer_are_sent_again_alone() -> None:
    findings, sent = ask_all([clock("one"), clock("two")], command_missing={"command": 1})
    assert {finding.verdict for finding in findings.values()} == {Verdict.AS_KNOWN}
    assert sent == [2, 1]


@pytest.mark.parametrize(
    ("method", "verdict"),
    [("crm.stagehistory.list", Verdict.DIFFERENT), ("crm.deal.list", Verdict.UNTOLD)],
    ids=["about the call", "about rights"],
)
def test_an_error_that_a_fact_does_not_expect_is_a_difference_unless_it_is_about_rights(
    method: str, verdict: Verdict
) -> None:
    app = patient()
    app.webhook.may_not_read.add("crm.deal.list")

    def ask(known: Known) -> Asking:
        reply = yield {"refused": Command(method, {"entityTypeId": 99})}
        raise reply["refused"].error or AssertionError

    findings: dict[str, Finding] = {}
    examine([fact("refused", ask)], Known(()), line_to(app), findings)
    assert findings["refused"].verdict is verdict


def test_a_fact_that_takes_more_rows_than_the_portal_has_cannot_be_told() -> None:
    findings, sent = ask_all([fact("long", lambda known: None, rows=60)])
    assert findings["long"].verdict is Verdict.UNTOLD
    assert sent == []


def test_what_was_found_before_the_last_request_is_kept() -> None:
    app = patient()
    line = line_to(app)
    for _ in range(79):
        line.send({"clock": CLOCK})
    findings: dict[str, Finding] = {}
    with pytest.raises(Enough):
        examine([clock(f"clock{place}") for place in range(40)], Known(()), line, findings)
    assert len(findings) == 30
