from source_bitrix24.sync.set_window import SetWindow

ROW = {"PRODUCT_NAME": "x" * 1000}


def test_a_state_comes_after_records_of_twenty_times_its_text() -> None:
    window = SetWindow(lengths_text=600)
    window.add([({"ID": "2"}, [ROW] * 10), ({"ID": "1"}, None)])
    before = window.is_worth_a_state
    window.add([({"ID": "1"}, [ROW] * 10)])
    assert (before, window.is_worth_a_state, len(window.sets)) == (False, True, 3)


def test_not_more_than_twenty_thousand_rows_wait_for_a_state() -> None:
    window = SetWindow(lengths_text=10**9)
    window.add([({"ID": "1"}, [{}] * 20_000)])
    assert window.is_worth_a_state


def test_many_parents_without_rows_are_worth_a_state_too() -> None:
    window = SetWindow(lengths_text=0)
    window.add([({"ID": str(number)}, []) for number in range(1000)])
    assert window.is_worth_a_state
