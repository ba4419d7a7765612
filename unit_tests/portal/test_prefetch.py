import threading

import pytest

from source_bitrix24.portal.ordered import Ahead


def test_results_come_in_the_order_of_the_tasks_however_long_each_takes() -> None:
    second_done = threading.Event()

    def run(task: int) -> int:
        if task == 1:
            assert second_done.wait(5)
        else:
            second_done.set()
        return task * 10

    ahead = Ahead[int, int](run, depth=2)
    ahead.add(1)
    ahead.add(2)
    assert [ahead.take(), ahead.take()] == [(1, 10), (2, 20)]


def test_no_more_tasks_than_the_depth_are_begun_or_done_before_a_result_is_taken() -> None:
    ahead = Ahead[int, int](abs, depth=3)
    room = []
    for task in (-1, -2, -3):
        ahead.add(task)
        room.append(ahead.has_room)
    ahead.take()
    assert [*room, ahead.has_room] == [True, True, False, True]


def test_all_of_them_are_begun_at_once() -> None:
    together = threading.Barrier(3)
    ahead = Ahead[int, int](lambda _: together.wait(5), depth=3)
    for task in range(3):
        ahead.add(task)
    assert sorted(ahead.take()[1] for _ in range(3)) == [0, 1, 2]


def test_results_that_nobody_will_take_are_handed_over_when_they_come_unless_they_failed() -> None:
    may_end, told, all_told = threading.Event(), list[int](), threading.Event()

    def run(task: int) -> int:
        assert may_end.wait(5)
        return 12 // task

    def forget(result: int) -> None:
        told.append(result)
        if len(told) == 2:
            all_told.set()

    ahead = Ahead[int, int](run, depth=3)
    for task in (1, 0, 2):
        ahead.add(task)
    ahead.leave(forget)
    assert (len(ahead), told) == (0, [])
    may_end.set()
    assert all_told.wait(5)
    assert sorted(told) == [6, 12]


def test_what_a_task_left_undone_comes_next() -> None:
    ahead = Ahead[int, int](abs, depth=3)
    ahead.add(-1)
    ahead.add(-2)
    ahead.take()
    ahead.add_first(-9)
    assert [ahead.take()[1], ahead.take()[1]] == [9, 2]
    assert len(ahead) == 0


@pytest.mark.parametrize("depth", [1, 3])
def test_an_error_is_raised_where_the_result_is_taken(depth: int) -> None:
    def run(task: int) -> int:
        raise ZeroDivisionError(task)

    ahead = Ahead[int, int](run, depth)
    ahead.add(1)
    with pytest.raises(ZeroDivisionError):
        ahead.take()


def test_with_a_depth_of_one_tasks_run_in_the_callers_thread_when_taken() -> None:
    threads: list[threading.Thread] = []
    ahead = Ahead[int, None](lambda _: threads.append(threading.current_thread()), depth=1)
    ahead.add(1)
    assert threads == []
    ahead.take()
    assert threads == [threading.current_thread()]
