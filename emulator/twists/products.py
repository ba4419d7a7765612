"""Twists of product rows and links (P4, P6)."""

from dataclasses import replace
from decimal import Decimal

from ..app import App
from ..registry import Outcome, RestError
from ..store import OwnerLists
from .twist import Params, Run, around, twist, with_filter

_LIST = ("crm.productrow.list",)


@twist("`crm.productrow.list` reads the first of several owners only.")
def lists_of_owners(app: App) -> None:
    """The others have no rows."""
    app.portal.lists_of_owners = OwnerLists.FIRST


@twist("`crm.productrow.list` drops a bound on the ID.")
def product_rows_by_id(app: App) -> None:
    """All rows of the owner come."""
    around(
        app,
        _LIST,
        lambda params, run: run(with_filter(params, lambda key, value: None if key.startswith("<") else value)),
    )


@twist("A record that does not exist has no product rows, without an error.")
def rows_of_no_owner(app: App) -> None:
    """An empty set."""

    def wrap(params: Params, run: Run) -> Outcome:
        try:
            return run(params)
        except RestError as error:
            if error.text == "Not found.":
                return Outcome([])
            raise

    around(app, [f"crm.{name}.productrows.get" for name in ("deal", "lead", "quote")], wrap)


@twist("`crm.productrow.list` shows other prices than the owner.")
def product_rows_agree(app: App) -> None:
    """One more."""

    def wrap(params: Params, run: Run) -> Outcome:
        outcome = run(params)
        return replace(outcome, result=[row | {"PRICE": str(Decimal(row["PRICE"]) + 1)} for row in outcome.result])

    around(app, _LIST, wrap)


@twist("`companyIds` names the primary company only.")
def links_agree(app: App) -> None:
    """Further companies are missing."""

    def wrap(params: Params, run: Run) -> Outcome:
        outcome = run(params)
        items = [
            item | {"companyIds": item["companyIds"][:1]} if isinstance(item, dict) and "companyIds" in item else item
            for item in outcome.result["items"]
        ]
        return replace(outcome, result={"items": items})

    around(app, ("crm.item.list",), wrap)
