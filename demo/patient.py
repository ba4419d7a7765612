"""The bundled portal as the doctor examines it: with everything that the facts need to be measured."""

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.limits import Latency
from emulator.store import sample_portal

_DEALS = 170


def patient(deals: int = _DEALS, **sizes: int) -> App:
    """Return a portal that takes its time, on a played clock: 30 ms a page and 50 ms of network.

    One deal is new, and the webhook lacks the scope of departments.
    """
    app = App(sample_portal(PlayedClock(), deals, **sizes))  # type: ignore[arg-type]
    app.limits.latency = Latency(network=0.05, request=0.02, command=0.005, page=0.03, count=0.02)
    app.portal.scopes.discard("department")
    app.portal.create("deal", TITLE="A new deal")
    return app
