from benchmarks.with_lanes import FixedLanes, TracedLanes
from emulator.clock import PlayedClock
from source_bitrix24.portal.lanes import Lane


def test_fixed_lanes_never_change() -> None:
    lanes = FixedLanes(7, PlayedClock())
    lanes.failed(Lane(1, 7))
    lanes.observe(Lane(1, 7, 7.0), "crm.deal.list", 50, 1.0)
    assert lanes.limit == 7


def test_traced_lanes_note_each_limit_with_its_time() -> None:
    clock = PlayedClock()
    lanes = TracedLanes(12, clock)
    clock.sleep(2)
    with lanes.lane() as occupied:
        pass
    lanes.failed(occupied.lane)
    assert lanes.trace == [(0.0, 4), (2.0, 2)]
