import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from source_bitrix24.portal.background import run_into, spawn, with_deadline
from source_bitrix24.portal.errors import BadWebhook, TimedOut


def _fail() -> int:
    raise BadWebhook("crm.deal.list", "revoked")


def _exit() -> int:
    raise SystemExit(143)


def test_spawned_work_runs_beside_the_caller_in_a_thread_that_does_not_delay_the_end_of_the_process() -> None:
    may_continue = threading.Event()

    def work() -> threading.Thread:
        assert may_continue.wait(10)
        return threading.current_thread()

    future = spawn(work)
    assert not future.done()
    may_continue.set()
    worker = future.result(10)
    assert worker is not threading.current_thread()
    assert worker.daemon


def test_work_that_is_run_into_a_future_runs_in_the_callers_thread() -> None:
    future: Future[threading.Thread] = Future()
    run_into(future, threading.current_thread)
    assert future.result(0) is threading.current_thread()


@pytest.mark.parametrize(("work", "error"), [(_fail, BadWebhook), (_exit, SystemExit)])
def test_an_error_is_raised_where_the_result_is_taken(work: Callable[[], int], error: type[BaseException]) -> None:
    future: Future[int] = Future()
    run_into(future, work)
    for held in (future, spawn(work)):
        with pytest.raises(error):
            held.result(10)


def test_work_that_meets_its_deadline_returns_its_result() -> None:
    assert with_deadline(10, lambda: 7) == 7


def test_work_that_fails_before_its_deadline_raises_its_own_error() -> None:
    with pytest.raises(BadWebhook, match="revoked"):
        with_deadline(10, _fail)


def test_work_that_misses_its_deadline_times_out() -> None:
    may_end = threading.Event()
    with pytest.raises(TimedOut, match="no complete answer within 0 s"):
        with_deadline(0.02, lambda: may_end.wait(10))
    may_end.set()
