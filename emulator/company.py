"""A believable company: its rows are made on demand from a seed, so a portal of a million deals starts in a moment.

A row is a ready-made variant (names, texts, codes, custom fields) under values that follow from its ID (links, sums, times).
"""

import random
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from .fields import CREATED, MODIFIED, STANDARD
from .reference import Pipeline
from .userfields import UserField, sample_values
from .values import standard_value

Row = dict[str, Any]

VARIANTS = 61
_MASK = (1 << 64) - 1
_EPOCH = datetime(1970, 1, 1)
_DAYS = 700  # the company's age

_FIRST = ("Anna", "Пётр", "Mei 美", "José", "Фатима", "Liam", "Zoë", "O'Neil")
_LAST = ("Müller", "Иванова", "王", "García", "Öztürk", "Smith", "Ковальчук")
_FIRMS = ("Ромашка", "Acme", "Grün & Söhne", "株式会社", 'Blue "Ocean" Ltd', "Etablissements Durand")
_THINGS = ("Delivery", "Поставка", "Licence", "Wartung", "Consulting <b>2026</b>", "Обучение")
_CITIES = ("Москва", "Berlin", "São Paulo", "東京")


def mix(salt: int, identifier: int) -> int:
    """A number of 64 bits that follows from an ID."""
    value = (identifier * 0x9E3779B97F4A7C15 + salt) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    return value ^ (value >> 31)


def seconds_of(moment: datetime) -> int:
    """A local time as a number."""
    return int((moment - _EPOCH).total_seconds())


def moment_of(seconds: int) -> datetime:
    """The local time that `seconds_of` came from."""
    return _EPOCH + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Company:
    """What all samples share: the seed, the day the portal starts (its local time), pipelines."""

    seed: int
    start: datetime
    pipelines: Sequence[Pipeline]


