from source_bitrix24.catalog.table import Grouped
from source_bitrix24.sync.grouped_job import GroupedJob
from source_bitrix24.sync.state import StreamState
from unit_tests.sync.portal import TABLE, context_of, portal_of, rows_of, steps_of


def test_the_rows_of_a_request_come_in_a_step_and_the_state_behind_all() -> None:
    app, table = portal_of(3000), TABLE["addresses"]
    assert isinstance(table, Grouped)
    steps = steps_of(GroupedJob(context_of(app), table))
    assert [bool(step.states) for step in steps] == [False] * (len(steps) - 1) + [True]
    assert len(steps) > 2
    assert steps[-1].states == {"addresses": StreamState()}
    rows = rows_of(steps, "addresses")
    assert len(rows) == len({tuple(row[name] for name in table.key) for row in rows})
