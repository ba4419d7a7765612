"""Custom fields: their definitions as the portal sends them, and values for the sample company."""

import dataclasses
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from .fields import Field

OBJECTS = ("deal", "lead", "contact", "company", "quote")

SETTINGS: dict[str, dict[str, Any]] = {
    "string": {"SIZE": 20, "ROWS": 1, "REGEXP": "", "MIN_LENGTH": 0, "MAX_LENGTH": 0, "DEFAULT_VALUE": ""},
    "integer": {"SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None},
    "double": {"PRECISION": 2, "SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None},
    "boolean": {"DEFAULT_VALUE": 0, "DISPLAY": "CHECKBOX", "LABEL": [], "LABEL_CHECKBOX": ""},
    "datetime": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}, "USE_SECOND": "Y", "USE_TIMEZONE": "N"},
    "date": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}},
    "enumeration": {"DISPLAY": "LIST", "LIST_HEIGHT": 1, "CAPTION_NO_VALUE": "", "SHOW_NO_VALUE": "Y"},
    "file": {"SIZE": 20, "LIST_WIDTH": 0, "LIST_HEIGHT": 0, "MAX_ALLOWED_SIZE": 0, "EXTENSIONS": []},
    "crm": {"LEAD": "Y", "DEAL": "Y", "CONTACT": "Y", "COMPANY": "Y"},
    "crm_status": {"ENTITY_TYPE": "SOURCE"},
    "resourcebooking": {"USE_USERS": "N", "USE_RESOURCES": "Y", "FULL_DAY": "N"},
}

# type, label in English and in Russian
_KINDS = (
    ("string", "Delivery note", "Примечание к доставке"),
    ("integer", "Seats", "Количество мест"),
    ("double", "Margin, %", "Маржа, %"),
    ("boolean", "Contract signed", "Договор подписан"),
    ("datetime", "Next call", "Следующий звонок"),
    ("date", "Contract date", "Дата договора"),
    ("money", "Budget", "Бюджет"),
    ("url", "Website", "Сайт"),
    ("address", "Delivery address", "Адрес доставки"),
    ("enumeration", "Priority", "Приоритет"),
    ("file", "Scan", "Скан"),
    ("employee", "Engineer", "Инженер"),
    ("crm", "Related record", "Связанный элемент"),
    ("crm_status", "Channel", "Канал"),
    ("iblock_section", "Catalogue section", "Раздел каталога"),
    ("iblock_element", "Catalogue item", "Элемент каталога"),
    ("resourcebooking", "Booking", "Бронирование"),
    ("rest_12_colour", "Colour", "Цвет"),
)
_OPTIONS = ("Low", "Средний", 'High "now"', "<b>Critical</b>")


@dataclass(slots=True)
class UserField:
    """A custom field of an object. `name`: its code; `labels` by language; `options` by ID."""

    id: int
    owner: str
    name: str
    type: str
    multiple: bool = False
    labels: dict[str, str] = dataclasses.field(default_factory=dict)
    options: dict[int, str] = dataclasses.field(default_factory=dict)
    sort: int = 100

    @property
    def column(self) -> Field:
        """The column of its object's rows."""
        return Field(self.name, self.type, multiple=self.multiple, title=self.labels.get("en", self.name))

    def as_row(self, language: str | None) -> dict[str, Any]:
        """Its row in userfield.list; labels only if a language is given (P10.1)."""
        row: dict[str, Any] = {
            "ID": str(self.id),
            "ENTITY_ID": f"CRM_{self.owner.upper()}",
            "FIELD_NAME": self.name,
            "USER_TYPE_ID": self.type,
            "XML_ID": None,
            "SORT": str(self.sort),
            "MULTIPLE": "Y" if self.multiple else "N",
            "MANDATORY": "N",
            "SHOW_FILTER": "E",
            "SHOW_IN_LIST": "Y",
            "EDIT_IN_LIST": "Y",
            "IS_SEARCHABLE": "N",
            "SETTINGS": SETTINGS.get(self.type, []),
        }
        if self.type == "enumeration":
            row["LIST"] = [
                {"ID": str(key), "SORT": str(10 * rank), "VALUE": text, "DEF": "N", "XML_ID": f"x{key}"}
                for rank, (key, text) in enumerate(self.options.items(), 1)
            ]
        if language:
            label = self.labels.get(language)
            row |= dict.fromkeys(("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"), label)
            row |= {"ERROR_MESSAGE": None, "HELP_MESSAGE": None}
        return row


