from source_bitrix24.catalog.table import ByType
from source_bitrix24.catalog.tables import TABLES


def test_the_part_of_one_type_has_the_name_key_and_cursor_of_its_table() -> None:
    tables = [table for table in TABLES if isinstance(table, ByType)]
    assert len(tables) == 2
    for table in tables:
        part = table.of(130)
        assert (part.name, part.key, part.cursor, part.method) == (table.name, table.key, table.cursor, table.method)
