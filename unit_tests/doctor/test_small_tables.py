"""Small tables and tables without IDs."""

from source_bitrix24.doctor.known import KnownWhole
from unit_tests.doctor.examined import healthy


def test_each_type_has_its_row_and_each_option_is_counted() -> None:
    whole = healthy().known.whole
    sizes = {name: one.rows for name, one in whole.items() if isinstance(one, KnownWhole)}
    assert sizes.keys() == whole.keys()
    assert sizes["smart_process_types"] == 3
    assert sizes["custom_field_options"] > sizes["deal_pipelines"]


def test_addresses_are_counted_by_their_first_pages() -> None:
    addresses = healthy().known.whole["addresses"]
    assert isinstance(addresses, KnownWhole)
    assert addresses.rows > 50
    assert addresses.seconds > 0
