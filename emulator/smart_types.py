"""The smart processes of the sample company, and its invoices: their types, fields, pipelines and rows (P14)."""

import random
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from .company import Row, Sample, ValuesById, VariantValues, moment_of
from .company_staff import USERS
from .fields import CREATED, MODIFIED, STANDARD, read_fields
from .reference import Pipeline, Stage
from .userfields import UserField

INVOICES = 31
_FLAGS = ("Stages", "Client", "LinkWithProducts", "BeginCloseDates", "Source", "Observers", "Mycompany")
_BASE = """
integer ID
string TITLE XML_ID
datetime CREATED_TIME UPDATED_TIME LAST_ACTIVITY_TIME
user CREATED_BY UPDATED_BY ASSIGNED_BY_ID LAST_ACTIVITY_BY
boolean OPENED
integer WEBFORM_ID
crm_category CATEGORY_ID
"""
_BY_FLAG = {
    "Stages": "datetime MOVED_TIME\nuser MOVED_BY\ncrm_status:STAGE STAGE_ID PREVIOUS_STAGE_ID",
    "Client": "crm_company COMPANY_ID\ncrm_contact CONTACT_ID CONTACT_IDS",
    "LinkWithProducts": "crm_currency CURRENCY_ID\nboolean IS_MANUAL_OPPORTUNITY\ndouble OPPORTUNITY TAX_VALUE",
    "BeginCloseDates": "date BEGINDATE CLOSEDATE",
    "Source": "crm_status:SOURCE SOURCE_ID\ntext SOURCE_DESCRIPTION",
    "Observers": "users OBSERVERS",
    "Mycompany": "crm_company MYCOMPANY_ID",
}


@dataclass(slots=True)
class SmartType:
    """A type of objects. `number`: its entityTypeId; `id`: its other number; `flags`: those that are on."""

    number: int
    id: int
    title: str
    flags: tuple[str, ...]
    parents: tuple[int, ...] = (2,)
    is_readable: bool = True

    @property
    def name(self) -> str:
        """The name of its table in this program."""
        return f"item_{self.number}"

    @property
    def owner_type(self) -> str:
        """What product rows call it (P14.9)."""
        return "SI" if self.number == INVOICES else f"T{self.number:x}"

    @property
    def pipeline(self) -> Pipeline:
        """Its only pipeline."""
        prefix = f"DT{self.number}_{self.id + 10}:"
        stages = [Stage(prefix + "NEW", "Start"), Stage(prefix + "PREPARATION", "В работе")]
        final = [Stage(prefix + "SUCCESS", "Done", "S"), Stage(prefix + "FAIL", "Cancelled", "F")]
        return Pipeline(self.id + 10, f"{self.title}: default", 500, [*stages, *final])

    @property
    def stage_directory(self) -> str:
        """The directory of its stages."""
        kind = "SMART_INVOICE" if self.number == INVOICES else f"DYNAMIC_{self.number}"
        return f"{kind}_STAGE_{self.pipeline.id}"

    def as_row(self) -> dict[str, Any]:
        """Its row in `crm.type.getByEntityTypeId`."""
        flags = {f"is{flag}Enabled": "Y" if flag in self.flags else "N" for flag in _FLAGS}
        return {
            "id": self.id,
            "title": self.title,
            "code": "",
            "createdBy": 1,
            "entityTypeId": self.number,
            "customSectionId": None,
            "isCategoriesEnabled": "N",
            **flags,
            "isInitialized": "Y",
            "createdTime": "2025-02-03T10:00:00+03:00",
            "updatedTime": "2026-03-04T11:30:00+03:00",
            "updatedBy": 1,
        }


def sample_types() -> list[SmartType]:
    """The invoices and three smart processes, of which two have the same title."""
    return [
        SmartType(INVOICES, 1, "Счёт", _FLAGS, parents=(2, 7)),
        SmartType(130, 2, "Проекты", ("Stages", "Client", "LinkWithProducts", "BeginCloseDates", "Mycompany")),
        SmartType(1030, 5, "Закупки", ("Stages", "Source", "Observers")),
        SmartType(1036, 7, "Закупки", ("Client",), parents=()),
    ]


def _fields_text(type_: SmartType) -> str:
    parts = [_BASE.strip(), *(_BY_FLAG[flag] for flag in type_.flags)]
    parts += [f"crm_entity {' '.join(f'PARENT_ID_{number}' for number in type_.parents)}"] if type_.parents else []
    parts += ["string ACCOUNT_NUMBER COMMENTS"] if type_.number == INVOICES else []
    return "\n".join(parts)


for _type in sample_types():
    STANDARD[_type.name] = read_fields(_fields_text(_type))
    CREATED[_type.name], MODIFIED[_type.name] = "CREATED_TIME", "UPDATED_TIME"


