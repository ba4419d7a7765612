"""What the doctor may send: calls of methods that only read, not too many, not for too long."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import orjson

from ..catalog.table import PerParent, Table
from ..portal.client import Transport
from ..portal.clock import Clock
from ..portal.reply import Reply

MOST_REQUESTS = 80
MOST_SECONDS = 120.0
_TOO_MANY_REQUESTS = 503
_METHOD = re.compile(r"/rest/\d+/[^/]+/([\w.]+?)(?:\.json)?/?$")

# every method that the facts ask; those of the tables come from the catalog
READ_ONLY = frozenset(
    (
        "app.info",
        "batch",
        "crm.activity.list",
        "crm.category.list",
        "crm.company.list",
        "crm.company.userfield.list",
        "crm.contact.company.items.get",
        "crm.contact.list",
        "crm.contact.userfield.list",
        "crm.deal.fields",
        "crm.deal.list",
        "crm.deal.productrows.get",
        "crm.deal.userfield.list",
        "crm.enum.ownertype",
        "crm.item.fields",
        "crm.item.list",
        "crm.item.productrow.list",
        "crm.lead.list",
        "crm.lead.userfield.list",
        "crm.productrow.list",
        "crm.quote.list",
        "crm.quote.userfield.list",
        "crm.settings.mode.get",
        "crm.stagehistory.list",
        "crm.status.list",
        "department.get",
        "profile",
        "scope",
        "server.time",
        "tasks.task.list",
        "user.get",
        "voximplant.statistic.get",
    )
)


class NotReadOnly(Exception):
    """A call of a method that is not in the list: a defect of the doctor. Nothing was sent."""


class Enough(Exception):
    """The doctor has sent all the requests, or spent all the time, that it may. Its text says which."""


def methods_of(tables: Iterable[Table]) -> frozenset[str]:
    """Return the methods that a sync reads these tables by."""
    listed = (table.parent_list for table in tables if isinstance(table, PerParent))
    return frozenset((*(table.method for table in tables), *listed))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A reply, and the seconds that it took, measured here."""

    reply: Reply
    seconds: float


class Guard:
    """A transport that lets pass what only reads, keeps the last reply, and counts.

    `sent`: the requests so far; `redirects`: those that were answered by a redirect; `crowded`: those that the portal's
    request rate limit refused (P7.1).
    """

    def __init__(self, transport: Transport, clock: Clock, allowed: frozenset[str] = READ_ONLY) -> None:
        self._transport = transport
        self._clock = clock
        self._allowed = frozenset(map(str.lower, allowed))
        self._started = clock.monotonic()
        self.sent = 0
        self.redirects = 0
        self.crowded = 0
        self.last: Exchange | None = None

    @property
    def seconds(self) -> float:
        """How long the doctor has been at work."""
        return self._clock.monotonic() - self._started

    def post(self, url: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        """Send a request. Raises NotReadOnly or Enough, before anything is sent; and a PortalError."""
        refused = set(called_methods(url, body)) - self._allowed
        if refused:
            raise NotReadOnly(", ".join(sorted(refused)))
        if self.sent >= MOST_REQUESTS:
            raise Enough(f"{MOST_REQUESTS} requests were sent")
        if self.seconds >= MOST_SECONDS:
            raise Enough(f"{MOST_SECONDS:.0f} seconds have passed")
        self.sent += 1
        started = self._clock.monotonic()
        reply = self._transport.post(url, body, on_first_byte)
        self.redirects += reply.location is not None
        self.crowded += reply.status == _TOO_MANY_REQUESTS and b"QUERY_LIMIT_EXCEEDED" in reply.body
        self.last = Exchange(reply, self._clock.monotonic() - started)
        return reply


def called_methods(url: str, body: bytes) -> list[str]:
    """Return the methods that a request calls, in lowercase; what is no call has the name ""."""
    match = _METHOD.search(url)
    method = match[1].lower() if match else ""
    if method != "batch":
        return [method]
    commands = orjson.loads(body).get("cmd")
    texts = commands.values() if isinstance(commands, Mapping) else []
    return [method, *(str(text).partition("?")[0].lower() for text in texts)]
