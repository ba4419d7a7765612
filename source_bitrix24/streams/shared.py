"""What the streams of one sync share."""

from dataclasses import dataclass
from datetime import datetime

from airbyte_cdk.sources.streams.http import HttpClient

from ..metadata import Metadata
from ..portal.client import PortalClient
from ..portal.clock import Clock
from ..portal.scan import Reading


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal, and how it is read."""

    client: PortalClient
    clock: Clock
    http_client: HttpClient
    metadata: Metadata
    start_date: datetime | None
    reading: Reading
