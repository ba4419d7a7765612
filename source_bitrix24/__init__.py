"""Airbyte source connector for the CRM of Bitrix24."""

from .startup import quick_imports

with quick_imports():
    from .source import SourceBitrix24

__all__ = ["SourceBitrix24"]
