"""The limits and latencies of the benchmark's portals. They are printed with every result."""

from dataclasses import dataclass

from emulator.limits import Latency

PAGE = 50
COMMANDS = 50


@dataclass(frozen=True, slots=True)
class PortalLimits:
    """Server time in milliseconds, and the rate limit: `rate` requests a second after a burst of `burst`.

    `workers`: how many requests are run at once, the others wait; `cores`: how many run without slowing each other down
    (None: any number). `batch_account`: batches have an account of operating time for each method, or one as a whole
    ("batch"). Without `enforced` no request is refused, and server time is counted but not waited for.
    """

    request_ms: float = 50
    page_ms: float = 20
    count_ms: float = 10
    offset_ms: float = 1
    rate: float = 2
    burst: float = 50
    workers: int | None = None
    cores: int | None = None
    batch_account: str = "method"
    enforced: bool = True

    @property
    def latency(self) -> Latency:
        """The emulator's."""
        milliseconds = self.request_ms, self.page_ms, self.count_ms, self.offset_ms
        request, page, count, offset = (number / 1000 for number in milliseconds)
        return Latency(request=request, page=page, count=count, offset_1000=offset)

    def __str__(self) -> str:
        parts = [
            f"{self.request_ms:g} ms a request, {self.page_ms:g} ms a page of {PAGE} rows, {self.count_ms:g} ms a count, "
            f"{self.offset_ms:g} ms per 1,000 rows of offset",
            f"{self.rate:g} requests a second, {self.burst:g} at once",
            "480 s of operating time in ten minutes, for "
            + ("the batches of each method" if self.batch_account == "method" else "all batches together")
            + " and for the direct calls of each method",
        ]
        if self.cores or self.workers:
            processes = "any number of" if self.workers is None else self.workers
            parts.append(f"{processes} processes" + (f" on {self.cores} processors" if self.cores else ""))
        return "; ".join(parts)


STATED = PortalLimits()
UNLIMITED = PortalLimits(enforced=False)
