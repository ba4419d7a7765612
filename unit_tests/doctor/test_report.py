"""The report, and that it tells nothing of the portal's records."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from demo.patient import patient
from emulator.twists import turn_round
from source_bitrix24.doctor.fact import FACTS
from source_bitrix24.doctor.report import as_json, as_markdown
from unit_tests.doctor.examined import examined, healthy

HEADINGS = ["# Your portal", "## Settings", "## Tables", "# For the maintainers"]


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for part in value.values() for text in texts_of(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in texts_of(part))
    elif isinstance(value, str):
        yield value


def test_the_page_begins_with_what_a_user_wants_and_ends_with_the_facts() -> None:
    page = as_markdown(as_json(healthy()))
    assert [line for line in page.splitlines() if line.startswith("#")] == HEADINGS
    assert page.count("| as known |") == len(FACTS)


def test_differences_come_first_among_the_facts() -> None:
    app = patient()
    turn_round(app, "app_info_is_refused")
    report = as_json(examined(app))
    assert report["facts"][0]["fact"] == "app_info_is_refused"
    assert [one["verdict"] for one in report["facts"]].count("different") == 1


def test_the_report_is_plain_json() -> None:
    report = as_json(healthy())
    assert json.loads(json.dumps(report)) == report
    assert len(report["facts"]) == len(FACTS)


def test_a_table_that_cannot_be_read_has_its_reason_in_place_of_numbers() -> None:
    app = patient()
    app.webhook.may_not_read.add("quote")
    report = as_json(examined(app))
    (quotes,) = [one for one in report["tables"] if one["table"] == "quotes"]
    assert (quotes["problem"], quotes["first_sync"]) == ("NoAccess", None)
    assert "| `quotes` | NoAccess |" in as_markdown(report)


def test_counts_are_rounded() -> None:
    report = as_json(examined(patient(deals=1234)))
    rows = {one["table"]: one["rows"] for one in report["tables"]}
    assert rows["deals"] == 1200


@pytest.mark.parametrize("fact", ["", "values_fit_their_columns", "small_tables_are_whole", "types_of_custom_fields"])
def test_the_report_holds_no_token_no_host_and_nothing_of_any_record(fact: str) -> None:
    app = patient()
    secret = "Zqx7 & <Secret>"
    for name in ("deal", "contact", "company", "lead"):
        text = "NAME" if name == "contact" else "TITLE"
        for number in list(app.portal.tables[name].ids)[-60:]:
            app.portal.update(name, number, **{text: secret, "COMMENTS": secret})
    for fields in app.portal.user_fields.values():
        for field in fields:
            field.labels = dict.fromkeys(field.labels, secret)
    if fact:
        turn_round(app, fact)
    page = json.dumps(report := as_json(examined(app)), ensure_ascii=False) + as_markdown(report)
    codes = {one.name for fields in app.portal.user_fields.values() for one in fields}
    ids = {str(number) for number in app.portal.tables["deal"].ids if number > 100}
    words = set(re.findall(r"[\w@.]+", page))
    assert secret not in page
    assert "portal.test" not in page
    assert app.webhook.token not in page
    assert not codes & words
    assert not ids & (words - {str(one) for table in report["tables"] for one in table.values()} - _OWN_NUMBERS)


_OWN_NUMBERS = {"120", "401", "403", "404", "480", "500", "503"}
