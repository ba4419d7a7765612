"""The figures of every mart, computed in plain Python from the rows of the emulated portal."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from statistics import mean, median
from typing import Any

from integration_tests.harness import Row
from integration_tests.portal_figures import STATUS, PortalFigures, decimal, total

Key = tuple[Any, ...]
Figures = dict[Key, Key]  # by the key of a mart's row its figures

_LEAD = 1
_KINDS = {1: "Meeting", 2: "Call", 3: "Task", 4: "E-mail"}
_DIRECTIONS = {1: "outgoing", 4: "outgoing", 2: "incoming", 3: "incoming"}
_INVOICES = {"S": "paid", "F": "cancelled"}


@dataclass(frozen=True, slots=True)
class Mart:
    """The columns of a mart that the test looks at, and its figures."""

    key: tuple[str, ...]
    figures: tuple[str, ...]
    compute: Callable[[PortalFigures], Iterable[tuple[Key, Key]]]


def figures(mart: Mart, portal: PortalFigures) -> Figures:
    """The figures of a mart by the keys of its rows."""
    rows = list(mart.compute(portal))
    found = dict(rows)
    assert len(found) == len(rows)
    return found


def _days(begin: datetime | None, end: datetime | None) -> float | None:
    return round((end - begin).total_seconds() / 86400, 4) if begin and end else None


def _moment_days(begin: str | None, end: str | None) -> float | None:
    return _days(*(datetime.fromisoformat(text) if text else None for text in (begin, end)))


def _deals(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    companies = {row["ID"]: row["TITLE"] for row in portal.rows("companies")}
    pipelines = {row["ID"]: row["NAME"] for row in portal.rows("deal_pipelines")}
    for number, deal in portal.deals.items():
        yield (
            (number,),
            (
                deal["STATUS"],
                pipelines[deal["CATEGORY_ID"]],
                portal.user(deal["ASSIGNED_BY_ID"]),
                portal.department(deal["ASSIGNED_BY_ID"]),
                companies.get(deal["COMPANY_ID"]),
                deal["SOURCE"],
                deal["CONVERTED"],
                portal.time(deal["DATE_CREATE"]),
                portal.time(deal["CLOSED_AT"]),
                _moment_days(deal["DATE_CREATE"], deal["CLOSED_AT"]),
            ),
        )


def _stays(portal: PortalFigures) -> Iterable[tuple[Row, Row | None]]:
    by_deal = defaultdict(list)
    for move in portal.moves:
        by_deal[move["OWNER_ID"]].append(move)
    for moves in by_deal.values():
        yield from pairwise([*moves, None])


def _deal_stays(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    for entered, left in _stays(portal):
        end = left["CREATED_TIME"] if left else None
        times = portal.time(entered["CREATED_TIME"]), portal.time(end)
        yield (entered["ID"],), (entered["OWNER_ID"], *times, _moment_days(entered["CREATED_TIME"], end))


def _stage_durations(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    days = defaultdict(list)
    for entered, left in _stays(portal):
        if left:
            days[entered["CATEGORY_ID"], entered["STAGE_ID"]].append(
                _moment_days(entered["CREATED_TIME"], left["CREATED_TIME"]) or 0
            )
    return [(stage, (len(stays), round(mean(stays), 4), round(median(stays), 4))) for stage, stays in days.items()]


def _funnel(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    groups = defaultdict(list)
    for pipeline, month, reached, _ in portal.visits:
        groups[month, pipeline].append(reached)
    for (month, pipeline), furthest in groups.items():
        before: int | None = None
        stages = [(number, code) for (own, code), (number, _) in portal.places.items() if own == pipeline]
        for number, code in sorted(stages):
            deals = sum(one >= number for one in furthest)
            of_previous = round(deals / before, 4) if before else None
            yield (month, pipeline, code), (len(furthest), deals, round(deals / len(furthest), 4), of_previous)
            before = deals


def _won_lost(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    sums: dict[Key, list[Any]] = defaultdict(lambda: [0, 0, Decimal(0), Decimal(0)])
    for deal in portal.deals.values():
        if deal["CLOSED_AT"]:
            user = deal["ASSIGNED_BY_ID"]
            utm = (deal["UTM_SOURCE"], deal["UTM_MEDIUM"], deal["UTM_CAMPAIGN"])
            place = deal["CATEGORY_ID"], user, portal.user(user), portal.department(user), deal["SOURCE"]
            group = sums[portal.month(deal["CLOSED_AT"]), *place, *utm]
            is_lost = deal["STATUS"] == "lost"
            group[is_lost] += 1
            group[2 + is_lost] += deal["CONVERTED"] or 0
    return [(group, tuple(values)) for group, values in sums.items()]


def _leads(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    created = {row["ID"]: row["CREATED"] for row in portal.rows("activities")}
    links = {(row["ID"], row["OWNER_ID"]) for row in portal.rows("activities") if row["OWNER_TYPE_ID"] == _LEAD}
    links |= {
        (row["ACTIVITY_ID"], row["OWNER_ID"])
        for row in portal.rows("activity_bindings")
        if row["OWNER_TYPE_ID"] == _LEAD and row["ACTIVITY_ID"] in created
    }
    times = defaultdict(list)
    for activity, lead in links:
        times[lead].append(datetime.fromisoformat(created[activity]))
    for lead in portal.rows("leads"):
        begin = datetime.fromisoformat(lead["DATE_CREATE"])
        first = min((time for time in times[lead["ID"]] if time >= begin), default=None)
        days = _days(begin, first)
        deals = [deal["STATUS"] for deal in portal.deals.values() if deal["LEAD_ID"] == lead["ID"]]
        outcome = {"S": "converted", "F": "junk"}.get(lead["STATUS_SEMANTIC_ID"], "open")
        yield (
            (lead["ID"],),
            (
                outcome,
                portal.names.get(("STATUS", lead["STATUS_ID"]), lead["STATUS_ID"]),
                portal.user(lead["ASSIGNED_BY_ID"]),
                portal.time(first.isoformat()) if first else None,
                None if days is None else round(days * 24, 2),
                _moment_days(lead["DATE_CREATE"], lead["DATE_CLOSED"]),
                len(deals),
                deals.count("won"),
            ),
        )


def _product_mix(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    catalogue = {row["ID"]: row["NAME"] for row in portal.rows("products")}
    groups = defaultdict(list)
    for row in portal.rows("deal_products"):
        deal = portal.deals[row["OWNER_ID"]]
        if deal["STATUS"] == "won":
            product = row["PRODUCT_ID"], catalogue.get(row["PRODUCT_ID"], row["PRODUCT_NAME"])
            groups[portal.month(deal["CLOSED_AT"]), *product].append((row, deal))
    for group, sold in groups.items():
        revenue, discount = [], []
        for row, deal in sold:
            price, quantity = decimal(row["PRICE"]), decimal(row["QUANTITY"])
            revenue.append(portal.converted(price * quantity, deal["CURRENCY_ID"]))
            full = row["PRICE_BRUTTO"]
            off = (decimal(full) if full is not None else price + decimal(row["DISCOUNT_SUM"] or 0)) - price
            discount.append(portal.converted(off * quantity, deal["CURRENCY_ID"]))
        deals = {deal["ID"] for _, deal in sold}
        yield group, (len(deals), sum(decimal(row["QUANTITY"]) for row, _ in sold), total(revenue), total(discount))


def _activities(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    groups = defaultdict(list)
    for row in portal.rows("activities"):
        provider = "To-do" if row["PROVIDER_ID"] == "CRM_TODO" else row["PROVIDER_ID"] or "Other"
        kind = _KINDS.get(row["TYPE_ID"], provider)
        groups[portal.month(row["CREATED"]), row["RESPONSIBLE_ID"], portal.user(row["RESPONSIBLE_ID"]), kind].append(
            row
        )
    for group, rows in groups.items():
        ways = [row["DIRECTION"] for row in rows]
        yield group, (len(rows), sum(bool(row["COMPLETED"]) for row in rows), ways.count(1), ways.count(2))


def _calls(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    groups = defaultdict(list)
    for row in portal.rows("calls"):
        way = _DIRECTIONS.get(row["CALL_TYPE"], "other")
        groups[portal.month(row["CALL_START_DATE"]), row["PORTAL_USER_ID"], way].append(row)
    for group, rows in groups.items():
        answered = [row for row in rows if row["CALL_FAILED_CODE"] in (None, "200")]
        cost = total(portal.converted(row["COST"], row["COST_CURRENCY"]) for row in rows)
        yield group, (len(rows), len(answered), sum(row["CALL_DURATION"] or 0 for row in answered), cost)


def _open_pipeline(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    groups = defaultdict(list)
    for deal in portal.deals.values():
        if deal["STATUS"] == "open":
            expected = date.fromisoformat(deal["CLOSEDATE"]).replace(day=1) if deal["CLOSEDATE"] else None
            groups[deal["CATEGORY_ID"], deal["STAGE_ID"], deal["ASSIGNED_BY_ID"], expected].append(deal)
    for group, deals in groups.items():
        weighted = []
        for deal in deals:
            chance = _chance(portal, deal)
            if chance is not None and deal["CONVERTED"] is not None:
                weighted.append((deal["CONVERTED"] * chance).quantize(Decimal("0.01"), ROUND_HALF_UP))
        unknown = sum(deal["PROBABILITY"] is None for deal in deals)
        yield group, (len(deals), total(deal["CONVERTED"] for deal in deals), total(weighted), unknown)


def _chance(portal: PortalFigures, deal: Mapping[str, Any]) -> Decimal | None:
    if deal["PROBABILITY"] is not None:
        return Decimal(deal["PROBABILITY"]) / 100
    pipeline = deal["CATEGORY_ID"]
    place = portal.places[pipeline, deal["STAGE_ID"]][0]
    closed = [end for own, _, reached, end in portal.visits if own == pipeline and reached >= place and end in STATUS]
    return (Decimal(closed.count("S")) / len(closed)).quantize(Decimal("0.0001"), ROUND_HALF_UP) if closed else None


def _invoices(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    stages = {
        row["STATUS_ID"]: row["SEMANTICS"]
        for row in portal.rows("statuses")
        if row["ENTITY_ID"].startswith("SMART_INVOICE_STAGE")
    }
    for row in portal.rows("smart_invoices"):
        status = _INVOICES.get(stages.get(row["STAGE_ID"]) or "", "due")
        paid = portal.time(row["MOVED_TIME"]) if status == "paid" else None
        yield (row["ID"],), (status, portal.converted(row["OPPORTUNITY"], row["CURRENCY_ID"]), paid)


def _customers(portal: PortalFigures) -> Iterable[tuple[Key, Key]]:
    groups = defaultdict(list)
    for deal in portal.deals.values():
        client = ("company", deal["COMPANY_ID"]) if deal["COMPANY_ID"] else ("contact", deal["CONTACT_ID"])
        if deal["STATUS"] == "won" and client[1]:
            groups[client].append(deal)
    for client, deals in groups.items():
        times = sorted(deal["CLOSED_AT"] for deal in deals)
        amount = total(deal["CONVERTED"] for deal in deals)
        yield client, (len(deals), len(deals) > 1, amount, portal.time(times[0]), portal.time(times[-1]))


_PEOPLE = ("responsible", "department")
MARTS = {
    "deals": Mart(
        ("deal_id",),
        (
            *("status", "pipeline", *_PEOPLE, "company", "source", "converted_amount"),
            *("created_at", "closed_at", "days_to_close"),
        ),
        _deals,
    ),
    "deal_stays": Mart(("stay_id",), ("deal_id", "entered_at", "left_at", "days"), _deal_stays),
    "stage_durations": Mart(("pipeline_id", "stage_id"), ("stays", "average_days", "median_days"), _stage_durations),
    "funnel": Mart(
        ("entry_month", "pipeline_id", "stage_id"),
        ("entered_deals", "deals", "share_of_entered", "share_of_previous"),
        _funnel,
    ),
    "won_lost": Mart(
        (
            "closed_month",
            "pipeline_id",
            "responsible_id",
            *_PEOPLE,
            "source",
            "utm_source",
            "utm_medium",
            "utm_campaign",
        ),
        ("won_deals", "lost_deals", "won_amount", "lost_amount"),
        _won_lost,
    ),
    "leads": Mart(
        ("lead_id",),
        (
            *("outcome", "status", "responsible", "first_activity_at", "hours_to_first_activity"),
            *("days_to_close", "deals", "won_deals"),
        ),
        _leads,
    ),
    "product_mix": Mart(
        ("closed_month", "product_id", "product"), ("deals", "quantity", "revenue", "discount"), _product_mix
    ),
    "activities": Mart(
        ("month", "responsible_id", "responsible", "kind"),
        ("activities", "completed", "incoming", "outgoing"),
        _activities,
    ),
    "calls": Mart(("month", "user_id", "direction"), ("calls", "answered", "talk_seconds", "cost"), _calls),
    "open_pipeline": Mart(
        ("pipeline_id", "stage_id", "responsible_id", "expected_month"),
        ("deals", "amount", "weighted_amount", "deals_without_probability"),
        _open_pipeline,
    ),
    "invoices": Mart(("invoice_id",), ("status", "converted_amount", "paid_at"), _invoices),
    "customers": Mart(
        ("kind", "client_id"),
        ("purchases", "is_repeat", "revenue", "first_purchase_at", "last_purchase_at"),
        _customers,
    ),
}
