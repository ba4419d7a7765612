"""The limits and latencies of the benchmark's portal. They are printed with every result."""

from dataclasses import dataclass

PAGE = 50
COMMANDS = 50


@dataclass(frozen=True, slots=True)
class PortalLimits:
    """Server time in milliseconds, and the rate limit: `rate` requests a second after a burst of `burst`.

    Without `enforced` no request is refused, and server time is counted but not waited for.
    """

    request_ms: float = 50
    page_ms: float = 20
    count_ms: float = 10
    offset_ms: float = 1
    rate: float = 2
    burst: float = 50
    enforced: bool = True

    def __str__(self) -> str:
        return (
            f"{self.request_ms:g} ms a request, {self.page_ms:g} ms a page of {PAGE} rows, {self.count_ms:g} ms a count, "
            f"{self.offset_ms:g} ms per 1,000 rows of offset; {self.rate:g} requests a second, {self.burst:g} at once"
        )


STATED = PortalLimits()
UNLIMITED = PortalLimits(enforced=False)
