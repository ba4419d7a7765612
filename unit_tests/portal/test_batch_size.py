from source_bitrix24.portal.pace import Experience, Pace


def test_it_starts_small_and_grows_while_requests_stay_far_below_the_cut() -> None:
    pace = Pace()
    assert pace.commands == 10
    pace.took(10, 0.5)
    assert pace.commands == 50


def test_it_aims_at_ten_seconds_a_request() -> None:
    pace = Pace()
    pace.took(10, 5.0)
    assert pace.commands == 20
    pace.took(20, 40.0)
    assert pace.commands == 5


def test_it_halves_when_the_portal_breaks_and_never_stops() -> None:
    pace = Pace(first=6)
    pace.failed(6)
    assert pace.commands == 3
    pace.failed(3)
    pace.failed(1)
    assert pace.commands == 1


def test_a_request_without_a_full_page_teaches_nothing() -> None:
    pace = Pace()
    pace.took(0, 3.0)
    assert pace.commands == 10


def test_an_old_failure_does_not_raise_it_again() -> None:
    pace = Pace()
    pace.failed(4)
    pace.failed(50)
    assert pace.commands == 2


def test_it_aims_at_12_megabytes_a_request() -> None:
    pace = Pace()
    pace.took(10, 0.5, size=6_000_000)
    assert pace.commands == 20
    pace.took(20, 0.5, size=1_000_000)
    assert pace.commands == 50


def test_a_portal_that_was_fast_so_far_is_asked_for_more_at_first() -> None:
    experience = Experience()
    assert (experience.is_there, experience.first) == (False, 10)
    experience.took(0, 0.1)
    assert (experience.is_there, experience.first) == (True, 10)
    experience.took(10, 0.2)
    assert experience.first == 50
    experience.took(50, 4.0)
    assert experience.first == 25
    experience.took(50, 1.0)
    assert experience.first == 25  # the slowest list counts
    experience.took(1, 3.0)
    assert experience.first == 10
