"""What the doctor finds on the bundled portal, as it is and turned round, and which facts it asks."""

import re
from functools import cache

import requests

from demo.patient import patient
from emulator.adapter import EmulatorAdapter
from emulator.twists import TWISTS, turn_round
from source_bitrix24.doctor.examination import Examination, examination
from source_bitrix24.doctor.fact import FACTS, Verdict
from source_bitrix24.doctor.report import as_json, as_markdown
from source_bitrix24.portal.webhook import Webhook

from .er_diagrams import DOCS

_DEALS = 1000
_EXAMPLES = (
    "start_beyond_the_end",
    "times_in_filters",
    "batches_are_charged_by_method",
    "lists_of_owners",
    "clocks_agree",
)
_FACT = re.compile(r"^(?:\*\*|## )(P\d+(?:\.\d+)?)\b", re.MULTILINE)


def sample() -> str:
    """The whole page for the bundled portal."""
    page = as_markdown(as_json(_examined("", _DEALS)))
    return f"```markdown\n{page}```"


def twisted() -> str:
    """The line of the report that five turned portals get, one each."""
    lines = ["| the portal | fact | measured | the connector |", "| --- | --- | --- | --- |"]
    for name in _EXAMPLES:
        found = _examined(name, 0)
        (different,) = [one for one in FACTS if found.verdict(one) is Verdict.DIFFERENT]
        fact = FACTS[different]
        lines.append(f"| {TWISTS[name].says} | {fact.numbers} | {found.findings[name].measured} | {fact.otherwise} |")
    return "\n".join(lines)


def asked() -> str:
    """A line for each fact of docs/portal.md: what the doctor asks about it."""
    numbers = _FACT.findall((DOCS / "portal.md").read_text(encoding="utf-8"))
    by_number: dict[str, list[str]] = {}
    for fact in FACTS.values():
        for number in fact.numbers.split(", "):
            by_number.setdefault(number, []).append(f"`{fact.name}`")
    lines = ["| fact | the doctor asks |", "| --- | --- |"]
    numbers = [number for number in numbers if "." in number or number in by_number]
    lines += [f"| {number} | {', '.join(by_number.get(number, ['nothing']))} |" for number in numbers]
    return "\n".join(lines)


@cache
def _examined(twist: str, deals: int) -> Examination:
    app = patient(deals) if deals else patient()
    if twist:
        turn_round(app, twist)
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    return examination(Webhook.parse(app.webhook_url), app.portal.clock, session)
