"""The command line: `python -m emulator --deals 1000`."""

import argparse
import contextlib
import signal
import sys
from typing import Any

from .app import SAMPLE_TOKEN, App
from .clock import RealClock
from .messages import Logged
from .server import PortalServer
from .store import sample_portal


def arguments() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    parser = argparse.ArgumentParser(prog="python -m emulator", description="A Bitrix24 portal to run against.")
    parser.add_argument("--port", type=int, default=8424, help="0: any free one")
    parser.add_argument("--deals", type=int, default=1000, help="size of the company")
    for name in ("leads", "contacts", "companies", "quotes", "activities", "products"):
        parser.add_argument(f"--{name}", type=int, help="by default in proportion to deals")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--holes", type=float, default=0.1, help="share of IDs that are missing")
    parser.add_argument("--zone", default="Europe/Moscow", help="the portal's time zone")
    parser.add_argument("--skew", type=float, default=0, help="seconds by which its clock is ahead")
    parser.add_argument("--token", default=SAMPLE_TOKEN)
    parser.add_argument("--request-ms", type=float, default=0, help="server time of a request")
    parser.add_argument("--command-ms", type=float, default=0, help="of a command, also an empty one")
    parser.add_argument("--page-ms", type=float, default=0, help="of a page of 50 rows")
    parser.add_argument("--count-ms", type=float, default=0, help="of a count (start >= 0)")
    parser.add_argument("--offset-ms", type=float, default=0, help="of every 1,000 rows of offset")
    parser.add_argument("--rate", type=float, default=2, help="requests that leak from the bucket in a second")
    parser.add_argument("--burst", type=float, default=50, help="requests the bucket holds")
    parser.add_argument("--operating", type=float, default=480, help="seconds of operating time in ten minutes")
    parser.add_argument("--no-limits", action="store_true", help="no bucket, no operating time")
    parser.add_argument("--end-after", type=float, default=600, help="seconds without a request after which it ends")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each request")
    return parser


def app_of(asked: Any) -> App:
    """The portal that was asked for."""
    sizes = {
        name: getattr(asked, name) for name in ("leads", "contacts", "companies", "quotes", "activities", "products")
    }
    given = {name: size for name, size in sizes.items() if size is not None}
    portal = sample_portal(RealClock(asked.skew), asked.deals, asked.seed, asked.holes, asked.zone, **given)
    app = App(portal, token=asked.token)
    latency = app.limits.latency
    latency.request, latency.command, latency.page = (
        asked.request_ms / 1000,
        asked.command_ms / 1000,
        asked.page_ms / 1000,
    )
    latency.count, latency.offset_1000 = asked.count_ms / 1000, asked.offset_ms / 1000
    app.limits.bucket.per_second, app.limits.bucket.burst = asked.rate, asked.burst
    app.limits.bucket.enabled = not asked.no_limits
    app.limits.operating.limit, app.limits.operating.kept = asked.operating, not asked.no_limits
    if asked.verbose:
        app.on_logged = _print
    return app


def _print(logged: Logged) -> None:
    methods = ", ".join(f"{name} × {count}" if count > 1 else name for name, count in logged.methods.items())
    print(
        f"{logged.method}: {methods}: {logged.status}, {logged.rows} rows, {logged.seconds * 1000:.0f} ms", flush=True
    )


def main() -> None:
    """Serve until Ctrl-C, SIGTERM, or nobody asks any more."""
    asked = arguments().parse_args()
    app = app_of(asked)
    server = PortalServer(app, asked.port, asked.end_after)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"The portal's webhook: {app.webhook_url}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()


if __name__ == "__main__":
    main()
