"""What the sample company's users, calls, tasks and requisites hold, its departments and its addresses."""

import random
from array import array
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from .company import Row, Sample, ValuesById, VariantValues, mix, moment_of
from .words import PLACES

USERS = 30  # whom the other rows name by their IDs
_EXTRANET = (29, 30)  # guests, who belong to no department
_DISMISSED = (7, 19)
_POSITIONS = ("Менеджер по продажам", "Account manager", "Vertriebsleiter", "Бухгалтер", "Support engineer")
_TASKS = ("Подготовить договор", "Prepare the offer", "Rechnung prüfen", "Согласовать скидку", "Call the warehouse")
_CALLS = (("200", "Success call"), ("200", "Success call"), ("304", "Missed call"), ("603", "Declined"))
_COMPANY, _CONTACT, _REQUISITE, _LEAD = 4, 3, 8, 1  # object types

# ID, name, parent, head
_DEPARTMENTS = (
    (1, "ООО «Пример»", None, 1),
    (2, "Отдел продаж", 1, 2),
    (3, "Marketing", 1, 5),
    (4, "Vertrieb DACH", 2, 8),
    (6, "Бухгалтерия", 1, None),
    (9, "サポート", 1, 11),
)


def sample_departments() -> list[Row]:
    """The departments as `department.get` sends them: the topmost one lacks PARENT, one without a head lacks UF_HEAD."""
    rows: list[Row] = []
    for number, name, parent, head in _DEPARTMENTS:
        row: Row = {"ID": str(number), "NAME": name, "SORT": 500}
        row |= {"PARENT": str(parent)} if parent else {}
        rows.append(row | ({"UF_HEAD": str(head)} if head else {}))
    return rows


class UserSample(Sample):
    """The users, whose IDs have no gaps."""

    @cached_property
    def ids(self) -> "array[int]":
        """All IDs, ascending."""
        return array("q", range(1, self._size + 1))


class CallSample(Sample):
    """The calls. Their date is that of the beginning, which no edit moves (P15.3)."""

    def modified(self, number: int) -> int:
        """When the call began, as `seconds_of` counts."""
        return self.created(number)


class RequisiteSample(Sample):
    """The requisites. Those that nobody has edited have no date of change (P15.5)."""

    def modified(self, number: int) -> int:
        """When a row was last modified, as `seconds_of` counts; 0 for never."""
        return super().modified(number) if self.hash(number) % 3 else 0


def _user(sample: Sample, number: int) -> Row:
    draw = mix(41, number)
    departments = [one[0] for one in _DEPARTMENTS]
    is_guest = number in _EXTRANET
    registered = moment_of(sample.last) - timedelta(days=900 - 7 * number)
    name = sample.variant(number)["EMAIL"]
    return {
        "ACTIVE": number not in _DISMISSED,
        "EMAIL": f"user{number}@{name}",
        "DATE_REGISTER": registered.date(),
        "LAST_LOGIN": None if number in _DISMISSED else moment_of(sample.last) - timedelta(minutes=draw % 9_000),
        "UF_EMPLOYMENT_DATE": None if is_guest else registered.date() + timedelta(days=draw % 30),
        "UF_DEPARTMENT": [] if is_guest else [departments[draw % len(departments)]],
        "UF_PHONE_INNER": None if is_guest else str(100 + number),
        "USER_TYPE": "extranet" if is_guest else "employee",
    }


def _user_variant(chance: random.Random, row: Row) -> Row:
    place = chance.choice(PLACES)
    is_woman = chance.random() < 0.5
    name, last_name = chance.choice(place.women if is_woman else place.men)
    return {
        "NAME": name,
        "LAST_NAME": last_name,
        "SECOND_NAME": None,
        "TITLE": None,
        "EMAIL": place.mail,  # the name before it depends on the ID
        "TIME_ZONE": None,
        "PERSONAL_GENDER": "F" if is_woman else "M",
        "PERSONAL_WWW": None,
        "PERSONAL_MOBILE": f"{place.phone}{chance.randint(10, 99)}-{chance.randint(10, 99)}",
        "PERSONAL_CITY": place.city,
        "PERSONAL_BIRTHDAY": date(1960, 1, 1) + timedelta(days=chance.randint(0, 14_000)),
        "WORK_POSITION": chance.choice(_POSITIONS),
        "WORK_PHONE": None,
        "IS_ONLINE": chance.random() < 0.3,
        "TIMESTAMP_X": None,
    }


