from pages.counts import in_short, read_in_full
from source_bitrix24.catalog.tables import TABLES


def test_the_counts_are_those_of_the_tables() -> None:
    incremental = [table for table in TABLES if table.cursor]
    assert f"{len(TABLES)} typed tables" in in_short()
    assert f"{len(incremental)} of them are incremental" in in_short()


def test_tables_without_a_cursor_are_named() -> None:
    named = {table.name for table in TABLES if f"`{table.name}`" in read_in_full()}
    assert named == {table.name for table in TABLES if not table.cursor}
