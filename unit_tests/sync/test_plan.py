from datetime import UTC, datetime
from typing import Any

import pytest

from source_bitrix24.catalog.table import CustomFieldValues, PerParent, Scanned, Table, Whole
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.sync.plan import Plan, plan
from source_bitrix24.sync.state import StreamState

DEALS = Scanned("deals", "crm.deal.list", "DATE_MODIFY", fields_of="deal", select=("*",))
DEAL_VALUES = CustomFieldValues("deal_values", "crm.deal.list", "DATE_MODIFY", fields_of="deal")
MORE_DEAL_VALUES = CustomFieldValues("more_deal_values", "crm.deal.list", "DATE_MODIFY", fields_of="deal")
LEADS = Scanned("leads", "crm.lead.list", "DATE_MODIFY", fields_of="lead")
PRODUCTS = Scanned("products", "crm.product.list", fields_of="product")
ROWS = PerParent("rows", "crm.deal.productrows.get", "DATE_MODIFY", parent_list="crm.deal.list", parent_key="OWNER_ID")
PIPELINES = Whole("pipelines", "crm.category.list")


def state(hour: int, max_id: int = 50, **more: Any) -> dict[str, Any]:
    return {"DATE_MODIFY": f"2026-11-23T{hour:02}:00:00+00:00", "max_id": max_id, **more}


def finished(hour: int, max_id: int = 50) -> StreamState:
    return StreamState(datetime(2026, 11, 23, hour, tzinfo=UTC), max_id)


def jobs(planned: Plan) -> list[tuple[list[str], StreamState]]:
    return [([table.name for table in job.tables], job.state) for job in planned.jobs]


def test_tables_that_share_no_list_have_a_job_each_in_their_order() -> None:
    assert jobs(plan([PIPELINES, LEADS, ROWS, DEALS, PRODUCTS], {})) == [
        ([name], StreamState()) for name in ("pipelines", "leads", "rows", "deals", "products")
    ]


@pytest.mark.parametrize("tables", [(DEALS, LEADS, DEAL_VALUES), (DEAL_VALUES, LEADS, DEALS)])
def test_tables_made_of_the_rows_of_one_list_share_a_job(tables: tuple[Table, ...]) -> None:
    assert jobs(plan(tables, {})) == [([tables[0].name, tables[2].name], StreamState()), (["leads"], StreamState())]


def test_a_job_starts_from_the_earliest_state_of_its_tables() -> None:
    planned = plan([DEALS, DEAL_VALUES], {"deals": state(11, 40), "deal_values": state(10, 60)})
    assert jobs(planned) == [(["deals", "deal_values"], finished(10, 40))]


def test_tables_in_the_middle_of_the_same_scan_share_the_rest_of_it() -> None:
    saved = state(10, scan={"mark": "2026-11-23T12:00:00+00:00", "max_id": 60, "below": 30})
    ((names, common),) = jobs(plan([DEALS, DEAL_VALUES], {"deals": saved, "deal_values": saved}))
    assert (names, common) == (["deals", "deal_values"], StreamState.load(saved, "DATE_MODIFY"))


@pytest.mark.parametrize(
    "other", [{}, state(14), state(10, scan={"mark": "2026-11-23T12:00:00+00:00", "max_id": 60, "below": 30})]
)
def test_tables_whose_states_lie_far_apart_have_a_job_each_from_their_own_state(other: dict[str, Any]) -> None:
    planned = plan([DEALS, DEAL_VALUES], {"deals": state(10), "deal_values": other})
    assert jobs(planned) == [
        (["deals"], finished(10)),
        (["deal_values"], StreamState.load(other, "DATE_MODIFY")),
    ]


def test_tables_of_values_share_no_job_without_the_table_that_has_all_columns() -> None:
    planned = plan([DEAL_VALUES, MORE_DEAL_VALUES], {})
    assert jobs(planned) == [(["deal_values"], StreamState()), (["more_deal_values"], StreamState())]


@pytest.mark.parametrize("bad", ["deals", "deal_values", "leads"])
def test_a_table_with_a_bad_state_is_left_out_and_the_others_are_read(bad: str) -> None:
    saved = {name: state(10) for name in ("deals", "deal_values", "leads")} | {bad: {"max_id": "many"}}
    planned = plan([DEALS, DEAL_VALUES, LEADS], saved)
    assert list(planned.bad_states) == [bad]
    left = [name for names, _ in jobs(planned) for name in names]
    assert left == [name for name in ("deals", "deal_values", "leads") if name != bad]
    assert {common for _, common in jobs(planned)} == {finished(10)}


def test_no_tables_need_no_jobs() -> None:
    assert plan([], {}) == Plan((), {})


def test_every_table_of_the_connector_is_in_one_job() -> None:
    names = [name for names, _ in jobs(plan(TABLES, {})) for name in names]
    assert sorted(names) == sorted(table.name for table in TABLES)
    assert len(jobs(plan(TABLES, {}))) == len(TABLES) - 5
