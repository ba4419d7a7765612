"""From a line of `tables.py` to a stream."""

from collections.abc import Sequence
from typing import Any

from ..table import CustomFieldValues, PerParent, Scanned, Table, Whole
from .base import TableStream
from .custom_field_values import CustomFieldValuesStream
from .per_parent import PerParentStream
from .scanned import ScannedStream
from .shared import Portal
from .whole import WholeStream

_STREAM_OF: dict[type[Table], type[TableStream[Any]]] = {
    Scanned: ScannedStream,
    CustomFieldValues: CustomFieldValuesStream,
    PerParent: PerParentStream,
    Whole: WholeStream,
}


def build_streams(tables: Sequence[Table], portal: Portal) -> list[TableStream[Any]]:
    """A stream for each table."""
    return [_STREAM_OF[type(table)](table, portal) for table in tables]
