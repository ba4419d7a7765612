from source_bitrix24.portal.pace import Pace


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
