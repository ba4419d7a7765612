"""The topics by which tables are divided among diagrams.

A table belongs to the first topic with a prefix that its name begins with. The last topic takes the rest, so a new table
needs no change here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its name in file names, its title, the prefixes of its tables."""

    name: str
    title: str
    prefixes: tuple[str, ...]


TOPICS = (
    Topic("deals", "Deals", ("deal",)),
    Topic("leads", "Leads", ("lead",)),
    Topic("quotes", "Quotes", ("quote",)),
    Topic("clients", "Companies and contacts", ("compan", "contact", "requisite", "address")),
    Topic("products", "Products", ("product", "catalog", "currenc")),
    Topic("smart-processes", "Smart processes and invoices", ("smart_",)),
    Topic("activities", "Activities, calls, tasks and users", ("activit", "call", "task", "user", "department")),
    Topic("other", "Other tables", ("",)),
)


def topic_of(table: str) -> Topic:
    """The topic of a table."""
    return next(topic for topic in TOPICS if table.startswith(topic.prefixes))
