import threading
from typing import TypeVar

import pytest

from source_bitrix24.portal.prefetch import Memory, Prefetch

Result = TypeVar("Result")


def taken(prefetch: Prefetch[int, Result]) -> tuple[int, Result]:
    task, wait = prefetch.take()
    return task, wait()


def test_results_come_in_the_order_of_the_tasks_however_long_each_takes() -> None:
    second_done = threading.Event()

    def run(task: int) -> int:
        if task == 1:
            assert second_done.wait(5)
        else:
            second_done.set()
        return task * 10

    prefetch = Prefetch[int, int](run, lambda: 2)
    prefetch.add(1)
    prefetch.add(2)
    assert [taken(prefetch), taken(prefetch)] == [(1, 10), (2, 20)]


def test_there_is_room_for_as_many_tasks_as_the_depth_until_a_result_is_taken() -> None:
    prefetch = Prefetch[int, int](abs, lambda: 3)
    room = []
    for task in (-1, -2, -3):
        prefetch.add(task)
        room.append(prefetch.has_room)
    prefetch.take()
    assert [*room, prefetch.has_room] == [True, True, False, True]


def test_all_tasks_run_at_the_same_time() -> None:
    together = threading.Barrier(3)
    prefetch = Prefetch[int, int](lambda _: together.wait(5), lambda: 3)
    for task in range(3):
        prefetch.add(task)
    assert sorted(taken(prefetch)[1] for _ in range(3)) == [0, 1, 2]


def test_abandoned_tasks_are_not_waited_for() -> None:
    may_end, ended = threading.Event(), threading.Semaphore(0)

    def run(task: int) -> None:
        assert may_end.wait(5)
        ended.release()

    prefetch = Prefetch[int, None](run, lambda: 2)
    prefetch.add(1)
    prefetch.add(2)
    prefetch.abandon()
    assert len(prefetch) == 0
    may_end.set()
    assert ended.acquire(timeout=5)
    assert ended.acquire(timeout=5)


def test_a_requeued_task_comes_next() -> None:
    prefetch = Prefetch[int, int](abs, lambda: 3)
    prefetch.add(-1)
    prefetch.add(-2)
    prefetch.take()
    prefetch.requeue(-9)
    assert [taken(prefetch), taken(prefetch)] == [(-9, 9), (-2, 2)]
    assert len(prefetch) == 0


@pytest.mark.parametrize("depth", [1, 3])
def test_an_error_is_raised_where_the_result_is_taken(depth: int) -> None:
    def run(task: int) -> int:
        raise ZeroDivisionError(task)

    prefetch = Prefetch[int, int](run, lambda: depth, sequential=depth == 1)
    prefetch.add(1)
    with pytest.raises(ZeroDivisionError):
        taken(prefetch)


def test_sequential_tasks_run_in_the_callers_thread_when_they_are_taken() -> None:
    threads: list[threading.Thread] = []
    prefetch = Prefetch[int, None](lambda _: threads.append(threading.current_thread()), lambda: 1, sequential=True)
    prefetch.add(1)
    assert threads == []
    taken(prefetch)
    assert threads == [threading.current_thread()]


def test_abandoned_sequential_tasks_never_run() -> None:
    ran: list[int] = []
    prefetch = Prefetch[int, None](ran.append, lambda: 1, sequential=True)
    prefetch.add(1)
    prefetch.abandon()
    assert (ran, len(prefetch)) == ([], 0)


def test_no_task_is_added_while_the_expected_results_of_all_queues_fill_the_memory() -> None:
    memory = Memory(most=10)
    one, other = (Prefetch[int, int](abs, lambda: 8, memory, size=float) for _ in range(2))
    one.add(4)
    room = [other.has_room]
    other.add(6)
    room += [one.has_room, other.has_room]
    other.take()
    one.add(6)
    room += [one.has_room, other.has_room]
    one.abandon()
    assert room == [True, False, False, False, True]  # an empty queue always has room
    assert memory.used == 0
