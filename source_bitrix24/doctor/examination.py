"""One examination of a portal, from the first request to the last: what the report is made of."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from ..catalog.tables import TABLES
from ..portal.client import PortalClient
from ..portal.clock import Clock
from ..portal.lanes import Lanes
from ..portal.limits import RateLimiter, RequestRate
from ..portal.webhook import Webhook
from .estimates import Account, Estimates, Estimator, Speed
from .examine import examine
from .fact import Finding, Verdict
from .facts import FACTS
from .guard import READ_ONLY, Enough, Guard, methods_of
from .known import Known
from .line import Line
from .survey import survey
from .transport import RequestsTransport

_RATE = RequestRate(per_second=2, burst=20)  # a sync that shares the portal's bucket of 50 can go on
_RETRY_SECONDS = 10.0


@dataclass(slots=True)
class Examination:
    """What was found. `stopped`: why it ended before its time, "" if it did not."""

    known: Known
    guard: Guard
    line: Line
    findings: dict[str, Finding] = field(default_factory=dict)
    stopped: str = ""

    def verdict(self, fact: str) -> Verdict:
        """Return the verdict on a fact; one that was not asked cannot be told."""
        finding = self.findings.get(fact)
        return finding.verdict if finding else Verdict.UNTOLD

    @property
    def estimates(self) -> Estimates:
        """How long syncs of this portal take."""
        account = Account(
            batches_share=self.verdict("batches_are_charged_by_method") is Verdict.DIFFERENT,
            is_kept=self.line.keeps_accounts,
        )
        speed = Speed(self.line.overhead, self.line.request_seconds, self.line.least_seconds)
        in_bulk = self.known.is_administrator and self.verdict("lists_of_owners") is not Verdict.DIFFERENT
        return Estimator(self.known, account, speed, self.line.narrow_seconds, in_bulk=in_bulk).estimates()


def examination(
    webhook: Webhook, clock: Clock, session: requests.Session | None = None, language: str = "en"
) -> Examination:
    """Examine a portal. Raises the PortalError for which nothing at all can be found out.

    Ends early, with what it has, at the limits of the guard, and when the user interrupts it.
    """
    guard = Guard(RequestsTransport(webhook, session), clock, READ_ONLY | methods_of(TABLES))
    limiter = RateLimiter(_RATE, clock)
    client = PortalClient(webhook, guard, limiter, clock, _RETRY_SECONDS, Lanes(1, clock))
    line = Line(client, guard)
    found = Examination(Known(TABLES, language=language), guard, line)
    with _ending_early(found):
        survey(found.known, line)
        examine(list(FACTS.values()), found.known, line, found.findings)
    return found


@contextmanager
def _ending_early(found: Examination) -> Iterator[None]:
    try:
        yield
    except Enough as enough:
        found.stopped = str(enough)
    except KeyboardInterrupt:
        found.stopped = "it was interrupted"


def unasked(found: Examination) -> Sequence[str]:
    """Return the facts that were not asked before the end."""
    return [name for name in FACTS if name not in found.findings]
