"""The words that stand beside codes, computed from the data of the emulated portal."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from emulator.reference import directory_rows
from emulator.store import Portal
from emulator.userfields import UserField
from emulator.wire import Row

_PEOPLE = (
    *(
        "ASSIGNED_BY_ID",
        "CREATED_BY_ID",
        "MODIFY_BY_ID",
        "MOVED_BY_ID",
        "LAST_ACTIVITY_BY",
        "RESPONSIBLE_ID",
        "AUTHOR_ID",
    ),
    *(
        "EDITOR_ID",
        "CREATED_BY",
        "UPDATED_BY",
        "MOVED_BY",
        "OBSERVERS",
        "PORTAL_USER_ID",
        "CHANGED_BY",
        "STATUS_CHANGED_BY",
    ),
    *("CLOSED_BY", "ACCOMPLICES", "AUDITORS", "MODIFIED_BY"),
)
_STAGES_OF_DEALS = {"STAGE_ID": "DEAL_STAGE*"}
_OF_ITEMS = {"STAGE_ID": "*_STAGE_*", "PREVIOUS_STAGE_ID": "*_STAGE_*", "SOURCE_ID": "SOURCE"}
_DIRECTORIES: Mapping[str, Mapping[str, str]] = {
    "deals": _STAGES_OF_DEALS | {"TYPE_ID": "DEAL_TYPE", "SOURCE_ID": "SOURCE"},
    "leads": {"STATUS_ID": "STATUS", "SOURCE_ID": "SOURCE", "HONORIFIC": "HONORIFIC"},
    "contacts": {"TYPE_ID": "CONTACT_TYPE", "SOURCE_ID": "SOURCE", "HONORIFIC": "HONORIFIC"},
    "companies": {"COMPANY_TYPE": "COMPANY_TYPE", "INDUSTRY": "INDUSTRY", "EMPLOYEES": "EMPLOYEES"},
    "quotes": {"STATUS_ID": "QUOTE_STATUS"},
    "deal_stage_history": _STAGES_OF_DEALS,
    "lead_stage_history": {"STATUS_ID": "STATUS"},
    "smart_process_stage_history": {"STAGE_ID": "*STAGE_*"},
    "smart_invoices": _OF_ITEMS,
    "smart_process_130": _OF_ITEMS,
    "smart_process_1030": _OF_ITEMS,
    "smart_process_1036": _OF_ITEMS,
}
_WITH_PIPELINES = (
    "deals",
    "deal_stage_history",
    "smart_invoices",
    "smart_process_130",
    "smart_process_1030",
    "smart_process_1036",
)
_LABELLED = (*_DIRECTORIES, "activities", "products", "calls", "tasks", "requisites")
_OBJECTS = {"deals": "deal", "leads": "lead", "contacts": "contact", "companies": "company", "quotes": "quote"}

Words = Mapping[Any, str]


def add_labels(portal: Portal, table: str, rows: list[Row]) -> None:
    """Put the words of a table's codes into its rows."""
    if table not in _LABELLED:
        return
    words = _words(portal, table)
    money = [field for field in _custom_fields(portal, table) if field.type == "money"]
    for row in rows:
        for column, known in words.items():
            label = _each(known.get, row.get(column))
            if label is not None:
                row[f"{column}_LABEL"] = label
        for field in money:
            if field.name in row:
                row[f"{field.name}_AMOUNT"] = _each(lambda text: float(text.split("|")[0]), row[field.name])
                row[f"{field.name}_CURRENCY"] = _each(lambda text: text.split("|")[1], row[field.name])


def _words(portal: Portal, table: str) -> dict[str, Words]:
    directories = directory_rows(portal.pipelines, portal.smart_types.values())
    people = {user["ID"]: f"{user['NAME']} {user['LAST_NAME']}" for user in portal.tables["user"]}

    def directory(pattern: str) -> Words:
        return {row["STATUS_ID"]: row["NAME"] for row in directories if fnmatchcase(row["ENTITY_ID"], pattern)}

    words: dict[str, Words] = dict.fromkeys(_PEOPLE, people)
    words |= {column: directory(pattern) for column, pattern in _DIRECTORIES.get(table, {}).items()}
    if table in _WITH_PIPELINES:
        pipelines = [*portal.pipelines, *(type_.pipeline for type_ in portal.smart_types.values())]
        words["CATEGORY_ID"] = {pipeline.id: pipeline.name for pipeline in pipelines}
    for field in _custom_fields(portal, table):
        if field.type in ("enumeration", "crm_status", "employee"):
            by_type = {"enumeration": field.options, "crm_status": directory("SOURCE"), "employee": people}
            words[field.name] = by_type[field.type]
    return words


def _custom_fields(portal: Portal, table: str) -> list[UserField]:
    number = 31 if table == "smart_invoices" else table.rpartition("_")[2]
    return portal.user_fields.get(_OBJECTS.get(table, f"item_{number}"), [])


def _each(word: Callable[[Any], Any], value: Any) -> Any:
    if value is None:
        return None
    return [word(one) for one in value] if isinstance(value, list) else word(value)
