"""Rows of tables that are counted, and of those that are estimated from the newest records."""

from source_bitrix24.doctor.known import Known
from source_bitrix24.doctor.sizes import rows_of_table
from unit_tests.doctor.examined import healthy


def test_every_table_of_a_healthy_portal_has_a_number_of_rows() -> None:
    known = healthy().known
    sizes = {table.name: rows_of_table(known, table) for table in known.tables}
    assert None not in sizes.values()
    assert sizes["deals"] == 171
    assert sizes["smart_process_130"]
    assert sizes["smart_process_stage_history"]


def test_what_was_not_asked_has_no_number() -> None:
    tables = healthy().known.tables
    assert {rows_of_table(Known(tables), table) for table in tables} == {None}
