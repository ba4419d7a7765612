from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.harness import Connector, Message, State, records, states

TABLE = "deal_products"


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    connector = Connector(App(sample_portal(PlayedClock(), deals=220, contacts=90)), tmp_path)
    connector.app.portal.clock.sleep(86_400)
    return connector


def _state(messages: list[Message]) -> State:
    return [message["state"] for message in messages if message["type"] == "STATE"][-1:]


def _row(price: int, **values: Any) -> dict[str, Any]:
    return {"PRODUCT_NAME": "Row", "PRICE": Decimal(price), "QUANTITY": Decimal(1), **values}


def test_parents_without_rows_give_none_and_count_as_read(connector: Connector) -> None:
    portal = connector.app.portal
    for deal in portal.tables["deal"].ids:
        portal.set_product_rows("deal", deal, [])
    messages = connector.read(TABLE)
    assert connector.exit_code == 0
    assert records(messages, TABLE) == []
    assert "scan" not in states(messages, TABLE)[-1]


def test_the_rows_of_a_parent_come_as_a_complete_set_with_its_id_and_date(connector: Connector) -> None:
    portal = connector.app.portal
    deal = portal.tables["deal"].ids[-3]
    portal.set_product_rows("deal", deal, [_row(1), _row(2), _row(3)])
    state = _state(connector.read(TABLE))
    portal.clock.sleep(3600)
    kept = portal.product_rows("deal", deal)
    portal.set_product_rows("deal", deal, [kept[0], kept[1], _row(40)])
    rows = records(connector.read(TABLE, state=state), TABLE)
    assert [row["ID"] for row in rows] == [row["ID"] for row in portal.product_rows("deal", deal)]
    modified = portal.wire.moment(portal.tables["deal"].row(deal)["DATE_MODIFY"])
    assert [(row["OWNER_ID"], row["DATE_MODIFY"]) for row in rows] == [(deal, modified)] * 3


@pytest.mark.parametrize(
    ("table", "parent", "name", "method"),
    [
        ("deal_products", "OWNER_ID", "deal", "crm.deal.productrows.get"),
        ("contact_companies", "CONTACT_ID", "contact", "crm.contact.company.items.get"),
    ],
)
def test_a_parent_that_is_deleted_while_it_is_read_has_no_rows(
    connector: Connector, table: str, parent: str, name: str, method: str
) -> None:
    portal = connector.app.portal
    ids = [number for number in portal.tables[name].ids if _has_rows(connector, table, number)]
    gone = ids[len(ids) // 2]
    connector.app.before(method, 1, lambda: portal.delete(name, gone))
    messages = connector.read(table)
    assert connector.exit_code == 0
    assert {row[parent] for row in records(messages, table)} == set(ids) - {gone}
    assert "scan" not in states(messages, table)[-1]


def _has_rows(connector: Connector, table: str, number: int) -> bool:
    portal = connector.app.portal
    if table == "deal_products":
        return bool(portal.product_rows("deal", number)) and not portal.tables["deal"].row(number)["IS_RECURRING"]
    return bool(portal.companies_of(number))


def test_a_link_comes_when_its_contact_changes(connector: Connector) -> None:
    portal = connector.app.portal
    state = _state(connector.read("contact_companies"))
    portal.clock.sleep(3600)
    contact, company = portal.tables["contact"].ids[7], portal.tables["company"].ids[0]
    portal.link_company(contact, company)
    portal.update("contact", contact, NAME="Changed")
    rows = records(connector.read("contact_companies", state=state), "contact_companies")
    assert {row["CONTACT_ID"] for row in rows} == {contact}
    assert company in {row["COMPANY_ID"] for row in rows}


def test_a_state_follows_each_requests_parents_and_lists_none_of_them(connector: Connector) -> None:
    portal = connector.app.portal
    portal.lists_of_owners = "refuse"
    out: set[int] = set()
    belows = []
    for message in connector.read_lines(TABLE):
        if message["type"] == "RECORD":
            out.add(message["record"]["data"]["OWNER_ID"])
        elif message["type"] == "STATE":
            state = message["state"]["stream"]["stream_state"]
            belows.append(state.get("scan", {"below": 1}).get("below", 10**9))
            assert set(state) <= {"DATE_MODIFY", "max_id", "scan", "portal", "dates", "sets", "rows"}
            assert set(state["sets"]) <= {"lengths", "read"}
            assert set(state.get("dates", {})) <= {"behind", "steady", "newest", "printed"}
            assert out == {
                deal for deal in portal.tables["deal"].ids if deal >= belows[-1] and _has_rows(connector, TABLE, deal)
            }
    assert belows == sorted(belows, reverse=True)
    assert len(belows) >= 5  # 50 parents share a request


def test_fifty_parents_share_a_request(connector: Connector) -> None:
    connector.app.portal.lists_of_owners = "refuse"
    connector.read(TABLE)
    asked = [one.methods["crm.deal.productrows.get"] for one in connector.app.log if one.methods]
    assert sum(asked) == len(list(connector.app.portal.visible("deal")))
    assert len([count for count in asked if count]) == 5


@pytest.mark.parametrize("method", ["crm.deal.productrows.get", "crm.productrow.list"])
def test_other_streams_are_read_while_product_rows_wait_for_operating_time(connector: Connector, method: str) -> None:
    app = connector.app
    app.portal.user_is_admin = method == "crm.productrow.list"
    names = (TABLE, "contact_companies")
    catalog = connector.catalog(names)
    catalog["streams"].sort(key=lambda one: names.index(one["stream"]["name"]))
    # another program uses nearly all of the method's time
    app.before(method, 1, lambda: app.limits.operating.add(f"batch {method}", 475.0))
    messages = connector.messages("read", catalog=catalog)
    traces = [message["trace"] for message in messages if message["type"] == "TRACE"]
    statuses = [trace["stream_status"] for trace in traces if trace["type"] == "STREAM_STATUS"]
    waiting = {status["stream_descriptor"]["name"] for status in statuses if status.get("reasons")}
    assert waiting == {TABLE}
    printed = [message["record"]["stream"] for message in messages if message["type"] == "RECORD"]
    assert (printed.count("contact_companies") > 50, printed[-1]) == (True, TABLE)
