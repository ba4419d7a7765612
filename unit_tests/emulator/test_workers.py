import threading
import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from emulator.app import App
from emulator.clock import RealClock
from emulator.store import Portal, sample_portal
from emulator.workers import Workers
from unit_tests.emulator.client import post


def times_of(app: App, requests: int, delay: float = 0.0, **params: Any) -> list[tuple[float, float]]:
    """Send requests, each `delay` seconds after the last; return when each was answered, and its `duration`."""
    answers: list[tuple[float, float]] = []

    def send(number: int) -> None:
        app.portal.clock.sleep(number * delay)
        body = orjson.loads(post(app, "batch" if params else "scope", **params).body)
        answers.append((round(app.portal.clock.monotonic(), 6), round(body["time"]["duration"], 6)))

    in_threads(*[lambda number=number: send(number) for number in range(requests)])
    return sorted(answers)


def in_threads(*actions: Callable[[], object]) -> None:
    threads = [threading.Thread(target=action) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_any_number_of_requests_run_at_once_by_default(app: App) -> None:
    app.limits.latency.request = 1.0
    assert times_of(app, 6) == [(1, 1)] * 6


def test_more_requests_than_workers_wait_and_their_wait_is_not_in_their_duration(app: App) -> None:
    app.limits.workers = Workers(2)
    app.limits.latency.request = 1.0
    assert times_of(app, 5) == [(1, 1), (1, 1), (2, 1), (2, 1), (3, 1)]  # P7.15
    assert sorted(entry.queued for entry in app.log) == [0, 0, 1, 1, 2]
    assert {entry.at for entry in app.log} == {app.log[0].at}
    assert app.statistics()["queued_seconds"] == 4
    assert app.limits.workers.busy == 0


def test_requests_wait_in_the_order_of_their_arrival(app: App) -> None:
    app.limits.workers = Workers(1)
    app.limits.latency.request = 1.0
    times_of(app, 5, delay=0.1)
    assert [entry.queued for entry in app.log] == pytest.approx([0, 0.9, 1.8, 2.7, 3.6])


def test_more_busy_workers_than_cores_slow_each_other_down(app: App) -> None:
    app.limits.workers = Workers(cores=2)
    app.limits.latency.command = 0.5
    commands = {"a": "scope", "b": "scope"}
    assert times_of(app, 2, cmd=commands) == [(1, 1)] * 2
    app.portal.clock.sleep(9)
    began = app.portal.clock.monotonic()
    times = times_of(app, 8, cmd=commands)
    assert {duration for _, duration in times} == {4.0}  # 8 busy on 2 cores
    assert {at - began for at, _ in times} == {4.0}


def test_cores_are_shared_while_requests_come_and_go(app: App) -> None:
    app.limits.workers = Workers(cores=1)
    app.limits.latency.command = 1.0
    bodies: list[Any] = []

    def read(delay: float, *names: str) -> None:
        app.portal.clock.sleep(delay)
        bodies.append(orjson.loads(post(app, "batch", cmd=dict.fromkeys(names, "scope")).body))

    in_threads(lambda: read(0, "a", "b", "c"), lambda: read(0.5, "x"))
    inner = {key: round(time["duration"], 6) for body in bodies for key, time in body["result"]["result_time"].items()}
    assert inner == {"a": 1.5, "x": 2, "b": 2, "c": 0.5}  # b notices only at its end that x has left
    assert sorted(round(body["time"]["duration"], 6) for body in bodies) == [2, 4]
    assert round(app.portal.clock.monotonic(), 6) == 4


def test_slow_pages_are_charged_as_slow(app: App) -> None:
    app.limits.workers = Workers(cores=1)
    app.limits.latency.command = 1.0
    times_of(app, 3)
    assert app.limits.operating.spent("direct scope") == pytest.approx(9)


@pytest.mark.parametrize("kind", ["command_error", "cut_connection", "too_long", "bad_gateway"])
def test_a_request_that_fails_gives_its_worker_back(app: App, kind: str) -> None:
    app.limits.workers = Workers(1)
    app.fault(kind)
    try:
        post(app, "scope")
    except Exception as error:
        assert kind == "cut_connection", error  # noqa: PT017  # the other kinds are answered
    assert app.limits.workers.busy == 0
    assert post(app, "scope").status == 200


def test_a_wait_for_a_worker_counts_for_the_cut(app: App) -> None:
    app.limits.workers = Workers(1)
    app.limits.latency.request = 40.0
    statuses: list[int] = []
    in_threads(*[lambda: statuses.append(post(app, "scope").status)] * 2)
    assert statuses == [200, 504]  # P7.6
    assert app.portal.clock.monotonic() == 60


def test_the_network_is_outside_the_server(app: App) -> None:
    app.limits.workers = Workers(1)
    app.limits.latency.request, app.limits.latency.network = 1.0, 0.5
    assert times_of(app, 2) == [(1.5, 1), (2.5, 1)]
    assert [entry.queued for entry in app.log] == [0, 1]
    app.fault("too_many_requests")
    before = app.portal.clock.monotonic()
    post(app, "scope")
    assert app.portal.clock.monotonic() - before == 0.5


def test_workers_queue_in_real_time_too() -> None:
    sizes: dict[str, Any] = dict.fromkeys(("leads", "contacts", "companies", "quotes", "activities", "products"), 0)
    portal: Portal = sample_portal(RealClock(), deals=0, **sizes)
    app = App(portal)
    app.limits.workers = Workers(2)
    app.limits.latency.request = 0.1
    began = time.monotonic()
    in_threads(*[lambda: post(app, "scope")] * 4)
    assert 0.2 <= time.monotonic() - began < 2
    assert sorted(entry.queued > 0.05 for entry in app.log) == [False, False, True, True]
