"""The sample company. Rows are generated on demand from a seed, so that a portal of a million deals starts at once.

A row is one of 61 ready-made variants (names, texts, codes, custom fields) plus values that depend on its ID (links, sums,
times). What they hold is in company_variants.py and company_rows.py.
"""

import random
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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


ValuesById = Callable[["Sample", int], Row]
VariantValues = Callable[[random.Random, Row], Row]  # what a variant holds instead of chance values, given these


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
        values_by_id: "ValuesById",
        variant_values: "VariantValues",
    ) -> None:
        self.name = name
        self._company = company
        self._size = size
        self._holes = holes
        self._user_fields = user_fields
        self._others = others
        self._salt = mix(company.seed, len(name) * 7919 + ord(name[0]))
        self._first = seconds_of(company.start) - _AGE_DAYS * 86_400
        self.last = seconds_of(company.start) - 86_400
        self._has_activity_time = "LAST_ACTIVITY_TIME" in STANDARD[name]
        self._make_values = values_by_id
        self._variant_values = variant_values

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
            row[MODIFIED[self.name]] = modified = moment_of(self.modified(number))
            if self._has_activity_time:
                row["LAST_ACTIVITY_TIME"] = modified
        return row | self._make_values(self, number)

    def created(self, number: int) -> int:
        """When a row was created, as `seconds_of` counts."""
        newest = self.ids[-1] if self.ids else 1
        return self._first + (self.last - self._first) * number // (newest + 1)

    def modified(self, number: int) -> int:
        """When a row was last modified, as `seconds_of` counts."""
        created = self.created(number)
        return created + (self.hash(number) >> 20) % max(1, self.last - created)

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

    def variant(self, number: int) -> Row:
        """The variant that a row is made of."""
        return self.variants[self.variant_of(number)]

    def other(self, name: str) -> "Sample":
        """Another object's sample."""
        return self._others[name]

    def _variant(self, chance: random.Random) -> Row:
        today = self._company.start.date()
        row = {field.name: standard_value(field, chance, self._company.start) for field in STANDARD[self.name].values()}
        row |= sample_values(self._user_fields, chance, today)
        return row | self._variant_values(chance, row)
