"""The workloads: what the portal holds, what is read, and what that takes at least."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil

from .lower_bound import Need, listing, per_parent
from .portal_process import Contents

_LISTS = ("activities", "catalogs", "companies", "contacts", "leads", "products", "quotes")
_TEN = ("deals", *_LISTS, "deal_stage_history", "lead_products")
_PARENTS = {"deal_products": "deals", "lead_products": "leads", "quote_products": "quotes"}


@dataclass(frozen=True, slots=True)
class Workload:
    """A table of the report.

    `changed`: the share of the deals that has changed since a first sync, or 0 for a full read. `page_share`: the share of
    the rows that the reader by page reads, because it is slow.
    """

    name: str
    title: str
    contents: Contents
    tables: tuple[str, ...]
    changed: float = 0.0
    page_share: float = field(default=1.0, kw_only=True)

    def need(self, rows: Mapping[str, int]) -> Need:
        """The fewest commands for these rows of each table."""
        need = Need(0, 0)
        for name in self.tables:
            parents = _PARENTS.get(name)
            need += per_parent(self._size(parents), rows[name]) if parents else listing(rows[name])
        return need

    def part(self, share: float) -> "Workload":
        """The same workload with a share of the rows."""
        if share == 1:
            return self
        whole = self.contents
        contents = replace(
            whole,
            deals=ceil(whole.deals * share),
            others={name: ceil(size * share) for name, size in whole.others.items()},
            history=whole.history and ceil(whole.history * share),
        )
        return replace(self, contents=contents)

    def _size(self, table: str) -> int:
        return self.contents.deals if table == "deals" else self.contents.others[table]


WORKLOADS = (
    Workload("dense", "100,000 deals, no missing IDs", Contents(100_000), ("deals",), page_share=0.1),
    Workload("sparse", "100,000 deals, 90 % of the IDs missing", Contents(100_000, 0.9), ("deals",), page_share=0.1),
    Workload("changed", "100,000 deals, 1 % changed since the first sync", Contents(100_000), ("deals",), 0.01),
    Workload("products", "Product rows of 10,000 deals", Contents(10_000), ("deal_products",), page_share=0.04),
    Workload(
        "ten",
        "Ten tables of 5,000 rows each, product rows of leads among them",
        Contents(5_000, others=dict.fromkeys(_LISTS, 5_000), history=5_000),
        _TEN,
        page_share=0.05,
    ),
)
