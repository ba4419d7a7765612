"""Which of the connector's tables are in a DuckDB file."""

from dataclasses import dataclass
from pathlib import Path

import duckdb  # type: ignore[import-not-found]  # in analytics/.venv only

_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
_MOST_USED = "SELECT mode(currency_id) FROM main.deals"


@dataclass(frozen=True, slots=True)
class DuckDBTables:
    """`currency_without_rates`: if there are no rates, the currency that most deals are in."""

    names: tuple[str, ...]
    currency_without_rates: str | None = None

    @classmethod
    def of(cls, file: Path) -> "DuckDBTables":
        """Return what is in a file."""
        with duckdb.connect(str(file), read_only=True) as warehouse:
            names = tuple(sorted(name for (name,) in warehouse.sql(_TABLES).fetchall()))
            if "currencies" in names or "deals" not in names:
                return cls(names)
            return cls(names, warehouse.sql(_MOST_USED).fetchone()[0])
