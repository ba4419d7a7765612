"""Sentences that count or list tables."""

from source_bitrix24.catalog.table import Whole
from source_bitrix24.catalog.tables import TABLES


def in_short() -> str:
    """How many tables there are, and how many of them are incremental."""
    incremental = sum(bool(table.cursor) for table in TABLES)
    return (
        f"**You get** {len(TABLES)} typed tables of the CRM. {incremental} of them are incremental; the other "
        f"{len(TABLES) - incremental} are small and read in full."
    )


def read_in_full() -> str:
    """The tables without a cursor, and those of them that come in one answer."""
    names = sorted(f"`{table.name}`" for table in TABLES if not table.cursor)
    whole = sorted(f"`{table.name}`" for table in TABLES if isinstance(table, Whole))
    return (
        f"These tables have no cursor, and every sync reads them in full: {', '.join(names)}. Of these, {', '.join(whole)} "
        "come in one answer; if an attempt is interrupted, they are read again."
    )
