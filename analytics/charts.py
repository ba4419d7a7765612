"""The charts of the page as Vega-Lite specifications, drawn by Altair. Colours of text and lines are the page's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import altair as alt  # type: ignore[import-not-found]  # in analytics/.venv only

from .figures import Marts, Row

Spec = dict[str, Any]

_BAR = 20  # pixels from one bar to the next
_HEIGHT = 240  # pixels, where bars stand
_PIPELINE = alt.Color("pipeline:N", title=None)
_OUTCOMES = alt.Scale(range=["#54a24b", "#bab0ac"])
_AMOUNT, _NUMBER, _SHARE, _DAYS = ",.0f", ",.0f", ".0%", ".1f"


@dataclass(frozen=True, slots=True)
class Card:
    """A chart with the words above it. `name`: that of its rows in Marts. `bars`: what each lying bar stands for."""

    name: str
    title: str
    words: str
    draw: Callable[[alt.Chart, str], alt.Chart]
    bars: tuple[str, ...] = ()

    def spec(self, marts: Marts) -> Spec | None:
        """The chart of a portal; None without rows."""
        rows: list[Row] = marts.rows[self.name]
        if not rows:
            return None
        chart = self.draw(alt.Chart(alt.Data(values=rows)), marts.currency)
        bars = {tuple(row[column] for column in self.bars) for row in rows}
        chart = chart.properties(width="container", height=_BAR * len(bars) if self.bars else _HEIGHT)
        spec: Spec = chart.to_dict()
        spec.pop("config", None)  # the page has its own, for light and dark
        return spec


def _funnel(chart: alt.Chart, currency: str) -> alt.Chart:
    bars = chart.mark_bar().encode(
        y=_stages(),
        x=alt.X("deals:Q", title="deals that reached the stage"),
        color=_PIPELINE,
        tooltip=[
            "pipeline:N",
            "stage:N",
            alt.Tooltip("deals:Q", format=_NUMBER),
            alt.Tooltip("share:Q", format=_SHARE),
        ],
    )
    shares = bars.mark_text(align="left", dx=4).encode(text=alt.Text("share:Q", format=_SHARE))
    return _named(bars + shares)


def _won_by_month(chart: alt.Chart, currency: str) -> alt.Chart:
    return chart.mark_bar().encode(
        x=alt.X("month:T", timeUnit="yearmonth", title=None),
        y=alt.Y("sum(amount):Q", title=f"won, {currency}", axis=alt.Axis(format="~s")),
        color=_PIPELINE,
        tooltip=[
            alt.Tooltip("month:T", format="%B %Y"),
            "pipeline:N",
            alt.Tooltip("sum(amount):Q", format=_AMOUNT, title=currency),
            alt.Tooltip("sum(deals):Q", title="deals"),
        ],
    )


def _won_by_manager(chart: alt.Chart, currency: str) -> alt.Chart:
    return chart.mark_bar().encode(
        y=alt.Y("manager:N", sort=None, title=None),
        x=alt.X("amount:Q", title=f"won, {currency}", axis=alt.Axis(format="~s")),
        color=alt.Color(
            "win_rate:Q", title="won of closed", scale=alt.Scale(scheme="viridis", domain=[0, 1]), legend=_gradient()
        ),
        tooltip=[
            "manager:N",
            alt.Tooltip("amount:Q", format=_AMOUNT),
            "won:Q",
            alt.Tooltip("win_rate:Q", format=_SHARE),
        ],
    )


def _time_in_stage(chart: alt.Chart, currency: str) -> alt.Chart:
    bars = chart.mark_bar().encode(
        y=_stages(),
        x=alt.X("days:Q", title="days, median"),
        color=_PIPELINE,
        tooltip=["pipeline:N", "stage:N", alt.Tooltip("days:Q", format=_DAYS), "stays:Q"],
    )
    return _named(bars)


def _sources(chart: alt.Chart, currency: str) -> alt.Chart:
    return chart.mark_bar().encode(
        y=alt.Y("source:N", sort="-x", title=None),
        x=alt.X("deals:Q", title="closed deals"),
        color=alt.Color("outcome:N", title=None, sort=["won", "lost"], scale=_OUTCOMES),
        order=alt.Order("outcome:N", sort="descending"),
        tooltip=["source:N", "outcome:N", "deals:Q", alt.Tooltip("amount:Q", format=_AMOUNT, title=currency)],
    )


def _products(chart: alt.Chart, currency: str) -> alt.Chart:
    return chart.mark_bar().encode(
        y=alt.Y("product:N", sort=None, title=None),
        x=alt.X("revenue:Q", title=f"revenue in won deals, {currency}", axis=alt.Axis(format="~s")),
        tooltip=[
            "product:N",
            "deals:Q",
            alt.Tooltip("revenue:Q", format=_AMOUNT),
            alt.Tooltip("discount:Q", format=_AMOUNT),
        ],
    )


def _calls(chart: alt.Chart, currency: str) -> alt.Chart:
    return chart.mark_bar().encode(
        y=alt.Y("person:N", sort="-x", title=None),
        x=alt.X("calls:Q", title="calls"),
        color=alt.Color("outcome:N", title=None, sort=["answered", "not answered"], scale=_OUTCOMES),
        tooltip=["person:N", "outcome:N", "calls:Q"],
    )


def _activities(chart: alt.Chart, currency: str) -> alt.Chart:
    return chart.mark_bar().encode(
        x=alt.X("month:T", timeUnit="yearmonth", title=None),
        y=alt.Y("activities:Q", title="activities"),
        color=alt.Color("kind:N", title=None),
        tooltip=[alt.Tooltip("month:T", format="%B %Y"), "kind:N", "activities:Q"],
    )


def _stages() -> alt.Y:
    return alt.Y("place:N", sort=None, title=None)


def _named(chart: alt.Chart) -> alt.Chart:
    return chart.transform_calculate(place="datum.pipeline + ' · ' + datum.stage")


def _gradient() -> alt.Legend:
    return alt.Legend(format=_SHARE, gradientLength=140)


CARDS = (
    Card("funnel", "Funnel", "How far deals came, of all that entered the pipeline", _funnel, ("pipeline", "stage")),
    Card("won_by_month", "Won by month", "Amounts of won deals by the month of closing", _won_by_month),
    Card(
        "won_by_manager",
        "Won by manager",
        "All time; the colour is the share of closed deals that were won",
        _won_by_manager,
        ("manager",),
    ),
    Card(
        "time_in_stage",
        "Time in stage",
        "Half of the deals that left a stage had been in it for no longer",
        _time_in_stage,
        ("pipeline", "stage"),
    ),
    Card("sources", "Sources", "Closed deals by where they came from", _sources, ("source",)),
    Card("products", "Products", "What won deals sold most", _products, ("product",)),
    Card("calls", "Calls", "Telephone calls by user", _calls, ("person",)),
    Card("activities", "Activities", "Calls, meetings, mails and to-dos by the month of creation", _activities),
)
