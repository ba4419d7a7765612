"""What the doctor knows of a portal."""

from datetime import UTC, datetime

from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.doctor.known import Known, KnownList, Sample, Sets
from source_bitrix24.portal.errors import NoAccess
from source_bitrix24.portal.keyset import Listing

SAMPLE = Sample("crm.deal.list", 2, "DATE_MODIFY", (9, 7, 4, 2), dict.fromkeys((9, 7, 4, 2), datetime.now(UTC)))


def test_a_window_holds_exactly_its_rows() -> None:
    assert SAMPLE.window(0, 2) == {">ID": 6, "<=ID": 9}
    assert SAMPLE.item_window(1, 4) == {">id": 1, "<=id": 7}


def test_a_command_asks_for_ids_from_the_newest_on() -> None:
    assert SAMPLE.command({"ID": 7}, start=0).params == {
        "select": ["ID"],
        "order": {"ID": "DESC"},
        "filter": {"ID": 7},
        "start": 0,
    }
    assert SAMPLE.items({"id": 7}).params["entityTypeId"] == 2


def test_only_a_user_who_is_said_to_be_an_administrator_is_one() -> None:
    users: tuple[object, ...] = ({"ADMIN": True}, {"ADMIN": "Y"}, {}, [], None)
    assert [Known(TABLES, user=user).is_administrator for user in users] == [True, False, False, False, False]


def test_a_list_that_cannot_be_read_is_not_found() -> None:
    deals, leads = (Listing(method) for method in ("crm.deal.list", "crm.lead.list"))
    known = Known(TABLES, lists=[KnownList(deals, ("deals",), None), KnownList(leads, (), None, NoAccess(""))])
    assert known.list_of("crm.deal.list")
    assert known.list_of("crm.lead.list") is None


def test_sets_without_rows_count_for_the_mean_but_are_not_filled() -> None:
    known = Known(TABLES, sets={"method": Sets({1: [{"ID": 1}, {"ID": 2}], 3: []})})
    assert known.filled_sets("method").keys() == {1}
    assert known.sets["method"].rows_each == 1
    assert known.filled_sets("other") == {}
