from datetime import datetime

import pytest

from emulator.app import App
from source_bitrix24.catalog.table import CustomFieldValues, Scanned
from source_bitrix24.portal import errors
from source_bitrix24.sync.list_job import ListJob
from source_bitrix24.sync.outputs import ListTable
from source_bitrix24.sync.state import StreamState
from source_bitrix24.sync.step import Step
from unit_tests.mounted import eventually, methods_sent
from unit_tests.sync.portal import TABLE, context_of, portal_of, rows_of, steps_of, visible


def list_table(name: str) -> ListTable:
    table = TABLE[name]
    assert isinstance(table, (Scanned, CustomFieldValues))
    return table


DEALS, VALUES, PRODUCTS = list_table("deals"), list_table("deal_custom_field_values"), list_table("products")


@pytest.fixture
def app() -> App:
    app = portal_of(700)
    del app.portal.user_fields["deal"][4:]
    return app


@pytest.mark.parametrize("lanes", [1, 4])
def test_one_list_is_read_once_for_all_tables_that_are_made_of_its_rows(app: App, lanes: int) -> None:
    steps = steps_of(ListJob(context_of(app, lanes), (DEALS, VALUES), StreamState()))
    assert [row["ID"] for row in rows_of(steps, "deals")] == visible(app)
    deals = app.portal.tables["deal"]
    filled = [
        (number, field.name)
        for number in visible(app)
        for field in app.portal.user_fields["deal"]
        if deals.row(number).get(field.name) not in (None, [], "")
    ]
    assert [(row["ID"], row["FIELD_NAME"]) for row in rows_of(steps, "deal_custom_field_values")] == filled
    assert methods_sent(app)["crm.deal.list"] <= 10 + 20


def test_each_step_has_the_rows_of_all_its_tables_and_the_same_state_for_each(app: App) -> None:
    steps = steps_of(ListJob(context_of(app), (DEALS, VALUES), StreamState()))
    for step in steps:
        assert set(step.rows) in (set(), {"deals", "deal_custom_field_values"})
        assert len(set(step.states.values())) <= 1
    assert steps[-1].states.keys() == {"deals", "deal_custom_field_values"}
    assert all(state.scan is None for state in steps[-1].states.values())


def test_a_state_covers_exactly_the_rows_of_the_steps_before_it(app: App) -> None:
    steps = steps_of(ListJob(context_of(app), (DEALS,), StreamState()))
    seen: set[int] = set()
    states = 0
    for step in steps:
        seen |= {row["ID"] for row in rows_of([step], "deals")}
        for state in step.states.values():
            states += 1
            below = (state.scan.below if state.scan else 1) or 1
            assert seen == {number for number in visible(app) if number >= below}
    assert states >= 2


def test_records_are_typed_by_the_configured_catalog(app: App) -> None:
    row = rows_of(steps_of(ListJob(context_of(app), (DEALS,), StreamState())), "deals")[0]
    assert isinstance(row["ID"], int)
    assert isinstance(row["OPPORTUNITY"], float)
    assert methods_sent(app)["crm.deal.fields"] == 0


def test_a_list_without_news_gives_only_a_state_and_needs_no_columns(app: App) -> None:
    state = steps_of(ListJob(context_of(app), (DEALS, VALUES), StreamState()))[-1].states["deals"]
    app.portal.clock.sleep(3600)
    app.log.clear()
    steps = steps_of(ListJob(context_of(app), (DEALS, VALUES), state))
    assert rows_of(steps, "deals") == []
    assert steps[-1].states.keys() == {"deals", "deal_custom_field_values"}
    assert methods_sent(app).keys() == {"crm.deal.list"}


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_table_whose_columns_are_refused_fails_alone(app: App, lanes: int) -> None:
    app.webhook.may_not_read = {"crm.deal.userfield.list"}
    steps = steps_of(ListJob(context_of(app, lanes), (DEALS, VALUES), StreamState()))
    failures = {name: error for step in steps for name, error in step.failures.items()}
    assert {name: type(error) for name, error in failures.items()} == {"deal_custom_field_values": errors.NoAccess}
    assert [row["ID"] for row in rows_of(steps, "deals")] == visible(app)
    assert steps[-1].states.keys() == {"deals"}


def test_a_job_whose_tables_all_fail_ends_without_rows_or_states(app: App) -> None:
    app.webhook.may_not_read = {"crm.deal.userfield.list"}
    steps = steps_of(ListJob(context_of(app), (VALUES,), StreamState()))
    assert [name for step in steps for name in step.failures] == ["deal_custom_field_values"]
    assert not any(step.rows or step.states for step in steps)


def test_a_refusal_of_the_list_is_raised_after_steps_that_stay_true(app: App) -> None:
    app.before("crm.deal.list", 12, lambda: app.webhook.may_not_read.add("deal"))
    job = ListJob(context_of(app), (DEALS,), StreamState())
    steps: list[Step | None] = []
    with pytest.raises(errors.NoAccess):
        steps.extend(iter(job.step, None))
    job.close()
    assert len([row for step in steps if step for row in rows_of([step], "deals")]) >= 500


@pytest.mark.parametrize(("lanes", "is_sent"), [(1, False), (4, True)])
def test_a_job_prefetches_its_list_and_on_a_first_sync_the_fields_that_it_needs(
    app: App, lanes: int, is_sent: bool
) -> None:
    job = ListJob(context_of(app, lanes), (VALUES,), StreamState())
    assert job.prefetch() is is_sent
    assert eventually(lambda: len(app.log) == (2 if is_sent else 0))
    job.close()


def test_a_later_sync_prefetches_no_fields_since_there_may_be_no_rows(app: App) -> None:
    now = datetime.fromtimestamp(app.portal.clock.now(), app.portal.wire.zone)
    job = ListJob(context_of(app, 4), (VALUES,), StreamState(now, visible(app)[0]))
    assert job.prefetch()
    assert eventually(lambda: len(app.log) == 1)
    assert not eventually(lambda: len(app.log) > 1, seconds=0.02)
    job.close()


def test_a_table_without_a_cursor_saves_its_progress_until_it_has_been_read(app: App) -> None:
    steps = steps_of(ListJob(context_of(app), (PRODUCTS,), StreamState()))
    assert [row["ID"] for row in rows_of(steps, "products")] == visible(app, "product")
    saved = steps[-1].states["products"].dump(None)
    assert (saved.pop("portal")["record"], saved) == (
        visible(app, "product")[0],
        {"__ab_full_refresh_sync_complete": True},
    )
