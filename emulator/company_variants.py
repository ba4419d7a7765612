"""What the variants of the sample company's rows hold: people, addresses and flags that fit together."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

from .company import Row, VariantValues
from .company_staff import STAFF_VARIANTS
from .words import PLACES, SUBJECTS, Place

_NEVER = datetime(9999, 12, 31)  # P11.4
_LEAD_STATUSES = (("NEW", "P"), ("IN_PROCESS", "P"), ("CONVERTED", "S"), ("CONVERTED", "S"), ("JUNK", "F"))
_CURRENCIES = ("RUB", "RUB", "EUR", "USD")
_CLOSED_QUOTES = ("APPROVED", "DECLAINED")
# TYPE_ID, PROVIDER_ID, PROVIDER_TYPE_ID, kind of subject, minutes
_ACTIVITIES = (
    (2, "VOXIMPLANT_CALL", "CALL", "call", 7),
    (2, "VOXIMPLANT_CALL", "CALL", "call", 3),
    (1, "CRM_MEETING", "MEETING", "meeting", 60),
    (4, "CRM_EMAIL", "EMAIL", "mail", 0),
    (6, "CRM_TODO", "TODO", "todo", 0),
)


def _address(place: Place, prefix: str = "ADDRESS") -> Row:
    return {prefix + part: text for part, text in place.address.items()}


def _person(chance: random.Random, row: Row) -> Row:
    """A person with an address; phone and mail are theirs."""
    place = chance.choice(PLACES)
    is_woman = chance.random() < 0.5
    name, last_name = chance.choice(place.women if is_woman else place.men)
    return {
        "HONORIFIC": "HNR_EN_2" if is_woman else "HNR_EN_1",
        "NAME": name,
        "LAST_NAME": last_name,
        "BIRTHDATE": date(1955, 1, 1) + timedelta(days=chance.randint(0, 16_000)) if row["BIRTHDATE"] else None,
        **_address(place),
        **_contact_details(place, chance, row),
    }


def _contact_details(place: Place, chance: random.Random, row: Row) -> Row:
    details = {name: [dict(one) for one in row[name] or ()] for name in ("PHONE", "EMAIL")}
    for phone in details["PHONE"]:
        phone["VALUE"] = f"{place.phone}{chance.randint(10, 99)}-{chance.randint(10, 99)}"
    for mail in details["EMAIL"]:
        mail["VALUE"] = f"office{chance.randint(1, 99)}@{place.mail}"
    return {**details, "HAS_PHONE": bool(details["PHONE"]), "HAS_EMAIL": bool(details["EMAIL"])}


def _deal_variant(chance: random.Random, row: Row) -> Row:
    return {
        "IS_RECURRING": False,
        "IS_MANUAL_OPPORTUNITY": False,
        "CURRENCY_ID": chance.choice(_CURRENCIES),
        "TAX_VALUE": Decimal(0),
    }


def _lead_variant(chance: random.Random, row: Row) -> Row:
    status, semantics = chance.choice(_LEAD_STATUSES)
    return _person(chance, row) | {
        "STATUS_ID": status,
        "STATUS_SEMANTIC_ID": semantics,
        "CURRENCY_ID": chance.choice(_CURRENCIES),
    }


def _company_variant(chance: random.Random, row: Row) -> Row:
    place = chance.choice(PLACES)
    return {
        "CATEGORY_ID": 0,
        **_address(place),
        **_address(place, "REG_ADDRESS"),
        **_contact_details(place, chance, row),
    }


def _quote_variant(chance: random.Random, row: Row) -> Row:
    status = row["STATUS_ID"] or "DRAFT"
    return {
        "STATUS_ID": status,
        "CLOSED": status in _CLOSED_QUOTES,
        "CURRENCY_ID": chance.choice(_CURRENCIES),
        "TAX_VALUE": Decimal(0),
    }


def _activity_variant(chance: random.Random, row: Row) -> Row:
    kind, provider, provider_kind, subject, minutes = chance.choice(_ACTIVITIES)
    is_done = chance.random() < 0.7
    return {
        "TYPE_ID": kind,
        "PROVIDER_ID": provider,
        "PROVIDER_TYPE_ID": provider_kind,
        "PROVIDER_GROUP_ID": None,
        "SUBJECT": chance.choice(SUBJECTS[subject]),
        "COMPLETED": is_done,
        "STATUS": 2 if is_done else 1,
        "DIRECTION": chance.choice((1, 2)) if subject in ("call", "mail") else 0,
        "PRIORITY": chance.choice((1, 2, 2, 2, 3)),
        "NOTIFY_TYPE": 1 if subject == "meeting" else 0,
        "NOTIFY_VALUE": 15 if subject == "meeting" else 0,
        "DESCRIPTION_TYPE": 3 if subject == "mail" else 1,
        "ASSOCIATED_ENTITY_ID": 0,
        **dict.fromkeys(("RESULT_MARK", "RESULT_VALUE", "RESULT_SUM", "RESULT_STATUS", "RESULT_STREAM"), 0),
        # both depend on the ID; what stands here says how
        "DEADLINE": _NEVER if chance.random() < 0.3 else None,
        "END_TIME": datetime.min + timedelta(minutes=minutes),
    }


def _product_variant(chance: random.Random, row: Row) -> Row:
    return {"ACTIVE": chance.random() < 0.95, "DESCRIPTION_TYPE": "html", "MEASURE": 9, "SORT": 500, "SECTION_ID": None}


VARIANT_VALUES: dict[str, VariantValues] = {
    "deal": _deal_variant,
    "lead": _lead_variant,
    "contact": lambda chance, row: _person(chance, row) | {"CATEGORY_ID": 0},
    "company": _company_variant,
    "quote": _quote_variant,
    "activity": _activity_variant,
    "product": _product_variant,
    "catalog": lambda chance, row: {},
    "stage_history": lambda chance, row: {},
    "lead_history": lambda chance, row: {},
    **STAFF_VARIANTS,
}
