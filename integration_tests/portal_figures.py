"""The rows of an emulated portal as reports see them, in plain Python."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from emulator.store import Portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Row

STATUS = {"S": "won", "F": "lost"}


class PortalFigures:
    """The rows of a portal as reports see them: times in `zone`, amounts in `currency`."""

    def __init__(self, portal: Portal, zone: str, currency: str) -> None:
        self._portal = portal
        self._zone = ZoneInfo(zone)
        self._currency = currency

    def rows(self, table: str) -> list[Row]:
        """The rows of a table with upper-case names; columns without a value are None."""
        try:
            rows = expected_rows(self._portal, table)
        except (KeyError, ValueError):  # a table that this version does not have
            return []
        return [defaultdict(lambda: None, {name.upper(): value for name, value in row.items()}) for row in rows]

    def time(self, text: str | None) -> datetime | None:
        """A time on the clock of the zone."""
        return datetime.fromisoformat(text).astimezone(self._zone).replace(tzinfo=None) if text else None

    def month(self, text: str | None) -> date | None:
        """The first day of its month."""
        time = self.time(text)
        return time.date().replace(day=1) if time else None

    @cached_property
    def rates(self) -> dict[str, Decimal]:
        """The worth of a unit of each currency."""
        rates = {row["CURRENCY"]: decimal(row["AMOUNT"]) / row["AMOUNT_CNT"] for row in self.rows("currencies")}
        if self._currency not in rates:
            return {self._currency: Decimal(1)}
        places = Decimal("1e-12")
        return {name: (rate / rates[self._currency]).quantize(places, ROUND_HALF_UP) for name, rate in rates.items()}

    def converted(self, amount: Any, currency: str | None) -> Decimal | None:
        """An amount in the currency of reports, in cents."""
        if amount is None or currency not in self.rates:
            return None
        return (decimal(amount) * self.rates[currency]).quantize(Decimal("0.01"), ROUND_HALF_UP)

    @cached_property
    def users(self) -> dict[int, tuple[str, str | None]]:
        """The name and the department of each user."""
        departments = {row["ID"]: row["NAME"] for row in self.rows("departments")}
        users = {}
        for row in self.rows("users"):
            name = " ".join(filter(None, (row["NAME"], row["LAST_NAME"]))) or row["EMAIL"]
            numbers = row["UF_DEPARTMENT"] or [None]
            users[row["ID"]] = (name, departments.get(numbers[0]))
        return users

    def user(self, number: int | None) -> str | None:
        """The name of a user."""
        return None if number is None else self.users.get(number, (f"User {number}",))[0]

    def department(self, number: int | None) -> str | None:
        """The department of a user."""
        return self.users[number][1] if number in self.users else None

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        """The name of each entry of a directory."""
        return {(row["ENTITY_ID"], row["STATUS_ID"]): row["NAME"] for row in self.rows("statuses")}

    @cached_property
    def places(self) -> dict[tuple[int, str], tuple[int, str]]:
        """The number and the name of each stage that is not lost, by pipeline and code."""
        stages = sorted(self.rows("deal_pipeline_stages"), key=lambda row: (row["SORT"], row["ID"]))
        numbers: dict[int, int] = defaultdict(int)
        found = {}
        for row in stages:
            if row["SEMANTICS"] != "F":
                pipeline = row["CATEGORY_ID"] or 0
                numbers[pipeline] += 1
                found[pipeline, row["STATUS_ID"]] = (numbers[pipeline], row["NAME"])
        return found

    @cached_property
    def deals(self) -> dict[int, Row]:
        """The deals by their number, with CLOSED_AT, STATUS, CONVERTED and SOURCE."""
        closed: dict[Any, str] = {}
        for move in self.moves:
            closed[move["OWNER_ID"], move["STAGE_SEMANTIC_ID"]] = move["CREATED_TIME"]
        deals = {}
        for row in self.rows("deals"):
            semantics = row["STAGE_SEMANTIC_ID"]
            is_closed = semantics in STATUS
            row["STATUS"] = STATUS.get(semantics, "open")
            row["CLOSED_AT"] = closed.get((row["ID"], semantics), row["MOVED_TIME"]) if is_closed else None
            row["CONVERTED"] = self.converted(row["OPPORTUNITY"], row["CURRENCY_ID"])
            row["SOURCE"] = self.names.get(("SOURCE", row["SOURCE_ID"]), row["SOURCE_ID"])
            deals[row["ID"]] = row
        return deals

    @cached_property
    def moves(self) -> list[Row]:
        """The history of existing deals in its order."""
        rows = sorted(self.rows("deal_stage_history"), key=lambda row: (row["CREATED_TIME"], row["ID"]))
        existing = {row["ID"] for row in self.rows("deals")}
        return [row for row in rows if row["OWNER_ID"] in existing]

    @cached_property
    def visits(self) -> list[tuple[int, date | None, int, str | None]]:
        """Of each pipeline that a deal was in: pipeline, month of entry, number of the furthest stage, its outcome there."""
        entered: dict[tuple[int, int], str] = {}
        stages: dict[tuple[int, int], set[str]] = defaultdict(set)
        for move in self.moves:
            place = move["OWNER_ID"], move["CATEGORY_ID"]
            entered.setdefault(place, move["CREATED_TIME"])
            stages[place].add(move["STAGE_ID"])
        for number, deal in self.deals.items():
            place = number, deal["CATEGORY_ID"]
            entered.setdefault(place, deal["DATE_CREATE"])
            stages[place].add(deal["STAGE_ID"])
        return [
            (
                pipeline,
                self.month(entered[number, pipeline]),
                max(self.places.get((pipeline, stage), (0, ""))[0] for stage in stages[number, pipeline]),
                self.deals[number]["STAGE_SEMANTIC_ID"] if self.deals[number]["CATEGORY_ID"] == pipeline else None,
            )
            for number, pipeline in entered
        ]


def decimal(value: Any) -> Decimal:
    """A number without the error of a float."""
    return Decimal(str(value))


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is filled; None of nothing."""
    filled = [value for value in values if value is not None]
    return sum(filled, Decimal(0)) if filled else None
