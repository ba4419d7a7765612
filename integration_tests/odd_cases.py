"""Answers that are no errors and yet odd, each with what it costs. Tests and docs/messages.md share the list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.odd import Odd, holes, instead_of_rows, raw, values
from emulator.registry import RestError

DEAL, PARENT = 5, 9  # IDs of a deal, and of a deal with product rows


@dataclass(frozen=True, slots=True)
class OddCase:
    """Odd answers of methods: `odd` changes results, `refuses` are refusals, `kind` names what is odd.

    `costs`: what is not in the copy, in words: "nothing", "the value", "1 row", "its set", or "the table".
    `table`: the one that is read beside another that must stay whole.
    """

    kind: str
    table: str
    costs: str
    odd: Mapping[str, Odd] = field(default_factory=dict)
    refuses: Mapping[str, RestError] = field(default_factory=dict)


def _value(kind: str, column: str, sent: Any, costs: str = "the value") -> OddCase:
    return OddCase(kind, "deals", costs, {"crm.deal.list": values({DEAL}, **{column: sent})})


def _row(kind: str, sent: Any) -> OddCase:
    return OddCase(kind, "deals", "1 row", {"crm.deal.list": instead_of_rows({DEAL: sent})})


def _definition(kind: str, change: Callable[[dict[str, Any]], Any], costs: str = "nothing") -> OddCase:
    odd: Odd = lambda fields: [change(one) for one in fields]  # noqa: E731
    return OddCase(kind, "deal_custom_field_values", costs, {"crm.deal.userfield.list": odd})


_NO_MODULE = RestError("", "The module behind products is not there.")
_DENIED = RestError("", "Access denied.")
_GONE = RestError("NOT_FOUND", "Not found")

VALUES = (
    _value("a date of the year 9999", "UF_CRM_DATETIME", "9999-12-31T00:00:00+03:00", "nothing"),
    _value("a date that UTC cannot hold", "UF_CRM_DATETIME", "9999-12-31T23:59:59-12:00"),
    _value("a date of change that is a word", "DATE_MODIFY", "soon"),
    _value("`false` in a boolean field", "UF_CRM_BOOLEAN", False, "nothing"),
    _value("one value where several are expected", "UF_CRM_INTEGER_LIST", "7", "nothing"),
    _value("an infinite number as text", "OPPORTUNITY", "-INF"),
    _value("a text that is not a number", "UF_CRM_DOUBLE", "1e999"),
    _value("a number of JSON that no double holds", "UF_CRM_DOUBLE", raw(b"1e999")),
    _value("a number of JSON that is none", "UF_CRM_DOUBLE", raw(b"NaN")),
    _value("more digits than a double holds", "OPPORTUNITY", "12345678901234567.89"),
    _value("more digits than a double holds, as a number of JSON", "OPPORTUNITY", raw(b"12345678901234567.89")),
    _value("a field whose type changed after discover", "UF_CRM_INTEGER", "a text"),
    _value("several values where one is expected", "UF_CRM_INTEGER", ["1", "2"]),
    _value("bytes that are no UTF-8", "TITLE", raw(b'"caf\xe9"'), "nothing"),
    _value("a link with a key that opens it", "TITLE", "/rest/download.json?auth=c0de&x=1", "nothing"),
)
ROWS = (
    _row("null in the place of a row", None),
    _row("`false` in the place of a row", False),
    _row("a row without an ID", {"TITLE": "no ID"}),
    OddCase("a page that is a map with holes", "deals", "1 row", {"crm.deal.list": holes({DEAL})}),
    OddCase(
        "a set of product rows with null among them",
        "deal_products",
        "nothing",
        {"crm.deal.productrows.get": lambda rows: [None, *rows]},
    ),
    OddCase(
        "a parent row without its date",
        "deal_products",
        "the value",
        {"crm.deal.list": lambda rows: [{k: v for k, v in row.items() if k != "DATE_MODIFY"} for row in rows]},
    ),
    OddCase(
        "one owner is refused", "deal_products", "its set", refuses={f"crm.deal.productrows.get?id={PARENT}": _DENIED}
    ),
    OddCase("one owner is gone", "deal_products", "its set", refuses={f"crm.deal.productrows.get?id={PARENT}": _GONE}),
    OddCase("every owner is refused", "deal_products", "the table", refuses={"crm.deal.productrows.get": _DENIED}),
)
DESCRIPTIONS = (
    OddCase("the fields of an object are refused", "products", "nothing", refuses={"crm.product.fields": _NO_MODULE}),
    OddCase("`profile` is refused", "deal_products", "nothing", refuses={"profile": _DENIED}),
    OddCase("a directory is refused", "deal_pipeline_stages", "the table", refuses={"crm.status.list": _NO_MODULE}),
    OddCase("a list is refused", "products", "the table", refuses={"crm.product.list": _NO_MODULE}),
    _definition("a custom field without its type", lambda one: {k: v for k, v in one.items() if k != "USER_TYPE_ID"}),
    _definition(
        "a custom field whose labels are a map of languages", lambda one: one | {"EDIT_FORM_LABEL": {"en": "A"}}
    ),
    _definition("a custom field's code in small letters", lambda one: one | {"FIELD_NAME": one["FIELD_NAME"].lower()}),
    _definition("options without words", lambda one: one | {"LIST": [{"ID": "1"}]} if one.get("LIST") else one),
    OddCase(
        "definitions that come twice",
        "deal_custom_field_values",
        "nothing",
        {"crm.deal.userfield.list": lambda fields: [*fields, *fields]},
    ),
    OddCase(
        "null in the place of all definitions",
        "deal_custom_field_values",
        "the table",
        {"crm.deal.userfield.list": lambda _: None},
    ),
)
CASES = (*VALUES, *ROWS, *DESCRIPTIONS)
