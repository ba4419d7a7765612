"""Sample values for standard columns, by the type of the column."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from .fields import Field
from .reference import STAGE_CODES
from .wire import Row
from .words import CODES, TEXTS


def standard_value(field: Field, chance: random.Random, now: datetime) -> Any:
    """A value of a standard column; None if it is empty or never sent."""
    maker = _MAKERS.get(field.type)
    if not field.sent or maker is None or chance.random() < 0.15:
        return None
    return maker(field, chance, now)


def _multi_field(field: Field, chance: random.Random, now: datetime) -> list[Row]:
    kinds = {"PHONE": "+7 495 000-{:02}-{:02}", "EMAIL": "mail{}.{}@example.com"}
    pattern = kinds.get(field.name, "https://example.com/{}/{}")
    return [
        {
            "ID": str(chance.randint(1, 99_999)),
            "VALUE_TYPE": "WORK",
            "VALUE": pattern.format(chance.randint(0, 99), chance.randint(0, 99)),
            "TYPE_ID": field.name,
        }
        for _ in range(chance.randint(0, 2))
    ]


_MAKERS: dict[str, Callable[[Field, random.Random, datetime], Any]] = {
    "integer": lambda field, chance, now: chance.randint(0, 100),
    "string": lambda field, chance, now: chance.choice(CODES.get(field.name, TEXTS)),
    "char": lambda field, chance, now: chance.random() < 0.5,
    "user": lambda field, chance, now: chance.randint(1, 30),
    "double": lambda field, chance, now: Decimal(chance.randint(0, 1_000_000)) / 100,
    "date": lambda field, chance, now: now.date() - timedelta(days=chance.randint(0, 700)),
    "datetime": lambda field, chance, now: (
        now.replace(microsecond=0) - timedelta(minutes=chance.randint(1440, 900_000))
    ),
    "crm_currency": lambda field, chance, now: chance.choice(("RUB", "EUR", "USD")),
    "crm_status": lambda field, chance, now: chance.choice(STAGE_CODES.get(field.directory, ("OTHER",))),
    "crm_multifield": _multi_field,
    "file": lambda field, chance, now: {
        "id": chance.randint(1, 999),
        "showUrl": "/show.php?auth=",
        "downloadUrl": "/get.php?auth=",
    },
    "product_file": lambda field, chance, now: {
        "id": chance.randint(1, 999),
        "showUrl": "/p.php",
        "downloadUrl": "/d.php",
    },
    "object": lambda field, chance, now: {"subtype": "call", "flags": [1, 2]} if chance.random() < 0.5 else {},
    "crm_activity_communication": lambda field, chance, now: [
        {
            "ID": "5",
            "TYPE": "PHONE",
            "VALUE": "+7 495",
            "ENTITY_ID": "12",
            "ENTITY_TYPE_ID": "3",
            "ENTITY_SETTINGS": {"NAME": "Анна"},
        }
    ],
    "crm_entity": lambda field, chance, now: chance.randint(1, 40),
    # the shape of these values is not documented (P11); this is what portals have been seen to send
    "product_property": lambda field, chance, now: (
        [{"valueId": str(chance.randint(1, 999)), "value": text} for text in ("red", "синий")]
        if field.multiple
        else {"valueId": str(chance.randint(1, 999)), "value": "42"}
    ),
    "diskfile": lambda field, chance, now: [{"id": chance.randint(1, 999), "url": "/rest/download.php?auth=x"}],
}