def _call(sample: Sample, number: int) -> Row:
    draw = sample.hash(number)
    kinds = [(name, code) for name, code in (("contact", "CONTACT"), ("company", "COMPANY"), ("lead", "LEAD"))]
    name, code = kinds[draw % 3]
    record = sample.link(name, draw >> 3)
    answered = sample.variant(number)["CALL_FAILED_CODE"] == "200"
    return {
        "CALL_ID": f"externalCall.{draw:016x}",
        "CALL_DURATION": 5 + draw % 900 if answered else 0,
        "COST": Decimal(draw % 40_000) / 10_000 if answered else Decimal("0.0000"),
        "CRM_ENTITY_TYPE": code if record else None,
        "CRM_ENTITY_ID": record,
        "CRM_ACTIVITY_ID": sample.link("activity", draw >> 7) if record else None,
        "RECORD_FILE_ID": 1_000 + number if answered and draw % 2 else None,
        "CALL_RECORD_URL": f"https://portal.test/record/{number}.mp3" if answered and draw % 2 else "",
        "CALL_VOTE": draw % 5 + 1 if answered and draw % 7 == 0 else None,
    }


def _call_variant(chance: random.Random, row: Row) -> Row:
    code, reason = chance.choice(_CALLS)
    return {
        "PORTAL_USER_ID": chance.randint(1, USERS),
        "CALL_TYPE": chance.choice((1, 1, 2, 2, 3)),
        "CALL_CATEGORY": "external",
        "PORTAL_NUMBER": "reg100",
        "PHONE_NUMBER": chance.choice(PLACES).phone + "11-22",
        "CALL_FAILED_CODE": code,
        "CALL_FAILED_REASON": reason,
        "COST_CURRENCY": "RUR",
        "TRANSCRIPT_PENDING": False,
        "COMMENT": chance.choice((None, None, "Перезвонить", "asks for a discount")),
        **dict.fromkeys(
            ("EXTERNAL_CALL_ID", "CALL_LOG", "REST_APP_ID", "REST_APP_NAME", "TRANSCRIPT_ID", "SESSION_ID")
        ),
        **dict.fromkeys(("REDIAL_ATTEMPT", "RECORD_DURATION")),
    }


