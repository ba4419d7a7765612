"""Airbyte source connector for the CRM of Bitrix24.

The connector is imported only when it is asked for, so that `source_bitrix24.portal` can be used without Airbyte.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .source import SourceBitrix24

__all__ = ["SourceBitrix24"]


def __getattr__(name: str) -> Any:
    if name == "SourceBitrix24":
        from .source import SourceBitrix24

        return SourceBitrix24
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
