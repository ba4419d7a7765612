"""Examinations of the bundled portal, as it is and turned round in one fact."""

from functools import cache
from types import ModuleType

from demo.patient import patient
from emulator.app import App
from emulator.twists import turn_round
from source_bitrix24.doctor.examination import Examination, examination
from source_bitrix24.doctor.fact import FACTS, Verdict, facts_of
from source_bitrix24.portal.webhook import Webhook
from unit_tests.mounted import session_of


def examined(app: App) -> Examination:
    """Return what the doctor finds."""
    return examination(Webhook.parse(app.webhook_url), app.portal.clock, session_of(app))


@cache
def healthy() -> Examination:
    """Return what the doctor finds on the bundled portal."""
    return examined(patient())


def verdicts(found: Examination) -> dict[str, Verdict]:
    """Return the verdict on each fact."""
    return {name: found.verdict(name) for name in FACTS}


def turned_round(fact: str) -> Examination:
    """Return what the doctor finds on the bundled portal where one fact is turned round."""
    app = patient()
    turn_round(app, fact)
    return examined(app)


def names_of(module: ModuleType) -> list[str]:
    """Return the names of a module's facts."""
    return [one.name for one in facts_of(module.__name__)]


def require_that_it_is_noticed_alone(fact: str) -> None:
    """Fail unless the doctor notices that a fact is turned round, and changes no other verdict."""
    before, after = verdicts(healthy()), verdicts(turned_round(fact))
    assert before[fact] is Verdict.AS_KNOWN
    assert {name: after[name] for name in FACTS if after[name] is not before[name]} == {fact: Verdict.DIFFERENT}