def smart_user_fields(type_: SmartType) -> list[UserField]:
    """Custom fields with names as irregular as they come (P14.5)."""
    prefix = "UF_CRM_SMART_INVOICE" if type_.number == INVOICES else f"UF_CRM_{type_.id}"
    first = 5_000 + 100 * type_.id
    shapes = (
        ("1713790573", "string", False, "Примечание"),
        ("MY_FLAG", "boolean", False, "Approved"),
        ("ABC1", "enumeration", False, "Risk"),
        ("ABC2", "enumeration", True, "Regions"),
        ("1713790600", "money", False, "Budget"),
        ("DUE_DATE", "date", False, "Due"),
        ("SCAN_1", "file", False, "Scan"),
        ("1713790700", "employee", True, "Team"),
        ("CHANNEL", "crm_status", False, "Channel"),
    )
    fields = []
    for place, (suffix, kind, multiple, label) in enumerate(shapes):
        options = {first * 10 + 10 * place + rank: text for rank, text in enumerate(("Low", "Средний", "High"))}
        fields.append(
            UserField(
                first + place,
                f"smart_{type_.number}",
                f"{prefix}_{suffix}",
                kind,
                multiple,
                {"en": label, "ru": label},
                options if kind == "enumeration" else {},
            )
        )
    return fields


class ItemSample(Sample):
    """The items of a type; those of 130 have IDs without gaps, since deals and others name them."""

    @cached_property
    def ids(self) -> "array[int]":
        """All IDs, ascending."""
        return array("q", range(1, self._size + 1)) if self.name == "item_130" else super().ids


def _values(type_: SmartType) -> ValuesById:
    def values(sample: Sample, number: int) -> Row:
        draw = sample.hash(number)
        created, changed = moment_of(sample.created(number)), moment_of(sample.modified(number))
        contact = sample.link("contact", draw >> 5)
        stages = type_.pipeline.stages
        stage = draw >> 9 & 3
        every: Mapping[str, Any] = {
            "TITLE": f"{type_.title} № {number}",
            "CATEGORY_ID": type_.pipeline.id,
            "ASSIGNED_BY_ID": draw % USERS + 1,
            "STAGE_ID": stages[stage].code,
            "PREVIOUS_STAGE_ID": stages[stage - 1].code if stage else None,
            "MOVED_TIME": changed,
            "MOVED_BY": draw % USERS + 1,
            "COMPANY_ID": sample.link("company", draw >> 3),
            "CONTACT_ID": contact,
            "CONTACT_IDS": [contact] if contact else [],
            "PARENT_ID_2": sample.link("deal", draw >> 7),
            "PARENT_ID_7": sample.link("quote", draw >> 11),
            "OPPORTUNITY": Decimal(draw % 900_000) / 100,
            "TAX_VALUE": Decimal(0),
            "CURRENCY_ID": ("RUB", "EUR", "USD")[draw % 3],
            "IS_MANUAL_OPPORTUNITY": True,
            "BEGINDATE": created.date(),
            "CLOSEDATE": created.date() + timedelta(days=30),
            "OBSERVERS": [draw // 3 % USERS + 1, draw // 5 % USERS + 1] if draw % 2 else [],
            "MYCOMPANY_ID": sample.link("company", draw >> 13),
            "ACCOUNT_NUMBER": f"INV-{number:05}",
        }
        return {name: value for name, value in every.items() if name in STANDARD[type_.name]}

    return values


def _variant(chance: random.Random, row: Row) -> Row:
    return {"WEBFORM_ID": 0, "OPENED": chance.random() < 0.8, "XML_ID": None}


def item_stage_history(number: int, item: Row) -> list[Row]:
    """The history of a sample item: its creation, and its last move."""
    first = (item["ID"] * 64 + list(_PIPELINES).index(number)) * 2
    codes = {stage.code: stage.semantics for stage in _PIPELINES[number].stages}
    common = {"OWNER_ID": item["ID"], "CATEGORY_ID": item["CATEGORY_ID"]}
    rows = [
        {
            "TYPE_ID": 1,
            **common,
            "STAGE_ID": next(iter(codes)),
            "STAGE_SEMANTIC_ID": "P",
            "CREATED_TIME": item["CREATED_TIME"],
        }
    ]
    if item["PREVIOUS_STAGE_ID"]:
        semantics = codes[item["STAGE_ID"]]
        moved = {
            "STAGE_ID": item["STAGE_ID"],
            "STAGE_SEMANTIC_ID": semantics or "P",
            "CREATED_TIME": item["MOVED_TIME"],
        }
        rows.append({"TYPE_ID": 3 if semantics else 2, **common, **moved})
    return [{"ID": first + step, **row} for step, row in enumerate(rows)]


_PIPELINES = {type_.number: type_.pipeline for type_ in sample_types()}
SMART_VALUES: dict[str, ValuesById] = {type_.name: _values(type_) for type_ in sample_types()}
SMART_VARIANTS: dict[str, VariantValues] = {type_.name: _variant for type_ in sample_types()}
SMART_NAMES: Mapping[int, str] = {type_.number: type_.name for type_ in sample_types()}
