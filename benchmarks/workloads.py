"""The workloads: what the portal holds, what is read, and what that takes at least."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from math import ceil

from .limits import STATED, PortalLimits
from .lower_bound import Need, listing, per_parent
from .portal_process import Contents

_LISTS = ("activities", "catalogs", "companies", "contacts", "leads", "products", "quotes")
_TEN = ("deals", *_LISTS, "deal_stage_history", "lead_products")
CUSTOM = "deal_custom_field_values"
_SIX_CORES = replace(STATED, workers=12, cores=6)
_SLOW = replace(STATED, page_ms=200)
_SLOW_TIMEOUT = 1200.0
_PARENTS = {"deal_products": "deals", "lead_products": "leads", "quote_products": "quotes"}


@dataclass(frozen=True, slots=True)
class Workload:
    """A table of the report.

    `changed`: the share of the deals that has changed since a first sync, or 0 for a full read. `page_share`: the share of
    the rows that the reader by page reads, because it is slow. `limits`: of the portal. `readers`: the names of the only
    readers that it is for, if there are any. `timeout`: the seconds after which a reader is stopped.
    """

    name: str
    title: str
    contents: Contents
    tables: tuple[str, ...]
    changed: float = 0.0
    _: KW_ONLY
    page_share: float = 1.0
    limits: PortalLimits = STATED
    readers: tuple[str, ...] = ()
    timeout: float = 3600.0

    def need(self, rows: Mapping[str, int]) -> Need:
        """The fewest commands for these rows of each table."""
        need = Need(0, 0, 0)
        for name in self.tables:
            need += self._need(name, rows[name])
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

    def _need(self, name: str, rows: int) -> Need:
        if name == CUSTOM:
            return listing(self.contents.deals)
        return per_parent(self._size(_PARENTS[name]), rows) if name in _PARENTS else listing(rows)

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
    Workload(
        "six",
        "100,000 deals on a portal with six processors",
        Contents(100_000),
        ("deals",),
        page_share=0.1,
        limits=_SIX_CORES,
    ),
    Workload(
        "slow-method",
        "150,000 deals, ten times as slow; operating time for each method",
        Contents(150_000),
        ("deals",),
        page_share=0.04,
        limits=_SLOW,
        timeout=_SLOW_TIMEOUT,
    ),
    Workload(
        "slow-batch",
        "150,000 deals, ten times as slow; operating time for all batches together",
        Contents(150_000),
        ("deals",),
        page_share=0.04,
        limits=replace(_SLOW, batch_account="batch"),
        timeout=_SLOW_TIMEOUT,
    ),
    Workload(
        "custom", "Custom field values of 100,000 deals", Contents(100_000), (CUSTOM,), readers=("this connector",)
    ),
)
