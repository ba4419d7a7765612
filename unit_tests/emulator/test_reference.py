from typing import Any

import pytest

from emulator.reference import STAGE_CODES, Pipeline, directory_rows, sample_pipeline, sample_pipelines

STAGE: dict[str, Any] = {"NAME_INIT": "", "SYSTEM": "N", "COLOR": "#39A8EF"}


@pytest.mark.parametrize(
    ("number", "directory", "codes"),
    [
        (0, "DEAL_STAGE", ["NEW", "PREPARATION", "EXECUTING", "WON", "LOSE"]),
        (4, "DEAL_STAGE_4", ["C4:NEW", "C4:PREPARATION", "C4:EXECUTING", "C4:WON", "C4:LOSE"]),
    ],
)
def test_the_stages_of_a_pipeline_have_their_own_directory(number: int, directory: str, codes: list[str]) -> None:
    pipeline = sample_pipeline(number, "Any")
    assert (pipeline.directory, [stage.code for stage in pipeline.stages]) == (directory, codes)  # P12.4
    assert [stage.semantics for stage in pipeline.stages] == [None, None, None, "S", "F"]


def test_the_default_pipeline_lacks_two_keys() -> None:
    default, other = Pipeline(0, "Sales").as_row(), Pipeline(3, "More").as_row()
    assert default == {"id": 0, "name": "Sales", "sort": 500, "entityTypeId": 2, "isDefault": "Y"}
    assert other == {**default, "id": 3, "name": "More", "isDefault": "N", "originId": "", "originatorId": ""}  # P12


def test_a_stage_is_a_row_of_its_directory_and_all_values_are_text() -> None:
    rows = directory_rows([sample_pipeline(0, "Sales"), sample_pipeline(2, "More")])
    assert [rows[0], rows[8], rows[9]] == [
        {
            **STAGE,
            "ID": "101",
            "ENTITY_ID": "DEAL_STAGE",
            "STATUS_ID": "NEW",
            "NAME": "New",
            "SORT": "10",
            "CATEGORY_ID": None,
            "SEMANTICS": None,
            "EXTRA": {"SEMANTICS": "process", "COLOR": "#39A8EF"},
        },
        {
            **STAGE,
            "ID": "117",
            "ENTITY_ID": "DEAL_STAGE_2",
            "STATUS_ID": "C2:WON",
            "NAME": "Deal won",
            "SORT": "40",
            "CATEGORY_ID": "2",
            "SEMANTICS": "S",
            "EXTRA": {"SEMANTICS": "success", "COLOR": "#39A8EF"},
        },
        {
            **STAGE,
            "ID": "119",
            "ENTITY_ID": "DEAL_STAGE_2",
            "STATUS_ID": "C2:LOSE",
            "NAME": "Deal lost",
            "SORT": "50",
            "CATEGORY_ID": "2",
            "SEMANTICS": "F",
            "EXTRA": {"SEMANTICS": "failure", "COLOR": "#39A8EF"},
        },
    ]  # P12.4


def test_other_directories_have_no_pipeline() -> None:
    rows = directory_rows(sample_pipelines())
    others = [row for row in rows if not row["ENTITY_ID"].startswith("DEAL_STAGE")]
    assert {row["ENTITY_ID"] for row in others} == set(STAGE_CODES)
    assert {(row["CATEGORY_ID"], row["SEMANTICS"], "EXTRA" in row) for row in others} == {(None, None, False)}
    assert len({row["ID"] for row in rows}) == len(rows)
    assert len({(row["ENTITY_ID"], row["STATUS_ID"]) for row in rows}) == len(rows)
