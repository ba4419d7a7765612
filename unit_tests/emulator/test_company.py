from datetime import timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from statistics import median
from typing import Any

import pytest

from emulator.clock import PlayedClock
from emulator.company import moment_of, seconds_of
from emulator.fields import CREATED, MODIFIED
from emulator.methods.classic import LISTS
from emulator.store import Portal, sample_portal
from emulator.words import PLACES

TIMED = [name for name, column in CREATED.items() if column]


def rows(portal: Portal, name: str) -> list[dict[str, Any]]:
    return list(portal.tables[name])


@pytest.mark.parametrize("name", CREATED)
def test_a_company_depends_only_on_its_seed(name: str) -> None:
    first, again, other = (sample_portal(PlayedClock(), deals=30, seed=seed) for seed in (1, 1, 2))
    assert rows(first, name) == rows(again, name)
    if name != "catalog":
        assert rows(first, name) != rows(other, name)


@pytest.mark.parametrize("holes", [0.0, 0.5])
def test_ids_ascend_with_gaps(holes: float) -> None:
    ids = sample_portal(PlayedClock(), deals=200, holes=holes).tables["deal"].sample.ids
    assert len(ids) == 200
    assert all(lower < higher for lower, higher in pairwise(ids))
    assert (ids[-1] == 200) is (holes == 0)


@pytest.mark.parametrize("name", TIMED)
def test_creation_times_ascend_with_ids_and_the_newest_change_is_a_day_old(sample: Portal, name: str) -> None:
    table = sample.tables[name]
    rows = [table.sample.row(number) for number in table.sample.ids]
    created = [row[CREATED[name]] for row in rows]
    if not name.endswith("history"):
        assert created == sorted(created)
    modified = [(row[CREATED[name]], row[MODIFIED[name]]) for row in rows if row[MODIFIED[name]]]  # P15.5
    assert all(created <= changed for created, changed in modified)
    assert max(changed for _, changed in modified) <= sample.now() - timedelta(days=1)


@pytest.mark.parametrize("name", TIMED)
def test_the_modification_time_is_known_without_the_row(sample: Portal, name: str) -> None:
    table = sample.tables[name]
    for number in table.sample.ids:
        modified = table.sample.row(number)[MODIFIED[name]]
        assert moment_of(table.sample.modified(number)) == (modified or moment_of(0))
    assert seconds_of(moment_of(5)) == 5


@pytest.mark.parametrize("name", CREATED)
def test_a_row_holds_exactly_its_columns(sample: Portal, name: str) -> None:
    table = sample.tables[name]
    columns = set(table.fields)
    for row in table:
        assert set(row) == columns


@pytest.mark.parametrize("name", LISTS)
def test_rows_of_a_variant_differ_only_in_the_columns_that_depend_on_the_id(sample: Portal, name: str) -> None:
    generated = sample.tables[name].sample
    for number in generated.ids[:20]:
        variant = generated.variants[generated.variant_of(number)]
        fixed = {column: value for column, value in generated.row(number).items() if column not in generated.id_columns}
        assert fixed == {column: value for column, value in variant.items() if column not in generated.id_columns}


@pytest.mark.parametrize(
    ("name", "column", "other"),
    [
        ("deal", "COMPANY_ID", "company"),
        ("deal", "CONTACT_ID", "contact"),
        ("deal", "LEAD_ID", "lead"),
        ("quote", "DEAL_ID", "deal"),
        ("contact", "COMPANY_ID", "company"),
        ("deal", "QUOTE_ID", "quote"),
        ("quote", "LEAD_ID", "lead"),
        ("company", "LEAD_ID", "lead"),
        ("contact", "LEAD_ID", "lead"),
        ("stage_history", "OWNER_ID", "deal"),
    ],
)
def test_links_point_to_existing_rows_and_some_are_empty(sample: Portal, name: str, column: str, other: str) -> None:
    found = {row[column] for row in sample.tables[name]}
    assert {number for number in found if number is not None and number not in sample.tables[other]} == set()
    assert (None in found) is (column != "OWNER_ID")


def test_a_deal_is_in_a_stage_of_its_pipeline_and_all_stages_are_used(sample: Portal) -> None:
    stages = {
        (pipeline.id, stage.code, stage.semantics or "P") for pipeline in sample.pipelines for stage in pipeline.stages
    }
    deals = [row for row in sample.tables["deal"] if not row["IS_RECURRING"]]
    assert {(row["CATEGORY_ID"], row["STAGE_ID"], row["STAGE_SEMANTIC_ID"]) for row in deals} == stages


def sample_rows(portal: Portal, name: str) -> list[dict[str, Any]]:
    """The rows that the sample has made."""
    return [row for row in portal.tables[name] if row["ID"] not in portal.tables[name].edited]


