from datetime import timedelta
from itertools import pairwise

import pytest

from emulator.clock import PlayedClock
from emulator.company import moment_of, seconds_of
from emulator.fields import CREATED, MODIFIED
from emulator.methods.classic import LISTS
from emulator.store import Portal, sample_portal

TIMED = [name for name, column in CREATED.items() if column]


def rows(portal: Portal, name: str) -> list[dict[str, object]]:
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
    if name != "stage_history":
        assert created == sorted(created)
    assert all(row[CREATED[name]] <= row[MODIFIED[name]] for row in rows)
    assert max(row[MODIFIED[name]] for row in rows) <= sample.now() - timedelta(days=1)


@pytest.mark.parametrize("name", TIMED)
def test_the_modification_time_is_known_without_the_row(sample: Portal, name: str) -> None:
    table = sample.tables[name]
    for number in table.sample.ids:
        assert moment_of(table.sample.modified(number)) == table.sample.row(number)[MODIFIED[name]]
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
        ("stage_history", "OWNER_ID", "deal"),
        ("activity", "OWNER_ID", "deal"),
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


def test_an_empty_company_has_no_rows_and_no_links(portal: Portal) -> None:
    for table in portal.tables.values():
        assert (list(table.sample.ids), table.sample.id_columns) == ([], frozenset())
    assert portal.tables["deal"].sample.link("company", 5) is None
