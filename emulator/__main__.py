"""The command line: `python -m emulator --deals 1000`."""

import argparse
import contextlib
import signal
import sys

from .app import App
from .clock import RealClock
from .coverage import table
from .limits import BatchAccount, Latency
from .messages import LogEntry
from .server import PortalServer
from .store import Portal, sample_portal
from .webhook import SAMPLE_TOKEN
from .workers import Workers

_OBJECTS = ("leads", "contacts", "companies", "quotes", "activities", "products")


def arguments() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m emulator", description="A Bitrix24 portal to run against.")
    parser.add_argument("--methods", action="store_true", help="print a table of the emulated methods and exit")
    parser.add_argument("--port", type=int, default=8424, help="0: any free port")
    parser.add_argument("--end-after", type=float, default=600, help="stop after this many seconds without a request")
    parser.add_argument("--token", default=SAMPLE_TOKEN, help="of the webhook")
    parser.add_argument("-v", "--verbose", action="store_true", help="print a line for each request")

    data = parser.add_argument_group("data")
    data.add_argument("--deals", type=int, default=1000)
    for name in _OBJECTS:
        data.add_argument(f"--{name}", type=int, help="by default in proportion to deals")
    data.add_argument("--seed", type=int, default=1)
    data.add_argument("--holes", type=float, default=0.1, help="share of IDs that are missing")
    data.add_argument("--zone", default="Europe/Moscow", help="the portal's time zone")
    data.add_argument("--skew", type=float, default=0, help="seconds by which its clock is ahead")
    data.add_argument(
        "--database-skew", type=float, default=0, help="seconds by which its database is ahead of that clock"
    )

    speed = parser.add_argument_group("speed")
    speed.add_argument("--network-ms", type=float, default=0, help="there and back, outside the server")
    speed.add_argument("--request-ms", type=float, default=0, help="server time of a request")
    speed.add_argument("--command-ms", type=float, default=0, help="server time of a command")
    speed.add_argument("--page-ms", type=float, default=0, help="server time of 50 rows")
    speed.add_argument("--count-ms", type=float, default=0, help="server time of a count (start >= 0)")
    speed.add_argument("--offset-ms", type=float, default=0, help="server time of 1,000 rows of offset")
    speed.add_argument("--workers", type=int, help="requests that run at once; more wait (default: any number)")
    speed.add_argument("--cores", type=int, help="busy workers beyond this number slow all down (default: they do not)")

    limits = parser.add_argument_group("limits")
    limits.add_argument("--rate", type=float, default=2, help="requests that leak from the bucket in a second")
    limits.add_argument("--burst", type=float, default=50, help="requests that the bucket holds")
    limits.add_argument("--operating", type=float, default=480, help="seconds of operating time in ten minutes")
    limits.add_argument(
        "--batch-account",
        type=BatchAccount,
        choices=list(BatchAccount),
        default=BatchAccount.METHOD,
        help="a batch is charged to the method of each command, or as a whole to the method batch",
    )
    limits.add_argument("--no-limits", action="store_true", help="no bucket, no operating time")
    return parser


def app_of(options: argparse.Namespace, portal: Portal | None = None) -> App:
    """The app that the options describe. `portal` replaces the one that they describe."""
    app = App(portal or _portal_of(options), token=options.token)
    limits = app.limits
    limits.latency = Latency(
        network=options.network_ms / 1000,
        request=options.request_ms / 1000,
        command=options.command_ms / 1000,
        page=options.page_ms / 1000,
        count=options.count_ms / 1000,
        offset_1000=options.offset_ms / 1000,
    )
    limits.workers = Workers(options.workers, options.cores)
    limits.bucket.per_second, limits.bucket.burst = options.rate, options.burst
    limits.bucket.enabled = limits.operating.kept = not options.no_limits
    limits.operating.limit, limits.operating.batch_account = options.operating, options.batch_account
    if options.verbose:
        app.on_logged = _print
    return app


def _portal_of(options: argparse.Namespace) -> Portal:
    sizes = {name: size for name in _OBJECTS if (size := getattr(options, name)) is not None}
    clock = RealClock(options.skew)
    portal = sample_portal(clock, options.deals, options.seed, options.holes, options.zone, **sizes)
    portal.database_skew = options.database_skew
    return portal


def _print(entry: LogEntry) -> None:
    methods = ", ".join(f"{name} × {count}" if count > 1 else name for name, count in entry.methods.items())
    print(f"{entry.method}: {methods}: {entry.status}, {entry.rows} rows, {entry.seconds * 1000:.0f} ms", flush=True)


def main() -> None:
    """Serve until Ctrl-C, SIGTERM, or `--end-after` seconds without a request."""
    options = arguments().parse_args()
    if options.methods:
        print(table(), end="")
        return
    app = app_of(options)
    server = PortalServer(app, options.port, options.end_after)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell script's background job ignores it by default
    print(f"The portal's webhook: {app.webhook_url}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()


if __name__ == "__main__":
    main()
