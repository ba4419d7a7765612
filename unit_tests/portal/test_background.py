import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from source_bitrix24.portal.errors import BadWebhook, TimedOut
from source_bitrix24.portal.threads import do, start, within


def _fail() -> int:
    raise BadWebhook("crm.deal.list", "revoked")


def _leave() -> int:
    raise SystemExit(143)


def test_work_that_was_started_goes_on_beside_the_caller_in_a_thread_that_holds_nothing_up() -> None:
    may_go_on = threading.Event()

    def work() -> threading.Thread:
        assert may_go_on.wait(10)
        return threading.current_thread()

    future = start(work)
    assert not future.done()
    may_go_on.set()
    worker = future.result(10)
    assert worker is not threading.current_thread()
    assert worker.daemon


def test_work_that_is_done_is_done_here_and_now() -> None:
    future: Future[threading.Thread] = Future()
    do(threading.current_thread, future)
    assert future.result(0) is threading.current_thread()


@pytest.mark.parametrize(("work", "error"), [(_fail, BadWebhook), (_leave, SystemExit)])
def test_an_error_is_raised_where_the_result_is_taken(work: Callable[[], int], error: type[BaseException]) -> None:
    future: Future[int] = Future()
    do(work, future)
    for held in (future, start(work)):
        with pytest.raises(error):
            held.result(10)


def test_within_its_time_work_brings_its_result() -> None:
    assert within(10, lambda: 7) == 7


def test_within_its_time_work_raises_its_own_error() -> None:
    with pytest.raises(BadWebhook, match="revoked"):
        within(10, _fail)


def test_work_that_takes_longer_is_given_up() -> None:
    over = threading.Event()
    with pytest.raises(TimedOut, match="no whole answer within 0 s"):
        within(0.05, lambda: over.wait(10))
    over.set()
