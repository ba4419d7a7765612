"""What is read: the company, the tables, and what must be asked for them at least."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil

from .bound import Need, listing, per_parent
from .served import Company

_LISTS = ("activities", "catalogs", "companies", "contacts", "leads", "products", "quotes")
_TEN = ("deals", *_LISTS, "deal_stage_history", "lead_products")
_PARENTS = {"deal_products": "deals", "lead_products": "leads", "quote_products": "quotes"}


@dataclass(frozen=True, slots=True)
class Workload:
    """A table of the report.

    `changed`: the share of the deals that were changed since a first sync; 0: everything is read. `page_share`: the part of
    the rows that the reader by page is measured on, since it takes so long.
    """

    name: str
    title: str
    company: Company
    tables: tuple[str, ...]
    changed: float = 0.0
    page_share: float = field(default=1.0, kw_only=True)

    def need(self, rows: Mapping[str, int]) -> Need:
        """What must be asked at least to get so many rows of each table."""
        need = Need(0, 0)
        for name in self.tables:
            parents = _PARENTS.get(name)
            need += per_parent(self._size(parents), rows[name]) if parents else listing(rows[name])
        return need

    def part(self, share: float) -> "Workload":
        """The same with fewer rows in every table."""
        if share == 1:
            return self
        company = self.company
        others = {name: ceil(size * share) for name, size in (company.others or {}).items()}
        history = company.history and ceil(company.history * share)
        return replace(
            self, company=replace(company, deals=ceil(company.deals * share), others=others, history=history)
        )

    def _size(self, table: str) -> int:
        return self.company.deals if table == "deals" else (self.company.others or {})[table]


WORKLOADS = (
    Workload("dense", "100,000 deals, IDs without holes", Company(100_000), ("deals",), page_share=0.1),
    Workload("sparse", "100,000 deals, 90 % of the IDs missing", Company(100_000, 0.9), ("deals",), page_share=0.1),
    Workload("changed", "100,000 deals, 1 % changed since the first sync", Company(100_000), ("deals",), 0.01),
    Workload("products", "product rows of 10,000 deals", Company(10_000), ("deal_products",), page_share=0.04),
    Workload(
        "ten",
        "ten tables of 5,000 rows each, product rows of leads among them",
        Company(5_000, 0.0, {**dict.fromkeys(_LISTS, 5_000)}, history=5_000),
        _TEN,
        page_share=0.05,
    ),
)
