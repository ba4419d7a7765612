"""The survey of a portal."""

import pytest

from demo.patient import patient
from emulator.app import App
from emulator.registry import RestError
from source_bitrix24.catalog.table import CustomFieldValues, PerParent, Scanned, Whole
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.doctor.known import Known, KnownWhole
from source_bitrix24.doctor.survey import counting, survey
from source_bitrix24.portal.errors import BadWebhook, NoAccess
from source_bitrix24.portal.keyset import Listing
from unit_tests.doctor.test_line import line_to


def surveyed(app: App) -> Known:
    known = Known(TABLES)
    survey(known, line_to(app))
    return known


def test_every_list_of_the_catalog_is_read_once_and_counted() -> None:
    app = patient()
    known = surveyed(app)
    names = {name for one in known.lists for name in one.tables}
    smart = {"smart_process_130", "smart_process_1030", "smart_process_1036", "smart_process_stage_history"}
    assert names == {table.name for table in TABLES if isinstance(table, (Scanned, CustomFieldValues))} | smart
    counts = {one.tables[0]: one.count for one in known.lists}
    assert counts["deals"] == len(list(app.portal.visible("deal")))
    assert counts["catalogs"] == 2


def test_a_page_has_the_servers_seconds_and_its_size() -> None:
    deals = surveyed(patient()).list_of("crm.deal.list")
    assert deals
    assert len(deals.rows) == 50
    assert deals.page_seconds == pytest.approx(0.035, abs=1e-3)
    assert deals.page_bytes > 10_000


def test_the_newest_rows_of_the_list_of_deals_are_tried_on() -> None:
    app = patient()
    sample = surveyed(app).sample
    assert sample
    assert sample.method == "crm.deal.list"
    newest = sorted((row["ID"] for row in app.portal.visible("deal")), reverse=True)
    assert list(sample.ids) == newest[:150]


def test_a_portal_without_deals_is_tried_on_its_longest_list() -> None:
    sample = surveyed(patient(deals=2, contacts=60, leads=20)).sample
    assert sample
    assert (sample.method, len(sample.ids)) == ("crm.contact.list", 60)


def test_pages_that_end_too_early_are_followed_and_counted() -> None:
    app = patient()
    app.fault("short_page", method="crm.deal.list", at=4, times=1)
    sample = surveyed(app).sample
    assert sample
    assert len(sample.ids) == 150 or sample.short_pages


def test_owners_and_small_tables_are_asked_too() -> None:
    known = surveyed(patient())
    of_items = {"crm.item.productrow.list"}
    assert known.sets.keys() == {table.method for table in TABLES if isinstance(table, PerParent)} | of_items
    assert known.filled_sets("crm.deal.productrows.get")
    further = {"addresses", "custom_field_options", "smart_process_types", "smart_process_pipelines"}
    wholes = {table.name for table in TABLES if isinstance(table, Whole)}
    assert known.whole.keys() == wholes - {"departments"} | further  # for which the webhook lacks the permission
    pipelines = known.whole["deal_pipelines"]
    assert isinstance(pipelines, KnownWhole)
    assert (pipelines.rows, pipelines.total, pipelines.more) == (3, 3, False)


def test_a_list_that_may_not_be_read_keeps_its_reason_and_costs_no_other() -> None:
    app = patient()
    app.webhook.may_not_read.add("quote")
    known = surveyed(app)
    quotes = next(one for one in known.lists if "quotes" in one.tables)
    assert isinstance(quotes.error, NoAccess)
    assert known.list_of("crm.deal.list")
    assert "crm.quote.productrows.get" not in known.sets


def test_a_portal_that_refuses_everything_ends_the_survey() -> None:
    app = patient()
    app.webhook.refusal = RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)
    with pytest.raises(BadWebhook):
        surveyed(app)


def test_a_large_table_is_counted_in_a_request_of_its_own() -> None:
    app = patient(activities=250_000)
    surveyed(app)
    counts = [entry.methods for entry in app.log if entry.method == "batch" and sum(entry.methods.values()) == 1]
    assert {"crm.activity.list": 1} in [dict(one) for one in counts]


def test_a_window_is_counted_between_its_bounds() -> None:
    command = counting(Listing("crm.deal.list", params={"x": 1}), 10, 20)
    assert command.params["filter"] == {">ID": 10, "<=ID": 20}
    assert (command.params["start"], command.params["x"]) == (0, 1)
