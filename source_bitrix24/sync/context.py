"""What the jobs of one sync share."""

from dataclasses import dataclass
from datetime import datetime

from ..catalog.discovered import PortalCatalog
from ..portal.scan_context import ScanContext


@dataclass(frozen=True, slots=True)
class SyncContext:
    """The portal and its tables, how its lists are read, and the user's start date.

    `host`: the portal's address in the settings, also if it redirects (P7.12).
    """

    scans: ScanContext
    catalog: PortalCatalog
    host: str
    start_date: datetime | None = None