def sample_user_fields(owner: str, first_id: int) -> list[UserField]:
    """A custom field of every type, with one value and with several; a boolean cannot have several."""
    shapes = [
        (kind, multiple) for kind in _KINDS for multiple in (False, True) if not (multiple and kind[0] == "boolean")
    ]
    fields = []
    for number, ((type_, english, russian), multiple) in enumerate(shapes):
        identifier = first_id + number
        code = f"UF_CRM_{1713790000 + identifier}" if type_ == "string" else f"UF_CRM_{type_.upper()}"
        fields.append(
            UserField(
                identifier,
                owner,
                code + ("_LIST" if multiple else ""),
                type_,
                multiple,
                {"en": english + (" (several)" if multiple else ""), "ru": russian + (" (список)" if multiple else "")},
                {identifier * 10 + rank: text for rank, text in enumerate(_OPTIONS)} if type_ == "enumeration" else {},
                sort=100 + 10 * number,
            )
        )
    return fields


def sample_values(fields: Iterable[UserField], chance: random.Random, today: date) -> dict[str, Any]:
    """Values for a row; half of the fields have one."""
    return {field.name: _value(field, chance, today) for field in fields}


def _value(field: UserField, chance: random.Random, today: date) -> Any:
    has_value = chance.random() < 0.5
    if field.multiple:
        return [_single_value(field, chance, today) for _ in range(chance.randint(1, 3))] if has_value else []
    return _single_value(field, chance, today) if has_value else None


def _single_value(field: UserField, chance: random.Random, today: date) -> Any:
    if field.type == "enumeration":
        return chance.choice(list(field.options))
    return _MAKERS.get(field.type, _value_of_application)(chance, today)


def _value_of_application(chance: random.Random, today: date) -> str:
    return f"value {chance.randint(1, 99)}"


def _file(chance: random.Random, today: date) -> dict[str, Any]:
    number = chance.randint(1, 9999)
    url = f"/bitrix/components/bitrix/crm.show/show_file.php?auth=&ownerId={number}"
    return {"id": number, "showUrl": url, "downloadUrl": url + "&download=y"}


_MAKERS: dict[str, Callable[[random.Random, date], Any]] = {
    "string": lambda chance, today: chance.choice(
        ("Ring twice", "Осторожно: стекло", "日本語", 'a "b" <c> & d', "😀 ok")
    ),
    "integer": lambda chance, today: chance.randint(0, 500),
    "double": lambda chance, today: Decimal(chance.randint(0, 100_000)) / 100,
    "boolean": lambda chance, today: chance.random() < 0.5,
    "datetime": lambda chance, today: (
        datetime(today.year, today.month, today.day, 9) - timedelta(minutes=chance.randint(0, 900_000))
    ),
    "date": lambda chance, today: today - timedelta(days=chance.randint(0, 900)),
    "money": lambda chance, today: f"{chance.randint(1, 90_000)}|{chance.choice(('EUR', 'RUB', 'USD'))}",
    "url": lambda chance, today: f"https://example.com/{chance.randint(1, 999)}",
    "address": lambda chance, today: (
        f"Tverskaya st., {chance.randint(1, 40)}, Moscow|55.7;37.6|{chance.randint(1, 99)}"
    ),
    "file": _file,
    "employee": lambda chance, today: chance.randint(1, 30),
    "crm": lambda chance, today: f"{chance.choice(('D', 'L', 'C', 'CO'))}_{chance.randint(1, 500)}",
    "crm_status": lambda chance, today: chance.choice(("CALL", "WEB", "EMAIL")),
    "iblock_section": lambda chance, today: chance.randint(1, 30),
    "iblock_element": lambda chance, today: chance.randint(1, 300),
    "resourcebooking": lambda chance, today: chance.randint(1, 300),
}
