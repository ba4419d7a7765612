"""Pipelines, stages and directories of the sample company."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline. `semantics`: S won, F lost, None in progress."""

    code: str
    name: str
    semantics: str | None = None


@dataclass(slots=True)
class Pipeline:
    """A pipeline of deals; the default one has the ID 0, unless `is_default` says otherwise."""

    id: int
    name: str
    sort: int = 500
    stages: list[Stage] = field(default_factory=list)
    is_default: bool | None = None

    @property
    def directory(self) -> str:
        """The directory that holds its stages."""
        return f"DEAL_STAGE_{self.id}" if self.id else "DEAL_STAGE"

    def as_row(self) -> dict[str, Any]:
        """Its row in crm.category.list; the default pipeline lacks two keys."""
        row = {
            "id": self.id,
            "name": self.name,
            "sort": self.sort,
            "entityTypeId": 2,
            "isDefault": "Y" if (not self.id if self.is_default is None else self.is_default) else "N",
        }
        return row if not self.id else row | {"originId": "", "originatorId": ""}


def sample_pipeline(identifier: int, name: str) -> Pipeline:
    """A pipeline with five stages."""
    prefix = f"C{identifier}:" if identifier else ""
    stages = [
        Stage(prefix + "NEW", "New"),
        Stage(prefix + "PREPARATION", "Подготовка"),
        Stage(prefix + "EXECUTING", "Executing"),
        Stage(prefix + "WON", "Deal won", "S"),
        Stage(prefix + "LOSE", "Deal lost", "F"),
    ]
    return Pipeline(identifier, name, 100 * (identifier + 1), stages)


def sample_pipelines() -> list[Pipeline]:
    """The default pipeline and two more."""
    return [sample_pipeline(0, "Sales"), sample_pipeline(1, "Сервис"), sample_pipeline(4, "Partners")]


_DIRECTORIES: dict[str, dict[str, str]] = {
    "STATUS": {"NEW": "Not handled", "IN_PROCESS": "In progress", "CONVERTED": "Good lead", "JUNK": "Junk lead"},
    "SOURCE": {"CALL": "Call", "EMAIL": "E-mail", "WEB": "Web site", "OTHER": "Прочее"},
    "CONTACT_TYPE": {"CLIENT": "Clients", "SUPPLIER": "Suppliers", "OTHER": "Other"},
    "COMPANY_TYPE": {"CUSTOMER": "Client", "COMPETITOR": "Competitor", "OTHER": "Other"},
    "EMPLOYEES": {"EMPLOYEES_1": "less than 50", "EMPLOYEES_2": "50 to 250"},
    "INDUSTRY": {"IT": "Information technology", "BANKING": "Banking"},
    "DEAL_TYPE": {"SALE": "Sales", "SERVICE": "Service"},
    "HONORIFIC": {"HNR_EN_1": "Mr.", "HNR_EN_2": "Ms."},
    "QUOTE_STATUS": {"DRAFT": "New", "SENT": "Sent", "APPROVED": "Accepted", "DECLAINED": "Declined"},
}
STAGE_CODES: dict[str, tuple[str, ...]] = {name: tuple(codes) for name, codes in _DIRECTORIES.items()}


LEAD_SEMANTICS = {"CONVERTED": "S", "JUNK": "F"}

# code, units, rate, order, name
_CURRENCIES = (
    ("RUB", "1", "1.0000", "100", "Российский рубль"),
    ("EUR", "1", "98.5000", "200", "Euro"),
    ("USD", "1", "84.1500", "300", "US Dollar"),
    ("JPY", "100", "56.2000", "400", "円"),
)


def currency_rows() -> list[dict[str, Any]]:
    """The rows of crm.currency.list; the first is the base currency."""
    return [
        {
            "CURRENCY": code,
            "AMOUNT_CNT": units,
            "AMOUNT": rate,
            "SORT": sort,
            "BASE": "Y" if rate == "1.0000" else "N",
            "FULL_NAME": name,
            "LID": "ru",
            "FORMAT_STRING": "# " + code,
            "DEC_POINT": ".",
            "DECIMALS": "0" if code == "JPY" else "2",
            "THOUSANDS_SEP": None if code == "JPY" else "&nbsp;",
            "DATE_UPDATE": "2026-01-10T12:00:00+03:00",
        }
        for code, units, rate, sort, name in _CURRENCIES
    ]


class Staged(Protocol):
    """What has stages in a directory of its own."""

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that they belong to."""

    @property
    def stage_directory(self) -> str:
        """The directory."""


def directory_rows(pipelines: Sequence[Pipeline], others: Iterable[Staged] = ()) -> list[dict[str, Any]]:
    """The rows of crm.status.list: the entries of every directory, stages included; all values are text."""
    rows: list[dict[str, Any]] = []
    for pipeline in pipelines:
        for rank, stage in enumerate(pipeline.stages, 1):
            semantics = {"S": "success", "F": "failure"}.get(stage.semantics or "", "process")
            rows.append(
                _row(rows, pipeline.directory, stage.code, stage.name, rank)
                | {
                    "CATEGORY_ID": str(pipeline.id) if pipeline.id else None,
                    "COLOR": "#39A8EF",
                    "SEMANTICS": stage.semantics,
                    "EXTRA": {"SEMANTICS": semantics, "COLOR": "#39A8EF"},
                }
            )
    for directory, codes in _DIRECTORIES.items():
        for rank, (code, name) in enumerate(codes.items(), 1):
            rows.append(_row(rows, directory, code, name, rank) | {"CATEGORY_ID": None, "COLOR": "", "SEMANTICS": None})
    for other in others:
        for rank, stage in enumerate(other.pipeline.stages, 1):
            row = _row(rows, other.stage_directory, stage.code, stage.name, rank)
            rows.append(row | {"CATEGORY_ID": str(other.pipeline.id), "COLOR": "#39A8EF", "SEMANTICS": stage.semantics})
    return rows


def _row(before: list[dict[str, Any]], directory: str, code: str, name: str, rank: int) -> dict[str, Any]:
    return {
        "ID": str(101 + 2 * len(before)),
        "ENTITY_ID": directory,
        "STATUS_ID": code,
        "NAME": name,
        "NAME_INIT": "",
        "SORT": str(10 * rank),
        "SYSTEM": "N",
    }
