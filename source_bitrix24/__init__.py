"""Airbyte source connector for the CRM of Bitrix24."""

from .source import SourceBitrix24

__all__ = ["SourceBitrix24"]
