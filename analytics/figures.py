"""What the page shows, read from the marts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb  # type: ignore[import-not-found]  # in analytics/.venv only

Row = dict[str, Any]

_MARTS = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'analytics'"
_CURRENCY = "SELECT max(converted_currency) AS currency FROM {deals}"
_FUNNEL = """
    SELECT pipeline, stage, stage_number, sum(deals) AS deals, sum(deals) / sum(entered_deals) AS share
    FROM {funnel} GROUP BY ALL ORDER BY pipeline, stage_number
"""
_WON_BY_MONTH = """
    SELECT strftime(closed_month, '%Y-%m-%d') AS month, pipeline, sum(won_amount) AS amount, sum(won_deals) AS deals
    FROM {won_lost}
    WHERE won_deals > 0 AND closed_month > (SELECT max(closed_month) - INTERVAL 24 MONTH FROM {won_lost})
    GROUP BY ALL ORDER BY ALL
"""
_WON_BY_MANAGER = """
    SELECT if(count(*) OVER (PARTITION BY responsible) > 1, responsible || ' ' || responsible_id,
            coalesce(responsible, 'Nobody')) AS manager,
        sum(won_amount) AS amount, sum(won_deals) AS won, sum(won_deals) / sum(won_deals + lost_deals) AS win_rate
    FROM {won_lost} GROUP BY responsible_id, responsible HAVING sum(won_deals) > 0 ORDER BY amount DESC LIMIT 12
"""
_TIME_IN_STAGE = """
    SELECT pipeline, stage, stage_number, median_days AS days, stays
    FROM {stage_durations} ORDER BY pipeline, stage_number
"""
_SOURCES = """
    SELECT coalesce(source, 'Unknown') AS source, outcome, sum(deals) AS deals, sum(amount) AS amount
    FROM (
        SELECT source, 'won' AS outcome, won_deals AS deals, won_amount AS amount FROM {won_lost}
        UNION ALL SELECT source, 'lost', lost_deals, lost_amount FROM {won_lost}
    ) GROUP BY ALL ORDER BY ALL
"""
_PRODUCTS = """
    SELECT product, sum(revenue) AS revenue, sum(discount) AS discount, sum(deals) AS deals
    FROM {product_mix} GROUP BY ALL HAVING revenue > 0 ORDER BY revenue DESC LIMIT 12
"""
_CALLS = """
    WITH people AS (
        SELECT if(count(*) OVER (PARTITION BY user_name) > 1, user_name || ' ' || user_id,
                coalesce(user_name, 'Nobody')) AS person,
            sum(answered) AS answered, sum(calls - answered) AS other
        FROM {calls} GROUP BY user_id, user_name ORDER BY sum(calls) DESC LIMIT 15
    )
    SELECT person, 'answered' AS outcome, answered AS calls FROM people
    UNION ALL SELECT person, 'not answered', other FROM people ORDER BY ALL
"""
_ACTIVITIES = """
    SELECT strftime(month, '%Y-%m-%d') AS month, kind, sum(activities) AS activities
    FROM {activities} WHERE month > (SELECT max(month) - INTERVAL 24 MONTH FROM {activities}) GROUP BY ALL ORDER BY ALL
"""
_OPEN = "SELECT sum(deals) AS deals, sum(amount) AS amount, sum(weighted_amount) AS weighted FROM {open_pipeline}"
_YEAR = """
    SELECT sum(won_deals) AS won, sum(lost_deals) AS lost, sum(won_amount) AS amount
    FROM {won_lost} WHERE closed_month > (SELECT max(created_month) - INTERVAL 12 MONTH FROM {deals})
"""
_CUSTOMERS = "SELECT count(*) AS customers, count(*) FILTER (is_repeat) AS repeating FROM {customers}"
_LEADS = "SELECT count(*) AS leads, median(hours_to_first_activity) AS hours FROM {leads}"
_INVOICES = (
    "SELECT status, count(*) AS invoices, sum(converted_amount) AS amount FROM {invoices} GROUP BY ALL ORDER BY ALL"
)

_QUERIES = {
    "funnel": _FUNNEL,
    "won_by_month": _WON_BY_MONTH,
    "won_by_manager": _WON_BY_MANAGER,
    "time_in_stage": _TIME_IN_STAGE,
    "sources": _SOURCES,
    "products": _PRODUCTS,
    "calls": _CALLS,
    "activities": _ACTIVITIES,
    "open": _OPEN,
    "year": _YEAR,
    "customers": _CUSTOMERS,
    "leads": _LEADS,
    "invoices": _INVOICES,
}


@dataclass(frozen=True, slots=True)
class Marts:
    """The rows of each part of the page by its name. A part whose mart is not there has none."""

    rows: dict[str, list[Row]]
    currency: str

    @classmethod
    def of(cls, file: Path) -> "Marts":
        """Read a DuckDB file in which dbt has built the marts."""
        with duckdb.connect(str(file), read_only=True) as warehouse:
            names = {name for (name,) in warehouse.execute(_MARTS).fetchall()}
            marts = {name.removeprefix("bitrix24__"): f'analytics."{name}"' for name in names}
            currencies = _values(warehouse, _CURRENCY, marts)
            rows = {name: _values(warehouse, query, marts) for name, query in _QUERIES.items()}
        return cls(rows, next((row["currency"] or "" for row in currencies), ""))


def _values(warehouse: Any, query: str, marts: dict[str, str]) -> list[Row]:
    try:
        result = warehouse.execute(query.format_map(marts))
    except KeyError:  # the mart is disabled
        return []
    columns = [column[0] for column in result.description]
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in result.fetchall()]


def _plain(value: Any) -> Any:
    return float(value) if hasattr(value, "as_tuple") else value