def test_a_deal_is_closed_if_it_is_won_or_lost_and_on_the_day_of_its_last_move(sample: Portal) -> None:
    for deal in sample_rows(sample, "deal"):
        assert deal["CLOSED"] is (deal["STAGE_SEMANTIC_ID"] != "P")
        assert not deal["CLOSED"] or deal["CLOSEDATE"] == deal["MOVED_TIME"].date()
        assert deal["DATE_CREATE"] <= deal["MOVED_TIME"] <= deal["DATE_MODIFY"]


def test_a_deal_goes_through_different_stages_and_stays_days_in_each(sample: Portal) -> None:
    deals = {deal["ID"]: deal for deal in sample_rows(sample, "deal")}
    days = []
    for owner, moves in groupby(sample_rows(sample, "stage_history"), lambda move: move["OWNER_ID"]):
        entries = list(moves)
        assert len({entry["STAGE_ID"] for entry in entries}) == len(entries)
        assert [entry["TYPE_ID"] == 1 for entry in entries] == [True] + [False] * (len(entries) - 1)
        assert {entry["STAGE_SEMANTIC_ID"] for entry in entries[:-1]} <= {"P"}
        assert (entries[-1]["STAGE_ID"], entries[-1]["CREATED_TIME"]) == (
            deals[owner]["STAGE_ID"],
            deals[owner]["MOVED_TIME"],
        )
        days += [(left["CREATED_TIME"] - entered["CREATED_TIME"]).days for entered, left in pairwise(entries)]
    assert (min(days) >= 0, max(days) <= 15, 2 <= median(days) <= 12) == (True, True, True)


@pytest.mark.parametrize("name", ["deal", "lead", "quote"])
def test_the_amount_is_the_total_of_the_product_rows(sample: Portal, name: str) -> None:
    totals = 0
    for row in sample_rows(sample, name):
        sold = sample.product_rows(name, row["ID"])
        totals += bool(sold)
        assert not sold or row["OPPORTUNITY"] == sum((one["PRICE"] * one["QUANTITY"] for one in sold), Decimal(0))
    assert totals > 10


def test_product_rows_sell_what_the_catalogue_holds_or_a_service(sample: Portal) -> None:
    products = {product["ID"]: product for product in rows(sample, "product")}
    sold = [row for deal in sample.tables["deal"].ids for row in sample.product_rows("deal", deal)]
    for row in sold:
        product = products.get(row["PRODUCT_ID"])
        assert (product is None) is (row["PRODUCT_ID"] == 0)
        assert product is None or (product["NAME"], product["PRICE"]) == (row["PRODUCT_NAME"], row["PRICE"])
    assert {row["PRODUCT_ID"] == 0 for row in sold} == {True, False}


@pytest.mark.parametrize("name", ["lead", "contact", "company"])
def test_the_parts_of_an_address_belong_together(sample: Portal, name: str) -> None:
    places = {tuple(place.address.values()) for place in PLACES}
    columns = [f"ADDRESS{part}" for part in PLACES[0].address]
    assert {tuple(row[column] for column in columns) for row in sample_rows(sample, name)} == places


def test_activities_are_calls_meetings_mails_and_tasks_of_records_that_exist(sample: Portal) -> None:
    objects = {1: "lead", 2: "deal", 3: "contact", 4: "company"}
    found = rows(sample, "activity")
    for row in found:
        assert row["OWNER_ID"] in sample.tables[objects[row["OWNER_TYPE_ID"]]]
        assert row["START_TIME"] <= row["END_TIME"] <= row["DEADLINE"]
        assert (row["STATUS"] == 2) is row["COMPLETED"]
        assert (row["DIRECTION"] in (1, 2)) is (row["TYPE_ID"] in (2, 4))
    assert {(row["TYPE_ID"], row["PROVIDER_ID"]) for row in found} == {
        (1, "CRM_MEETING"),
        (2, "VOXIMPLANT_CALL"),
        (4, "CRM_EMAIL"),
        (6, "CRM_TODO"),
    }
    assert {row["OWNER_TYPE_ID"] for row in found} == set(objects)


@pytest.mark.parametrize(("name", "column"), [("contact", "NAME"), ("company", "TITLE")])
def test_people_write_in_their_own_script_and_programs_in_latin_letters(sample: Portal, name: str, column: str) -> None:
    found = sample_rows(sample, name)
    assert {row[column].isascii() for row in found} == {True, False}
    assert all((row["ORIGIN_ID"] or "").isascii() and (row["UTM_SOURCE"] or "").isascii() for row in found)
    assert all(row["HAS_PHONE"] is bool(row["PHONE"]) for row in found)


def test_an_empty_company_has_no_rows_and_no_links(portal: Portal) -> None:
    for table in portal.tables.values():
        assert (list(table.sample.ids), table.sample.id_columns) == ([], frozenset())
    assert portal.tables["deal"].sample.link("company", 5) is None
