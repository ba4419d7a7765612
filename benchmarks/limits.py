"""What the portal of the benchmark allows and what it costs: fixed, and printed with every result."""

from dataclasses import asdict, dataclass

PAGE = 50
COMMANDS = 50


@dataclass(frozen=True, slots=True)
class PortalLimits:
    """Milliseconds of server time, and the bucket of requests. `enforced`: whether anybody is refused or waits."""

    request_ms: float = 50
    page_ms: float = 20
    count_ms: float = 10
    offset_ms: float = 1
    rate: float = 2
    burst: float = 50
    enforced: bool = True

    def arguments(self) -> list[str]:
        """The same for the portal's command line."""
        told = {name.replace("_", "-"): value for name, value in asdict(self).items() if name != "enforced"}
        flags = [part for name, value in told.items() for part in (f"--{name}", f"{value:g}")]
        return flags if self.enforced else [*flags, "--no-limits", "--no-waiting"]

    def __str__(self) -> str:
        return (
            f"{self.request_ms:g} ms a request, {self.page_ms:g} ms a page of {PAGE} rows, {self.count_ms:g} ms a count, "
            f"{self.offset_ms:g} ms per 1,000 rows of offset; {self.rate:g} requests a second, {self.burst:g} at once"
        )


STATED = PortalLimits()
UNLIMITED = PortalLimits(enforced=False)
