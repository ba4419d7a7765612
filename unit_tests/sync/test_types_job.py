import logging

import pytest

from source_bitrix24.catalog.table import ByType
from source_bitrix24.sync.state import BadState, StreamState
from source_bitrix24.sync.types_job import TypesJob
from unit_tests.sync.portal import TABLE, context_of, portal_of, rows_of, steps_of


def by_type(name: str) -> ByType:
    table = TABLE[name]
    assert isinstance(table, ByType)
    return table


def test_each_step_has_the_states_of_all_types_so_far_and_the_last_one_forgets_types_that_are_gone() -> None:
    app, table = portal_of(60), by_type("smart_process_stage_history")
    gone = StreamState.load({"CREATED_TIME": "2026-01-01T00:00:00+03:00", "max_id": 5}, "CREATED_TIME")
    steps = steps_of(TypesJob(context_of(app), table, StreamState(types={999: gone})))
    states = [step.states[table.name] for step in steps if step.states]
    assert [sorted(state.types) for state in states] == [
        [31, 999],
        [31, 130, 999],
        [31, 130, 999, 1030],
        [31, 130, 1030],
    ]
    assert len(rows_of(steps, table.name)) > 60


def test_a_type_that_may_not_be_read_is_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    app, table = portal_of(60), by_type("smart_process_products")
    app.portal.smart_types[31].is_readable = False
    caplog.set_level(logging.WARNING)
    steps = steps_of(TypesJob(context_of(app), table, StreamState()))
    assert {row["OWNER_TYPE"] for row in rows_of(steps, table.name)} == {"T82"}
    assert "the type 31 is left out" in caplog.text


def test_the_state_of_types_is_saved_and_loaded() -> None:
    saved = {"types": {"31": {"CREATED_TIME": "2026-01-01T00:00:00+03:00", "max_id": 5}}, "portal": {"host": "a.test"}}
    assert StreamState.load(saved, "CREATED_TIME").dump("CREATED_TIME") == saved
    with pytest.raises(BadState):
        StreamState.load({"types": {"x": {}}}, "CREATED_TIME")
