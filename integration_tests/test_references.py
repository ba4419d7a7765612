"""The references that the diagrams draw, on the rows of the emulator: a join finds the other table's row."""

from collections import Counter

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import Portal, sample_portal
from integration_tests.harness import Connector, Message, records
from pages.references import Reference, keyed_tables, references

_HAVE_HIDDEN_ROWS = {"deals": "deal", "contacts": "contact", "companies": "company"}
REFERENCES = references(keyed_tables())


def _id(reference: Reference) -> str:
    return f"{reference.table}.{reference.column}"


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Connector, list[Message]]:
    connector = Connector(App(sample_portal(PlayedClock(), deals=200)), tmp_path_factory.mktemp("read"))
    connector.app.limits.bucket.enabled = False
    return connector, connector.read()


def _left_out(portal: Portal, table: str) -> set[int]:
    """The IDs of rows that a list leaves out unasked: the one gap in the references (P2.18)."""
    name = _HAVE_HIDDEN_ROWS.get(table)
    return set(portal.tables[name].ids) - {row["ID"] for row in portal.visible(name)} if name else set()


@pytest.mark.parametrize("reference", REFERENCES, ids=_id)
def test_every_value_of_a_reference_is_found_in_the_other_table(
    read: tuple[Connector, list[Message]], reference: Reference
) -> None:
    values = {row.get(reference.column) for row in records(read[1], reference.table)} - {None}
    found = {row[reference.to_column] for row in records(read[1], reference.to_table)}
    assert values, "no row has a value, so nothing is tested"
    assert values - found <= _left_out(read[0].app.portal, reference.to_table)


@pytest.mark.parametrize("reference", REFERENCES, ids=_id)
def test_both_ends_of_a_reference_have_the_same_type(
    read: tuple[Connector, list[Message]], reference: Reference
) -> None:
    def type_of(table: str, column: str) -> set[str]:
        (schema,) = [stream["json_schema"] for stream in read[0].streams() if stream["name"] == table]
        types = schema["properties"][column]["type"]
        return {types} - {"null"} if isinstance(types, str) else set(types) - {"null"}

    ends = type_of(reference.table, reference.column), type_of(reference.to_table, reference.to_column)
    assert ends[0] == ends[1]


def test_every_stage_finds_its_pipeline_also_those_of_the_default_one(read: tuple[Connector, list[Message]]) -> None:
    stages = Counter(row["CATEGORY_ID"] for row in records(read[1], "deal_pipeline_stages"))
    assert stages == {pipeline.id: len(pipeline.stages) for pipeline in read[0].app.portal.pipelines}
    assert 0 in stages
