"""The sample company. Rows are generated on demand from a seed, so that a portal of a million deals starts at once.

A row is one of 61 ready-made variants (names, texts, codes, custom fields) plus values that depend on its ID (links, sums,
times).
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
_AGE_DAYS = 700

_FIRST = ("Anna", "Пётр", "Mei 美", "José", "Фатима", "Liam", "Zoë", "O'Neil")
_LAST = ("Müller", "Иванова", "王", "García", "Öztürk", "Smith", "Ковальчук")
_FIRMS = ("Ромашка", "Acme", "Grün & Söhne", "株式会社", 'Blue "Ocean" Ltd', "Etablissements Durand")
_THINGS = ("Delivery", "Поставка", "Licence", "Wartung", "Consulting <b>2026</b>", "Обучение")
_CITIES = ("Москва", "Berlin", "São Paulo", "東京")


def mix(salt: int, identifier: int) -> int:
    """A hash of 64 bits."""
    value = (identifier * 0x9E3779B97F4A7C15 + salt) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    return value ^ (value >> 31)


def seconds_of(moment: datetime) -> int:
    """A local time as seconds since 1970, taken as if it were UTC."""
    return int((moment - _EPOCH).total_seconds())


def moment_of(seconds: int) -> datetime:
    """The inverse of `seconds_of`."""
    return _EPOCH + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Company:
    """What all samples share. `start`: the local time at which the portal is made."""

    seed: int
    start: datetime
    pipelines: Sequence[Pipeline]


class Sample:
    """The rows of one object. IDs ascend with gaps, creation times ascend with them, the newest change is a day old."""

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
        self._first = seconds_of(company.start) - _AGE_DAYS * 86_400
        self._last = seconds_of(company.start) - 86_400
        self._make_values = _VALUES_BY_ID.get(name, _no_values)

    @cached_property
    def ids(self) -> "array[int]":
        """All IDs, ascending."""
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
        """The parts of rows that do not depend on the ID."""
        return [self._variant(random.Random(mix(self._salt, number))) for number in range(VARIANTS)]

    @cached_property
    def id_columns(self) -> frozenset[str]:
        """The columns whose values depend on the ID."""
        return frozenset(self.values_by_id(self.ids[0])) if self._size else frozenset()

    def variant_of(self, number: int) -> int:
        """The index of a row's variant."""
        return self.hash(number) % VARIANTS

    def row(self, number: int) -> Row:
        """A row as the database holds it."""
        return {**self.variants[self.variant_of(number)], **self.values_by_id(number)}

    def values_by_id(self, number: int) -> Row:
        """The values of a row that depend on its ID."""
        row: Row = {"ID": number}
        if CREATED[self.name]:
            row[CREATED[self.name]] = moment_of(self.created(number))
            row[MODIFIED[self.name]] = moment_of(self.modified(number))
        return row | self._make_values(self, number)

    def created(self, number: int) -> int:
        """When a row was created, as `seconds_of` counts."""
        newest = self.ids[-1] if self.ids else 1
        return self._first + (self._last - self._first) * number // (newest + 1)

    def modified(self, number: int) -> int:
        """When a row was last modified, as `seconds_of` counts."""
        created = self.created(number)
        return created + (self.hash(number) >> 20) % max(1, self._last - created)

    def hash(self, number: int) -> int:
        """The hash that a row's values are derived from."""
        return mix(self._salt, number)

    def link(self, other: str, draw: int) -> int | None:
        """The ID of a row of another object; None for a quarter of the draws."""
        ids = self._others[other].ids
        return ids[draw // 4 % len(ids)] if draw % 4 and len(ids) else None

    @property
    def pipelines(self) -> Sequence[Pipeline]:
        """The company's pipelines."""
        return self._company.pipelines

    def pipeline(self, draw: int) -> Pipeline:
        """A pipeline chosen by a draw."""
        return self.pipelines[draw % len(self.pipelines)]

    def other(self, name: str) -> "Sample":
        """Another object's sample."""
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


def _no_values(sample: Sample, number: int) -> Row:
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
    """Three entries of each deal: one for its creation, two for moves."""
    owner, step = (number + 2) // 3, (number - 1) % 3
    deals = sample.other("deal")
    deal = deals.values_by_id(owner)
    pipeline = next(pipeline for pipeline in sample.pipelines if pipeline.id == deal["CATEGORY_ID"])
    created, modified = deals.created(owner), deals.modified(owner)
    current = next(stage for stage in pipeline.stages if stage.code == deal["STAGE_ID"])
    stage = current if step else pipeline.stages[0]
    return {
        "TYPE_ID": (1, 2, 3)[step],
        "OWNER_ID": owner,
        "CATEGORY_ID": pipeline.id,
        "STAGE_ID": stage.code,
        "STAGE_SEMANTIC_ID": stage.semantics or "P",
        "CREATED_TIME": moment_of(created + (modified - created) * step // 3),
    }


_VALUES_BY_ID: dict[str, Callable[[Sample, int], Row]] = {
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
    """The stage history of the sample deals: three entries a deal, with the gaps of the deals."""

    @cached_property
    def ids(self) -> "array[int]":
        """All IDs, ascending."""
        return array("q", (3 * deal - 2 + step for deal in self._others["deal"].ids for step in range(3)))

    def modified(self, number: int) -> int:
        """When an entry was created; entries never change."""
        return seconds_of(_history(self, number)["CREATED_TIME"])
