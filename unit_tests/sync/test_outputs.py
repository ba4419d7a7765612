from datetime import UTC, datetime

from emulator.app import App
from source_bitrix24.catalog.table import CustomFieldValues, Scanned
from source_bitrix24.portal import errors
from source_bitrix24.sync.id_set import EMPTY, IdSet
from source_bitrix24.sync.outputs import Gone, Outputs
from source_bitrix24.sync.printed_rows import PrintedRows
from source_bitrix24.sync.state import StreamState
from unit_tests.sync.portal import TABLE, context_of, portal_of

NOW, LATER = datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 23, 13, tzinfo=UTC)
BOTH = frozenset({"deals", "deal_custom_field_values"})
FIELDS = frozenset({"UF_CRM_OLD"})


def outputs_of(app: App, detects: frozenset[str] = BOTH) -> Outputs:
    deals, values = TABLE["deals"], TABLE["deal_custom_field_values"]
    assert isinstance(deals, Scanned) and isinstance(values, CustomFieldValues)
    return Outputs(context_of(app, detects_deletions=detects), (deals, values), 0)


def portal() -> App:
    app = portal_of(5)
    del app.portal.user_fields["deal"][1:]
    return app


def test_a_row_that_is_gone_has_a_tombstone_in_each_table_and_for_each_field() -> None:
    app = portal()
    outputs = outputs_of(app)
    assert outputs.open() == {}
    name = app.portal.user_fields["deal"][0].name
    found = outputs.tombstones(Gone(IdSet.of([3]), frozenset(), EMPTY, NOW, LATER), FIELDS)
    times = {"DATE_MODIFY": "2026-11-23T13:00:00+00:00", "_ab_cdc_deleted_at": "2026-11-23T12:00:00+00:00"}
    assert {table: list(rows) for table, rows in found.items()} == {
        "deals": [{"ID": 3, **times}],
        "deal_custom_field_values": [{"ID": 3, "FIELD_NAME": one, **times} for one in sorted([name, "UF_CRM_OLD"])],
    }


def test_a_field_that_is_gone_has_a_tombstone_for_each_row() -> None:
    outputs = outputs_of(portal())
    outputs.open()
    found = outputs.tombstones(Gone(EMPTY, FIELDS, IdSet.of([3, 4]), NOW, NOW), FIELDS)
    assert found.keys() == {"deal_custom_field_values"}
    rows = list(found["deal_custom_field_values"])
    keys = [(row["ID"], row["FIELD_NAME"]) for row in rows if isinstance(row, dict)]
    assert keys == [(3, "UF_CRM_OLD"), (4, "UF_CRM_OLD")]


def test_only_tables_that_are_to_have_tombstones_have_them_and_keep_what_is_known() -> None:
    outputs = outputs_of(portal(), frozenset({"deals"}))
    outputs.open()
    found = outputs.tombstones(Gone(IdSet.of([3]), frozenset(), EMPTY, NOW, NOW), frozenset())
    assert found.keys() == {"deals"}
    states = outputs.states(StreamState(NOW, 5, rows=PrintedRows(IdSet.of([5]), fields=FIELDS)))
    assert (states["deals"].rows, states["deal_custom_field_values"].rows) == (PrintedRows(IdSet.of([5])), None)


def test_a_table_whose_columns_are_refused_has_neither_records_nor_states() -> None:
    app = portal()
    app.webhook.may_not_read = {"crm.deal.userfield.list"}
    outputs = outputs_of(app)
    assert {name: type(error) for name, error in outputs.open().items()} == {
        "deal_custom_field_values": errors.NoAccess
    }
    assert (outputs.open(), outputs.all_failed) == ({}, False)
    assert outputs.records([{"ID": "3"}]).keys() == outputs.states(StreamState(NOW)).keys() == {"deals"}
    assert outputs.tombstones(Gone(IdSet.of([3]), frozenset(), EMPTY, NOW, NOW), frozenset()).keys() == {"deals"}
