"""What the jobs of one sync share."""

from dataclasses import dataclass, field
from datetime import datetime

from ..catalog.discovered import PortalCatalog
from ..portal.clock import SystemClock
from ..portal.scan_context import ScanContext
from .reconciliation import Allowance


@dataclass(frozen=True, slots=True)
class SyncContext:
    """The portal and its tables, how its lists are read, and the user's start date.

    `host`: the portal's address in the settings, also if it redirects (P7.12). `detects_deletions`: the tables in which rows
    that are gone are looked for. `reconcile_days`: after how many days all sets are read again, 0 for never; `allowance`:
    how long that may take in this sync.
    """

    scans: ScanContext
    catalog: PortalCatalog
    host: str
    start_date: datetime | None = None
    detects_deletions: frozenset[str] = frozenset()
    reconcile_days: int = 0
    allowance: Allowance = field(default_factory=lambda: Allowance(SystemClock()))
