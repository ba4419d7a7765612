import pytest

from emulator.app import App
from source_bitrix24.catalog.table import Whole
from source_bitrix24.portal import errors
from source_bitrix24.sync.state import StreamState
from source_bitrix24.sync.whole_job import WholeJob
from unit_tests.mounted import eventually
from unit_tests.sync.portal import TABLE, context_of, portal_of, rows_of, steps_of


def whole(name: str) -> Whole:
    table = TABLE[name]
    assert isinstance(table, Whole)
    return table


@pytest.fixture
def app() -> App:
    return portal_of(5)


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_small_table_comes_in_one_step_with_an_empty_state(app: App, lanes: int) -> None:
    (step,) = steps_of(WholeJob(context_of(app, lanes), whole("deal_pipelines")))
    assert [row["ID"] for row in rows_of([step], "deal_pipelines")] == [
        pipeline.id for pipeline in app.portal.pipelines
    ]
    assert step.states == {"deal_pipelines": StreamState()}


def test_only_the_rows_that_belong_to_a_table_are_in_it(app: App) -> None:
    rows = rows_of(steps_of(WholeJob(context_of(app), whole("deal_pipeline_stages"))), "deal_pipeline_stages")
    codes = [stage.code for pipeline in app.portal.pipelines for stage in pipeline.stages]
    assert [row["STATUS_ID"] for row in rows] == codes
    assert {row["ENTITY_ID"].partition("_STAGE")[0] for row in rows} == {"DEAL"}


def test_all_small_tables_share_one_request(app: App) -> None:
    context = context_of(app)
    for name in ("deal_pipelines", "deal_pipeline_stages", "deal_custom_field_definitions"):
        assert rows_of(steps_of(WholeJob(context, whole(name))), name)
    assert len(app.log) == 1


@pytest.mark.parametrize(("lanes", "is_sent"), [(1, False), (4, True)])
def test_the_request_is_prefetched_where_there_are_lanes(app: App, lanes: int, is_sent: bool) -> None:
    job = WholeJob(context_of(app, lanes), whole("deal_pipelines"))
    assert job.prefetch() is is_sent
    assert eventually(lambda: len(app.log) == is_sent)
    assert steps_of(job)
    assert len(app.log) == 1


def test_a_refusal_is_raised(app: App) -> None:
    app.webhook.may_not_read = {"crm.category.list"}
    with pytest.raises(errors.NoAccess):
        steps_of(WholeJob(context_of(app), whole("deal_pipelines")))
