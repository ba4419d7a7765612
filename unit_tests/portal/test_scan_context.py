from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.portal.prefetch import Prefetch
from source_bitrix24.portal.scan_context import ScanContext
from unit_tests.mounted import client_of


def context_of(lanes: int) -> ScanContext:
    return ScanContext(client_of(App(sample_portal(PlayedClock(), deals=0)), lanes=lanes))


def filled(queue: Prefetch[int, int]) -> int:
    while queue.has_room:
        queue.add(1)
    return len(queue)


def test_with_one_lane_a_task_runs_when_its_result_is_taken() -> None:
    done: list[int] = []
    context = context_of(lanes=1)
    queue: Prefetch[int, None] = context.prefetch(done.append)
    queue.add(7)
    assert (context.is_sequential, queue.has_room, done) == (True, False, [])
    queue.take()[1]()
    assert done == [7]


def test_a_queue_is_twice_as_deep_as_there_are_lanes_at_the_moment() -> None:
    context = context_of(lanes=4)
    queue: Prefetch[int, int] = context.prefetch(abs)
    assert not context.is_sequential
    assert filled(queue) == 8
    with context.client.lanes.lane() as occupied:
        context.client.lanes.failed(occupied.lane)
    queue.abandon()
    assert filled(queue) == 4


def test_all_queues_of_a_sync_share_its_memory() -> None:
    context = context_of(lanes=4)
    third = context.memory.most / 3
    one: Prefetch[int, int] = context.prefetch(abs, lambda task: third)
    other: Prefetch[int, int] = context.prefetch(abs, lambda task: third)
    other.add(1)
    assert filled(one) == 2