def _task(sample: Sample, number: int) -> Row:
    draw = sample.hash(number)
    created, changed = moment_of(sample.created(number)), moment_of(sample.modified(number))
    kinds = (("D", "deal"), ("C", "contact"))
    links = [f"{letter}_{record}" for letter, name in kinds if (record := sample.link(name, draw >> 5))]
    is_done = sample.variant(number)["STATUS"] == 5
    return {
        "TITLE": f"{_TASKS[draw % len(_TASKS)]} № {number}",
        "PARENT_ID": sample.ids[0] if draw % 9 == 0 and number != sample.ids[0] else None,
        "RESPONSIBLE_ID": draw % USERS + 1,
        "CREATED_BY": draw // 7 % USERS + 1,
        "CHANGED_BY": draw // 11 % USERS + 1,
        "STATUS_CHANGED_BY": draw // 11 % USERS + 1,
        "CLOSED_BY": draw // 11 % USERS + 1 if is_done else None,
        "STATUS_CHANGED_DATE": changed,
        "CLOSED_DATE": changed if is_done else None,
        "ACTIVITY_DATE": changed,
        "DATE_START": created if is_done else None,
        "DEADLINE": created + timedelta(days=draw % 20) if draw % 4 else None,
        "START_DATE_PLAN": created if draw % 5 == 0 else None,
        "END_DATE_PLAN": created + timedelta(days=3) if draw % 5 == 0 else None,
        "GUID": f"{{{draw:032X}}}",
        "ACCOMPLICES": [draw // 13 % USERS + 1] if draw % 3 == 0 else [],
        "AUDITORS": [draw // 17 % USERS + 1] if draw % 4 == 0 else [],
        "UF_CRM_TASK": links,
    }


def _task_variant(chance: random.Random, row: Row) -> Row:
    status = chance.choice((2, 3, 5, 5, 5))
    return {
        "PRIORITY": chance.choice((0, 1, 2)),
        "STATUS": status,
        "SUB_STATUS": status,
        "GROUP_ID": 0,
        "STAGE_ID": 0,
        "COMMENTS_COUNT": chance.choice((None, 1, 4)),
        "FORKED_BY_TEMPLATE_ID": None,
        "TIME_ESTIMATE": chance.choice((0, 0, 3600)),
        "TIME_SPENT_IN_LOGS": chance.choice((None, 1800)),
        "DURATION_PLAN": chance.choice((None, 3)),
        "DURATION_FACT": chance.choice((None, 95)),
        "DURATION_TYPE": "days",
        "MARK": chance.choice((None, "P", "N")),
        "SITE_ID": "s1",
        "XML_ID": None,
        "SUBORDINATE": False,
        "FAVORITE": False,
    }


def _requisite(sample: Sample, number: int) -> Row:
    """The legal details of a company, or of a person."""
    draw = sample.hash(number)
    name = "contact" if draw % 5 == 0 else "company"
    records = sample.other(name).ids
    modified = sample.modified(number)
    return {
        "ENTITY_TYPE_ID": _CONTACT if name == "contact" else _COMPANY,
        "ENTITY_ID": records[draw // 5 % len(records)] if len(records) else None,
        "DATE_MODIFY": moment_of(modified) if modified else None,
        "MODIFY_BY_ID": draw % USERS + 1 if modified else None,
        "NAME": f"Реквизит {number}",
        "RQ_COMPANY_NAME": None if name == "contact" else f"Ромашка {number}",
        "RQ_INN": f"77{draw % 10**8:08}",
        "RQ_KPP": "770101001" if draw % 2 else None,
        "RQ_OGRN": f"1{draw % 10**12:012}",
    }


def _requisite_variant(chance: random.Random, row: Row) -> Row:
    return {
        "PRESET_ID": chance.choice((1, 3)),
        "ACTIVE": True,
        "ADDRESS_ONLY": False,
        "SORT": 500,
        "CODE": None,
        "CREATED_BY_ID": chance.randint(1, USERS),
        "RQ_COMPANY_FULL_NAME": None,
        "RQ_DIRECTOR": chance.choice((None, "Иванова А. П.", "J. Schäfer")),
        "RQ_VAT_ID": chance.choice((None, "DE123456789")),
    }


def address_rows(requisites: Iterator[Row], leads: Iterator[Row]) -> Iterator[Row]:
    """The addresses of all requisites, and of every third lead, as `crm.address.list` sends them."""
    for row in requisites:
        place = PLACES[row["ID"] % len(PLACES)]
        for kind in (1, 6) if row["ID"] % 4 == 0 else (1,):
            yield _address(kind, _REQUISITE, row["ID"], (row["ENTITY_TYPE_ID"], row["ENTITY_ID"]), place.address)
    for row in leads:
        if row["ID"] % 3 == 0:
            address = PLACES[row["ID"] % len(PLACES)].address
            yield _address(1, _LEAD, row["ID"], (_LEAD, row["ID"]), address)


def _address(kind: int, entity_type: int, entity: int, anchor: tuple[int, int | None], address: dict[str, str]) -> Row:
    return {
        "TYPE_ID": str(kind),
        "ENTITY_TYPE_ID": str(entity_type),
        "ENTITY_ID": str(entity),
        "ADDRESS_1": address[""],
        "ADDRESS_2": address["_2"] if kind == 1 else "",
        "CITY": address["_CITY"],
        "POSTAL_CODE": address["_POSTAL_CODE"],
        "REGION": address["_REGION"],
        "PROVINCE": address["_PROVINCE"],
        "COUNTRY": address["_COUNTRY"],
        "COUNTRY_CODE": None,
        "LOC_ADDR_ID": str(entity * 10 + kind),
        "ANCHOR_TYPE_ID": str(anchor[0]),
        "ANCHOR_ID": str(anchor[1] or 0),
    }


STAFF_VALUES: dict[str, ValuesById] = {"user": _user, "call": _call, "task": _task, "requisite": _requisite}
STAFF_VARIANTS: dict[str, VariantValues] = {
    "user": _user_variant,
    "call": _call_variant,
    "task": _task_variant,
    "requisite": _requisite_variant,
}
