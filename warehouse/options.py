"""What `make sync` takes from variables: the connector's settings, the tables to read, and those to read in full."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

_ALL = "all"
_FLAGS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


class OptionProblem(ValueError):
    """A variable that cannot be used. Its text is for the user."""


@dataclass(frozen=True, slots=True)
class Options:
    """The variables of one call. `settings` holds texts by the names of settings in capitals, others among them."""

    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    tables: tuple[str, ...] = ()
    full_refresh: tuple[str, ...] = ()

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> "Options":
        """Return the options that variables hold: TABLES, FULL_REFRESH and the settings, such as WEBHOOK_URL."""
        return cls(dict(variables), _names(variables.get("TABLES", "")), _names(variables.get("FULL_REFRESH", "")))

    @property
    def webhook_url(self) -> str:
        """The address of the portal, or nothing."""
        return self.settings.get("WEBHOOK_URL", "").strip()

    def config(self, properties: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Return the connector's settings. `properties`: those of its spec. Texts that do not fit are left to its check."""
        texts = {name: self.settings.get(name.upper(), "").strip() for name in properties}
        return {name: _value(text, str(properties[name].get("type"))) for name, text in texts.items() if text}

    def chosen(self, available: Collection[str]) -> list[str]:
        """Return the tables to read. Raises OptionProblem for a table that the portal does not have."""
        for name in {*self.tables, *self.full_refresh} - {*available, _ALL}:
            raise OptionProblem(f"There is no table {name}. The tables are: {', '.join(sorted(available))}.")
        return [name for name in available if not self.tables or {name, _ALL} & {*self.tables}]

    def is_full(self, table: str) -> bool:
        """Whether a table is to be read in full."""
        return bool({table, _ALL} & {*self.full_refresh})


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _value(text: str, kind: str) -> Any:
    if kind == "integer" and text.lstrip("-").isdecimal():
        return int(text)
    return _FLAGS.get(text.lower(), text) if kind == "boolean" else text
