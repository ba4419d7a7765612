"""Clients of an emulated portal that is mounted on their session: no port, no thread."""

import threading
import time
from collections import Counter
from collections.abc import Callable

import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from source_bitrix24.airbyte.transport import HttpTransport
from source_bitrix24.portal.client import PortalClient, Transport
from source_bitrix24.portal.lanes import Lanes
from source_bitrix24.portal.limits import STANDARD, RateLimiter, RequestRate
from source_bitrix24.portal.webhook import Webhook


def session_of(app: App) -> requests.Session:
    """Return a session that reaches the portal."""
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    return session


def transport_of(app: App, read_seconds: float = 90) -> HttpTransport:
    """Return a transport that reaches the portal."""
    return HttpTransport(Webhook.parse(app.webhook_url), read_seconds, session_of(app))


def client_of(
    app: App,
    *,
    retry_seconds: float = 3000,
    lanes: int = 4,
    rate: RequestRate = STANDARD,
    transport: Transport | None = None,
) -> PortalClient:
    """Return a client of the portal that lives by the portal's simulated clock."""
    webhook, clock = Webhook.parse(app.webhook_url), app.portal.clock
    limiter = RateLimiter(rate, clock)
    return PortalClient(webhook, transport or transport_of(app), limiter, clock, retry_seconds, Lanes(lanes, clock))


def commands_sent(app: App) -> list[int]:
    """Return how many commands each request carried."""
    return [sum(logged.methods.values()) for logged in app.log]


def methods_sent(app: App) -> Counter[str]:
    """Return how often each method was called."""
    return sum((logged.methods for logged in app.log), Counter())


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait until a condition holds that other threads bring about; return False if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.002)  # seen as waiting by a played clock
    return True
