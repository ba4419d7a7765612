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

    ahead = Ahead[int, int](run, width=2)
    ahead.add(1)
    ahead.add(2)
    assert [ahead.take(), ahead.take()] == [(1, 10), (2, 20)]


def test_one_task_more_than_runs_at_once_holds_a_place() -> None:
    ahead = Ahead[int, int](abs, width=2)
    room = []
    for task in (-1, -2, -3):
        ahead.add(task)
        room.append(ahead.has_room)
    ahead.take()
    assert [*room, ahead.has_room] == [True, True, False, True]


def test_no_more_than_width_tasks_run_at_once_and_the_next_starts_without_a_result_being_taken() -> None:
    begun: list[int] = []
    may_end = {task: threading.Event() for task in range(3)}
    third_began = threading.Event()

    def run(task: int) -> None:
        begun.append(task)
        if task == 2:
            third_began.set()
        assert may_end[task].wait(5)

    ahead = Ahead[int, None](run, width=2)
    for task in range(3):
        ahead.add(task)
    assert not third_began.wait(0.05)
    may_end[1].set()
    assert third_began.wait(5)
    may_end[0].set()
    may_end[2].set()
    assert [ahead.take()[0] for _ in range(3)] == [0, 1, 2]
    assert sorted(begun) == [0, 1, 2]


def test_what_a_task_left_undone_comes_next() -> None:
    ahead = Ahead[int, int](abs, width=3)
    ahead.add(-1)
    ahead.add(-2)
    ahead.take()
    ahead.add_first(-9)
    assert [ahead.take()[1], ahead.take()[1]] == [9, 2]
    assert len(ahead) == 0


@pytest.mark.parametrize("width", [1, 3])
def test_an_error_is_raised_where_the_result_is_taken(width: int) -> None:
    def run(task: int) -> int:
        raise ZeroDivisionError(task)

    ahead = Ahead[int, int](run, width)
    ahead.add(1)
    with pytest.raises(ZeroDivisionError):
        ahead.take()


def test_with_a_width_of_one_tasks_run_in_the_callers_thread_when_taken() -> None:
    threads: list[threading.Thread] = []
    ahead = Ahead[int, None](lambda _: threads.append(threading.current_thread()), width=1)
    ahead.add(1)
    assert threads == []
    ahead.take()
    assert threads == [threading.current_thread()]
