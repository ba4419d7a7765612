"""How many rows each table has: counted, or about as many as the newest records show."""

from ..catalog.table import CustomFieldValues, PerParent, Scanned, Table
from ..portal.errors import PortalError
from .known import Known

_EMPTY: tuple[object, ...] = (None, "", False, [])


def rows_of_table(known: Known, table: Table) -> int | None:
    """Return the number of a table's rows; None where it is not known."""
    if table.name in known.parts:
        parts = known.parts[table.name]
        owned = [_owned(known, part) for part in parts if isinstance(part, PerParent)]
        counts = owned or [one.count for one in known.lists if table.name in one.tables]
        found = [count for count in counts if count is not None]
        return sum(found) if found or not parts else None
    if isinstance(table, PerParent):
        return _owned(known, table)
    if isinstance(table, (Scanned, CustomFieldValues)):
        one = next((one for one in known.lists if table.name in one.tables), None)
        if one is None or one.count is None or isinstance(table, Scanned):
            return one.count if one else None
        fields = sum(value not in _EMPTY for row in one.rows for name, value in row.items() if name.startswith("UF_"))
        return round(one.count * fields / max(1, len(one.rows)))
    answer = known.whole.get(table.name)
    return None if answer is None or isinstance(answer, PortalError) else answer.rows


def _owned(known: Known, table: PerParent) -> int | None:
    owners, sets = known.owners_of(table), known.sets.get(table.method)
    if owners is None or owners.count is None or (sets is None and owners.count):
        return None
    return round(owners.count * (sets.rows_each if sets else 0))
