import json
from pathlib import Path

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.messages import Request, Response
from emulator.store import sample_portal
from integration_tests.harness import Connector, errors, records, states

TABLES = {
    "deal_custom_field_definitions": "crm.deal.userfield.list",
    "deal_pipelines": "crm.category.list",
    "deal_pipeline_stages": "crm.status.list",
}


class Paging(App):
    """A portal that begins to page the answers of a method."""

    pages = ""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if b'"cmd"' not in request.body or not self.pages:
            return response
        answer = json.loads(response.body)
        result = answer["result"]
        for key in [key for key in result["result"] if key.startswith(self.pages)]:
            result["result_total"] = dict(result["result_total"] or {}) | {key: 1000}
            result["result_next"] = dict(result["result_next"] or {}) | {key: 50}
        return Response.json(answer)


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    return Connector(Paging(sample_portal(PlayedClock(), deals=5)), tmp_path)


def test_stages_are_those_of_deals_and_of_nothing_else(connector: Connector) -> None:
    rows = records(connector.read("deal_pipeline_stages"), "deal_pipeline_stages")
    assert {row["ENTITY_ID"] for row in rows} == {"DEAL_STAGE", "DEAL_STAGE_1", "DEAL_STAGE_4"}
    codes = [stage.code for pipeline in connector.app.portal.pipelines for stage in pipeline.stages]
    assert [row["STATUS_ID"] for row in rows] == codes


@pytest.mark.parametrize("table", TABLES)
def test_every_sync_reads_the_whole_table(connector: Connector, table: str) -> None:
    first = connector.read(table)
    state = [message["state"] for message in first if message["type"] == "STATE"]
    assert records(first, table)
    assert records(connector.read(table, state=state), table) == records(first, table)


@pytest.mark.parametrize(("table", "method"), TABLES.items())
def test_an_answer_with_further_pages_is_an_error(connector: Connector, table: str, method: str) -> None:
    connector.streams()
    assert isinstance(connector.app, Paging)
    connector.app.pages = method
    messages = connector.read(table)
    assert connector.exit_code == 1
    assert errors(messages)[0]["failure_type"] == "system_error"
    assert f"{method}: only " in errors(messages)[0]["message"]
    assert (records(messages, table), states(messages, table)) == ([], [])


def test_a_pipeline_that_is_deleted_is_missing_from_the_next_sync(connector: Connector) -> None:
    pipelines = connector.app.portal.pipelines
    before = [row["ID"] for row in records(connector.read("deal_pipelines"), "deal_pipelines")]
    gone = pipelines.pop()
    after = [row["ID"] for row in records(connector.read("deal_pipelines"), "deal_pipelines")]
    assert before == [*after, gone.id]


def test_all_small_tables_of_a_sync_cost_one_request(connector: Connector) -> None:
    connector.streams()
    connector.app.log.clear()
    connector.read(*TABLES)
    assert len(connector.app.log) == 1
