"""Twists of batches and their references (P1)."""

from typing import Any

from ..app import App
from ..php import is_array
from .twist import CLASSIC, Params, around, twist, with_filter

_FEWER = 40


@twist(f"A batch runs {_FEWER} commands only.")
def fifty_commands(app: App) -> None:
    """Fewer commands than known."""
    app.portal.rules.batch.most_commands = _FEWER


@twist("A method's name in capitals is unknown.")
def method_in_capitals(app: App) -> None:
    """Names are case-sensitive."""
    app.portal.rules.batch.knows_capitals = False


@twist('A reference to a map becomes the text "Array".')
def references_keep_their_type(app: App) -> None:
    """Maps lose their type."""
    app.portal.rules.batch.maps_keep_their_type = False


@twist("In a classic list, a reference past a short page is dropped, and the list starts again.")
def chain_ends_in_classic_lists(app: App) -> None:
    """As on old self-hosted portals."""
    around(app, CLASSIC, lambda params, run: run(_without_arrays(params)))


@twist("In `crm.item.list`, a reference past a short page is dropped, and the list starts again.")
def chain_ends_in_items(app: App) -> None:
    """As before the check of filters."""
    around(app, ("crm.item.list",), lambda params, run: run(_without_arrays(params)))


@twist("In the stage history, a reference past a short page is dropped, and the list starts again.")
def chain_ends_in_history(app: App) -> None:
    """As before the check of filters."""
    around(app, ("crm.stagehistory.list",), lambda params, run: run(_without_arrays(params)))


@twist("Empty maps of a batch are empty maps.")
def empty_maps_are_lists(app: App) -> None:
    """Not as PHP writes them."""
    app.portal.rules.batch.writes_empty_maps_as_lists = False


@twist("A batch ends at its first error.")
def errors_are_isolated(app: App) -> None:
    """As with `halt`, unasked."""
    app.portal.rules.batch.stops_at_errors = True


def _without_arrays(params: Params) -> Params:
    def change(key: str, value: Any) -> Any:
        return None if key.startswith("<") and is_array(value) else value

    return with_filter(params, change)