class Sample:
    """The rows of one object. IDs rise with holes; times rise with them; the newest change lies a day before the start."""

    def __init__(
        self,
        name: str,
        company: Company,
        size: int,
        holes: float,
        user_fields: Sequence[UserField],
        others: Mapping[str, "Sample"],
    ) -> None:
        self.name = name
        self._company = company
        self._size = size
        self._holes = holes
        self._user_fields = user_fields
        self._others = others
        self._salt = mix(company.seed, len(name) * 7919 + ord(name[0]))
        self._first = seconds_of(company.start) - _DAYS * 86_400
        self._last = seconds_of(company.start) - 86_400
        self._specifics = _SPECIFICS.get(name, _nothing_more)

    @cached_property
    def ids(self) -> "array[int]":
        """All IDs, rising."""
        chance = random.Random(self._salt).random
        ids = array("q")
        number = 0
        while len(ids) < self._size:
            number += 1
            if chance() >= self._holes:
                ids.append(number)
        return ids

    @cached_property
    def variants(self) -> list[Row]:
        """The ready-made parts of rows."""
        return [self._variant(random.Random(mix(self._salt, number))) for number in range(VARIANTS)]

    @cached_property
    def id_columns(self) -> frozenset[str]:
        """The columns that follow from the ID and not from the variant."""
        return frozenset(self.specifics(self.ids[0])) if self._size else frozenset()

    def variant_of(self, number: int) -> int:
        """Which variant a row is made from."""
        return self.hash(number) % VARIANTS

    def row(self, number: int) -> Row:
        """A row, as the database holds it."""
        return {**self.variants[self.variant_of(number)], **self.specifics(number)}

    def specifics(self, number: int) -> Row:
        """The values of a row that follow from its ID."""
        row: Row = {"ID": number}
        if CREATED[self.name]:
            row[CREATED[self.name]] = moment_of(self.created(number))
            row[MODIFIED[self.name]] = moment_of(self.modified(number))
        return row | self._specifics(self, number)

    def created(self, number: int) -> int:
        """When a row was made: local time in seconds."""
        newest = self.ids[-1] if self.ids else 1
        return self._first + (self._last - self._first) * number // (newest + 1)

    def modified(self, number: int) -> int:
        """When a row was changed last."""
        made = self.created(number)
        return made + (self.hash(number) >> 20) % max(1, self._last - made)

    def hash(self, number: int) -> int:
        """A number to draw a row's values from."""
        return mix(self._salt, number)

    def link(self, other: str, draw: int) -> int | None:
        """The ID of a row of another object, or none for one row in four."""
        ids = self._others[other].ids
        return ids[draw // 4 % len(ids)] if draw % 4 and len(ids) else None

    def pipeline(self, draw: int) -> Pipeline:
        """One of the pipelines."""
        return self._company.pipelines[draw % len(self._company.pipelines)]

    def other(self, name: str) -> "Sample":
        """The sample of another object."""
        return self._others[name]

    def _variant(self, chance: random.Random) -> Row:
        today = self._company.start.date()
        row = {field.name: standard_value(field, chance, self._company.start) for field in STANDARD[self.name].values()}
        row |= sample_values(self._user_fields, chance, today)
        return row | (_VARIANT_PARTS[self.name](chance) if self.name in _VARIANT_PARTS else {})


def _person(chance: random.Random) -> Row:
    return {"NAME": chance.choice(_FIRST), "LAST_NAME": chance.choice(_LAST), "ADDRESS_CITY": chance.choice(_CITIES)}


_VARIANT_PARTS: dict[str, Callable[[random.Random], Row]] = {
    "deal": lambda chance: {"IS_RECURRING": False, "STAGE_SEMANTIC_ID": "P"},
    "contact": lambda chance: _person(chance) | {"CATEGORY_ID": 0},
    "lead": lambda chance: _person(chance) | {"STATUS_SEMANTIC_ID": chance.choice("PSF")},
    "company": lambda chance: {"CATEGORY_ID": 0, "IS_MY_COMPANY": chance.random() < 0.1},
    "activity": lambda chance: {"DEADLINE": datetime(9999, 12, 31)} if chance.random() < 0.3 else {},
    "product": lambda chance: {"ACTIVE": True, "DESCRIPTION_TYPE": "html"},
}


def _nothing_more(sample: Sample, number: int) -> Row:
    return {}


def _deal(sample: Sample, number: int) -> Row:
    draw = sample.hash(number)
    pipeline = sample.pipeline(draw >> 8)
    stage = pipeline.stages[(draw >> 12) % len(pipeline.stages)]
    return {
        "TITLE": f"{_THINGS[draw % len(_THINGS)]} № {number}",
        "CATEGORY_ID": pipeline.id,
        "STAGE_ID": stage.code,
        "STAGE_SEMANTIC_ID": stage.semantics or "P",
        "OPPORTUNITY": Decimal(draw % 10_000_000) / 100,
        "COMPANY_ID": sample.link("company", draw >> 3),
        "CONTACT_ID": sample.link("contact", draw >> 5),
        "LEAD_ID": sample.link("lead", draw >> 7),
    }


def _quote(sample: Sample, number: int) -> Row:
    draw = sample.hash(number)
    return {
        "TITLE": f"Offer {number}",
        "QUOTE_NUMBER": f"Q-{number}",
        "OPPORTUNITY": Decimal(draw % 10_000_000) / 100,
        "DEAL_ID": sample.link("deal", draw >> 3),
        "COMPANY_ID": sample.link("company", draw >> 5),
        "CONTACT_ID": sample.link("contact", draw >> 7),
    }


def _history(sample: Sample, number: int) -> Row:
    """Three entries of each deal: made, moved, moved."""
    owner, step = (number + 2) // 3, (number - 1) % 3
    deals = sample.other("deal")
    deal = deals.specifics(owner)
    pipeline = next(one for one in sample._company.pipelines if one.id == deal["CATEGORY_ID"])
    made, changed = deals.created(owner), deals.modified(owner)
    stage = pipeline.stages[0] if step == 0 else next(one for one in pipeline.stages if one.code == deal["STAGE_ID"])
    return {
        "TYPE_ID": (1, 2, 3)[step],
        "OWNER_ID": owner,
        "CATEGORY_ID": pipeline.id,
        "STAGE_ID": stage.code,
        "STAGE_SEMANTIC_ID": stage.semantics or "P",
        "CREATED_TIME": moment_of(made + (changed - made) * step // 3),
    }


_SPECIFICS: dict[str, Callable[[Sample, int], Row]] = {
    "deal": _deal,
    "quote": _quote,
    "stage_history": _history,
    "lead": lambda sample, number: {
        "TITLE": f"Lead {number}",
        "COMPANY_ID": sample.link("company", sample.hash(number) >> 3),
        "CONTACT_ID": sample.link("contact", sample.hash(number) >> 5),
    },
    "contact": lambda sample, number: {"COMPANY_ID": sample.link("company", sample.hash(number) >> 3)},
    "company": lambda sample, number: {"TITLE": f"{_FIRMS[sample.hash(number) % len(_FIRMS)]} {number}"},
    "activity": lambda sample, number: {
        "SUBJECT": f"Call {number}",
        "OWNER_TYPE_ID": 2,
        "OWNER_ID": sample.link("deal", sample.hash(number) | 1),
    },
    "product": lambda sample, number: {
        "NAME": f"Item {number}",
        "CATALOG_ID": 25,
        "PRICE": Decimal(number * 37 % 9_000),
    },
    "catalog": lambda sample, number: {"NAME": f"Catalogue {number}"},
}


class HistorySample(Sample):
    """The stage history of the sample deals: three entries a deal, with the deals' holes."""

    @cached_property
    def ids(self) -> "array[int]":
        """All IDs, rising."""
        return array("q", (3 * deal - 2 + step for deal in self._others["deal"].ids for step in range(3)))

    def modified(self, number: int) -> int:
        """Entries never change: when they were made."""
        return seconds_of(_history(self, number)["CREATED_TIME"])
