import threading

import pytest

from source_bitrix24.portal.prefetch import Prefetch


def test_results_come_in_the_order_of_the_tasks_however_long_each_takes() -> None:
    second_done = threading.Event()

    def run(task: int) -> int:
        if task == 1:
            assert second_done.wait(5)
        else:
            second_done.set()
        return task * 10

    prefetch = Prefetch[int, int](run, depth=2)
    prefetch.add(1)
    prefetch.add(2)
    assert [prefetch.take(), prefetch.take()] == [(1, 10), (2, 20)]


def test_there_is_room_for_as_many_tasks_as_the_depth_until_a_result_is_taken() -> None:
    prefetch = Prefetch[int, int](abs, depth=3)
    room = []
    for task in (-1, -2, -3):
        prefetch.add(task)
        room.append(prefetch.has_room)
    prefetch.take()
    assert [*room, prefetch.has_room] == [True, True, False, True]


def test_all_tasks_run_at_the_same_time() -> None:
    together = threading.Barrier(3)
    prefetch = Prefetch[int, int](lambda _: together.wait(5), depth=3)
    for task in range(3):
        prefetch.add(task)
    assert sorted(prefetch.take()[1] for _ in range(3)) == [0, 1, 2]


def test_abandoned_results_are_handed_over_when_they_arrive_and_abandoned_failures_are_not() -> None:
    may_end, received, all_received = threading.Event(), list[int](), threading.Event()

    def run(task: int) -> int:
        assert may_end.wait(5)
        return 12 // task

    def receive(result: int) -> None:
        received.append(result)
        if len(received) == 2:
            all_received.set()

    prefetch = Prefetch[int, int](run, depth=3)
    for task in (1, 0, 2):
        prefetch.add(task)
    prefetch.abandon(receive)
    assert (len(prefetch), received) == (0, [])
    may_end.set()
    assert all_received.wait(5)
    assert sorted(received) == [6, 12]


def test_a_requeued_task_comes_next() -> None:
    prefetch = Prefetch[int, int](abs, depth=3)
    prefetch.add(-1)
    prefetch.add(-2)
    prefetch.take()
    prefetch.requeue(-9)
    assert [prefetch.take()[1], prefetch.take()[1]] == [9, 2]
    assert len(prefetch) == 0


@pytest.mark.parametrize("depth", [1, 3])
def test_an_error_is_raised_where_the_result_is_taken(depth: int) -> None:
    def run(task: int) -> int:
        raise ZeroDivisionError(task)

    prefetch = Prefetch[int, int](run, depth)
    prefetch.add(1)
    with pytest.raises(ZeroDivisionError):
        prefetch.take()


def test_with_a_depth_of_one_tasks_run_in_the_callers_thread_when_they_are_taken() -> None:
    threads: list[threading.Thread] = []
    prefetch = Prefetch[int, None](lambda _: threads.append(threading.current_thread()), depth=1)
    prefetch.add(1)
    assert threads == []
    prefetch.take()
    assert threads == [threading.current_thread()]


def test_with_a_depth_of_one_abandoned_tasks_never_run() -> None:
    ran: list[int] = []
    prefetch = Prefetch[int, None](ran.append, depth=1)
    prefetch.add(1)
    prefetch.abandon(lambda _: ran.append(0))
    assert (ran, len(prefetch)) == ([], 0)
