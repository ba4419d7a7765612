"""The requests of single tables."""

from source_bitrix24.doctor.known import KnownList
from source_bitrix24.doctor.loads import Load, list_load
from unit_tests.doctor.examined import healthy


def test_a_load_has_a_first_request_and_others() -> None:
    assert Load().requests == 0
    assert Load(1.0, rest=[1.0, 2.0]).requests == 3


def test_a_list_of_many_rows_takes_a_request_for_each_2500_and_a_few() -> None:
    deals = healthy().known.lists[0]
    large = KnownList(deals.listing, deals.tables, None, count=250_000, page_seconds=0.02, page_bytes=50_000)
    assert 100 <= list_load(large).requests <= 120
    heavy = KnownList(deals.listing, deals.tables, None, count=250_000, page_seconds=1.0, page_bytes=50_000)
    assert list_load(heavy).requests > 500
