from typing import Any

import pytest

from source_bitrix24.portal.dialect import CLASSIC, ITEMS
from source_bitrix24.sync.known_portal import KnownPortal

HERE = KnownPortal("acme.bitrix24.com", 7, "2026-11-23T10:00:00+03:00")


@pytest.mark.parametrize("portal", [KnownPortal("acme.bitrix24.com"), HERE])
def test_a_portal_is_loaded_as_it_was_saved(portal: KnownPortal) -> None:
    assert KnownPortal.load(portal.dump()) == portal


@pytest.mark.parametrize(
    "saved",
    [
        "acme.bitrix24.com",
        {},
        {"host": ""},
        {"host": 7},
        {"host": "acme", "token": "x"},
        {"host": "acme", "record": 7},
        {"host": "acme", "created": "2026"},
        {"host": "acme", "record": True, "created": "2026"},
        {"host": "acme", "record": 0, "created": "2026"},
        {"host": "acme", "record": "7", "created": "2026"},
    ],
    ids=str,
)
def test_what_names_no_portal_is_refused_with_a_phrase(saved: Any) -> None:
    with pytest.raises(ValueError, match="portal"):
        KnownPortal.load(saved)


def test_the_newest_record_with_a_date_of_creation_is_kept() -> None:
    newer = HERE.with_record({"ID": "9", "DATE_CREATE": "2026-12-01T00:00:00+03:00"}, CLASSIC)
    assert newer == KnownPortal("acme.bitrix24.com", 9, "2026-12-01T00:00:00+03:00")
    assert newer.with_record({"ID": "8", "DATE_CREATE": "2026-11-30T00:00:00+03:00"}, CLASSIC) == newer
    assert newer.with_record({"ID": 10, "DATE_CREATE": ""}, CLASSIC) == newer
    assert newer.with_record({"ID": 10, "DATE_CREATE": {"odd": 1}}, CLASSIC) == newer
    assert newer.with_record({"ID": 10}, CLASSIC) == newer
    assert newer.with_record({"ID": 10, "CREATED_TIME": "2027"}, ITEMS).record == 10
