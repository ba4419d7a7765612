from source_bitrix24.portal.batch_size import BatchSize, ServerSpeed


def test_a_batch_starts_small_and_grows_while_requests_stay_far_below_the_portals_time_limit() -> None:
    batch_size = BatchSize()
    assert batch_size.commands == 10
    batch_size.observe(10, 0.5)
    assert batch_size.commands == 50


def test_a_batch_is_sized_for_ten_seconds_of_server_time() -> None:
    batch_size = BatchSize()
    batch_size.observe(10, 5.0)
    assert batch_size.commands == 20
    batch_size.observe(20, 40.0)
    assert batch_size.commands == 5


def test_a_batch_halves_when_the_portal_fails_and_never_becomes_empty() -> None:
    batch_size = BatchSize(first=6)
    batch_size.shrink(6)
    assert batch_size.commands == 3
    batch_size.shrink(3)
    batch_size.shrink(1)
    assert batch_size.commands == 1


def test_a_request_without_a_full_page_changes_nothing() -> None:
    batch_size = BatchSize()
    batch_size.observe(0, 3.0)
    assert batch_size.commands == 10


def test_a_late_failure_of_a_larger_batch_does_not_make_the_next_one_grow() -> None:
    batch_size = BatchSize()
    batch_size.shrink(4)
    batch_size.shrink(50)
    assert batch_size.commands == 2


def test_a_batch_is_sized_for_12_megabytes() -> None:
    batch_size = BatchSize()
    batch_size.observe(10, 0.5, size=6_000_000)
    assert batch_size.commands == 20
    batch_size.observe(20, 0.5, size=1_000_000)
    assert batch_size.commands == 50


def test_the_first_request_of_a_list_is_larger_on_a_portal_whose_lists_were_all_fast() -> None:
    speed = ServerSpeed()
    assert (speed.known, speed.first_commands) == (False, 10)
    speed.observe(0, 0.1)
    assert (speed.known, speed.first_commands) == (True, 10)
    speed.observe(10, 0.2)
    assert speed.first_commands == 50
    speed.observe(50, 4.0)
    assert speed.first_commands == 25
    speed.observe(50, 1.0)
    assert speed.first_commands == 25  # the slowest list counts
    speed.observe(1, 3.0)
    assert speed.first_commands == 10
