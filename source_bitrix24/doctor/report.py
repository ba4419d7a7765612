"""The report: the same facts as JSON and as Markdown. It holds no token, no host, and nothing of the CRM's records."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from . import advice
from .estimates import Estimate, Estimates
from .examination import Examination
from .fact import Verdict
from .facts import FACTS
from .known import Known
from .sizes import rows_of_table
from .words import about, count, duration

FORMAT = 1
_ORDER = {verdict: place for place, verdict in enumerate((Verdict.DIFFERENT, Verdict.AS_KNOWN, Verdict.UNTOLD))}
_UNASKED = "not asked"


def as_json(found: Examination) -> dict[str, Any]:
    """Return the report as plain values."""
    estimates = found.estimates
    return {
        "format": FORMAT,
        "connector": _version(),
        "requests": found.guard.sent,
        "seconds": round(found.guard.seconds),
        "administrator": found.known.is_administrator,
        "scopes": sorted(found.known.scopes),
        "in_short": list(advice.findings_in_short(found)),
        "warnings": list(advice.warnings(found)),
        "settings": dict(advice.settings(found, estimates)),
        "tables": _tables(found.known, estimates),
        "first_sync": _estimate(estimates.first),
        "later_sync": _estimate(estimates.hourly),
        "facts": _facts(found),
    }


def as_markdown(report: Mapping[str, Any]) -> str:
    """Return the report as a page: first for the user, then for the maintainers."""
    return "\n".join(_page(report)) + "\n"


def _page(report: Mapping[str, Any]) -> Iterator[str]:
    yield "# Your portal"
    yield ""
    yield from report["in_short"]
    yield ""
    first, later = report["first_sync"], report["later_sync"]
    yield f"A first sync of all tables takes about {_words(first)}; a later one with little news {_words(later)}."
    yield ""
    if report["warnings"]:
        yield "## Warnings"
        yield ""
        yield from (f"- {text}" for text in report["warnings"])
        yield ""
    yield "## Settings"
    yield ""
    yield from _markdown_table(
        ("setting", "recommended"), [(f"`{name}`", text) for name, text in report["settings"].items()]
    )
    yield ""
    yield "## Tables"
    yield ""
    yield "Each by itself; together, tables share requests."
    yield ""
    heads = ("table", "rows", "ms a page", "first sync", "later sync", "finding deletions")
    yield from _markdown_table(heads, [_table_row(one) for one in report["tables"]])
    yield ""
    counts = Counter(one["verdict"] for one in report["facts"])
    yield "# For the maintainers"
    yield ""
    yield (
        f"Format {report['format']}, connector {report['connector']}. {report['requests']} requests in "
        f"{report['seconds']} s. {', '.join(f'{number} {verdict}' for verdict, number in sorted(counts.items()))}."
    )
    yield ""
    columns = ("fact", "known", "measured", "verdict", "the connector, where it differs")
    facts = [
        (one["numbers"], one["says"], one["measured"], one["verdict"], one["otherwise"]) for one in report["facts"]
    ]
    yield from _markdown_table(columns, facts)


def _table_row(one: Mapping[str, Any]) -> tuple[str, ...]:
    if one["problem"]:
        return (f"`{one['table']}`", one["problem"], "", "", "", "")
    return (
        f"`{one['table']}`",
        count(one["rows"]),
        "" if one["ms_a_page"] is None else str(one["ms_a_page"]),
        _words(one["first_sync"]),
        _words(one["later_sync"]),
        "all rows are read" if one["deletions"] is None else _words(one["deletions"]),
    )


def _markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for row in rows:
        cells = [cell.replace("|", "\\|") for cell in row]
        yield f"| {' | '.join(cells)} |"


def _words(estimate: Mapping[str, Any] | None) -> str:
    if estimate is None:
        return "not known"
    requests = estimate["requests"]
    return f"{duration(estimate['seconds'])}, {requests:,} request{'s' * (requests != 1)}"


def _tables(known: Known, estimates: Estimates) -> list[dict[str, Any]]:
    by_name = {name: one for one in known.lists for name in one.tables}
    tables: list[dict[str, Any]] = []
    for table in known.tables:
        one, cost = by_name.get(table.name), estimates.tables[table.name]
        error = one.error if one else None
        rows = rows_of_table(known, table)
        tables.append(
            {
                "table": table.name,
                "rows": None if rows is None else about(rows),
                "ms_a_page": None if not one or one.page_seconds is None else round(1000 * one.page_seconds),
                "first_sync": _estimate(cost.first),
                "later_sync": _estimate(cost.hourly),
                "deletions": _estimate(cost.deletions),
                "problem": type(error).__name__ if error else "",
            }
        )
    nothing = dict.fromkeys(("rows", "ms_a_page", "first_sync", "later_sync", "deletions"))
    for table in known.lacking:
        tables.append({"table": table.name, **nothing, "problem": f"needs the permission {' or '.join(table.scopes)}"})
    return tables


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    return {"seconds": about(max(1.0, estimate.seconds)), "requests": about(estimate.requests), "bound_by": estimate.by}


def _facts(found: Examination) -> list[dict[str, str]]:
    facts = []
    for one in FACTS.values():
        finding = found.findings.get(one.name)
        facts.append(
            {
                "fact": one.name,
                "numbers": one.numbers,
                "says": one.says,
                "measured": finding.measured if finding else _UNASKED,
                "verdict": str(found.verdict(one.name)),
                "otherwise": one.otherwise,
            }
        )
    return sorted(facts, key=lambda one: _ORDER[Verdict(one["verdict"])])


def _version() -> str:
    try:
        return version("source-bitrix24")
    except PackageNotFoundError:
        return "from a checkout"
