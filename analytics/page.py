"""The page: one HTML file that holds its charts, their data and the library that draws them."""

import html
import json
from collections.abc import Iterator
from pathlib import Path
from string import Template

import vl_convert  # type: ignore[import-not-found]  # in analytics/.venv only

from .charts import CARDS
from .figures import Marts, Row

_FOLDER = Path(__file__).parent / "page"


def page_of(marts: Marts) -> str:
    """The HTML text."""
    specs = {card.name: spec for card in CARDS if (spec := card.spec(marts))}
    page = Template((_FOLDER / "page.html").read_text(encoding="utf-8"))
    return page.substitute(
        style=(_FOLDER / "page.css").read_text(encoding="utf-8"),
        figures="\n".join(_figures(marts)),
        cards="\n".join(_card(card.name, card.title, card.words) for card in CARDS if card.name in specs),
        specs=_in_script(json.dumps(specs, ensure_ascii=False)),
        script=_in_script(vl_convert.javascript_bundle((_FOLDER / "page.js").read_text(encoding="utf-8"))),
    )


def _figures(marts: Marts) -> Iterator[str]:
    """The numbers above the charts."""
    for row in marts.rows["year"]:
        yield _figure(
            _amount(row["amount"], marts.currency), f"won in the last twelve months, {row['won'] or 0:.0f} deals"
        )
        if closed := (row["won"] or 0) + (row["lost"] or 0):
            yield _figure(f"{row['won'] / closed:.0%}", "of the deals closed in that time were won")
    for row in marts.rows["open"]:
        words = (
            f"in {row['deals'] or 0:.0f} open deals; by their probability {_amount(row['weighted'], marts.currency)}"
        )
        yield _figure(_amount(row["amount"], marts.currency), words)
    for row in marts.rows["customers"]:
        yield _figure(f"{row['repeating']:,}", f"of {row['customers']:,} customers have bought more than once")
    for row in marts.rows["leads"]:
        if row["hours"] is not None:
            yield _figure(f"{row['hours']:,.0f} h", "from a lead to its first activity, median")
    invoices: dict[str, Row] = {row["status"]: row for row in marts.rows["invoices"]}
    if "due" in invoices:
        due = invoices["due"]
        yield _figure(_amount(due["amount"], marts.currency), f"due in {due['invoices']:,} invoices")


def _figure(value: str, words: str) -> str:
    return f'<div class="figure"><b>{html.escape(value)}</b><span>{html.escape(words)}</span></div>'


def _card(name: str, title: str, words: str) -> str:
    return (
        f'<section class="card"><h2>{html.escape(title)}</h2><p>{html.escape(words)}</p>'
        f'<div class="chart" id="{name}"></div></section>'
    )


def _amount(value: float | None, currency: str) -> str:
    value = value or 0
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if abs(value) >= size:
            return f"{value / size:,.1f}{letter} {currency}"
    return f"{value:,.0f} {currency}"


def _in_script(text: str) -> str:
    """A text that does not end the script that it stands in."""
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
