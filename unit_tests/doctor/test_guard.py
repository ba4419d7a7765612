"""What the doctor may send."""

from collections.abc import Callable

import orjson
import pytest

from demo.patient import patient
from emulator.clock import PlayedClock
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.doctor.guard import (
    MOST_REQUESTS,
    MOST_SECONDS,
    READ_ONLY,
    Enough,
    Guard,
    NotReadOnly,
    called_methods,
    methods_of,
)
from source_bitrix24.portal.reply import Reply
from unit_tests.doctor.examined import examined

BASE = "https://portal.test/rest/1/secret/"
OK = Reply(200, b'{"result": true}')
READS = (".list", ".get", ".fields", ".info", ".time", ".ownertype", ".getbyentitytypeid")


class Wire:
    """Counts what gets out."""

    def __init__(self, reply: Reply = OK) -> None:
        self.sent = 0
        self.reply = reply

    def post(self, url: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        self.sent += 1
        return self.reply


def send(guard: Guard, method: str = "profile", **params: object) -> None:
    guard.post(BASE + method, orjson.dumps(params), lambda: None)


@pytest.mark.parametrize("method", sorted(READ_ONLY | methods_of(TABLES)))
def test_every_method_of_the_list_only_reads(method: str) -> None:
    assert method.lower().endswith(READS) or method in ("batch", "profile", "scope")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("crm.deal.add", {"fields": {}}),
        ("CRM.DEAL.DELETE", {"id": 1}),
        ("crm.deal.update.json", {"id": 1}),
        ("batch", {"cmd": {"a": "profile", "b": "crm.deal.delete?id=1"}}),
        ("batch", {"cmd": {"a": "Crm.Deal.Update?id=1"}}),
        ("", {}),
    ],
)
def test_a_call_that_could_change_anything_is_not_sent(method: str, params: dict[str, object]) -> None:
    wire = Wire()
    with pytest.raises(NotReadOnly):
        send(Guard(wire, PlayedClock()), method, **params)
    assert wire.sent == 0


def test_what_only_reads_is_sent() -> None:
    wire = Wire()
    guard = Guard(wire, PlayedClock(), READ_ONLY | methods_of(TABLES))
    send(guard, "batch", cmd={"a": "crm.deal.list?start=-1", "b": "SCOPE"})
    send(guard, "profile.json")
    send(guard, "crm.type.getByEntityTypeId")
    assert (wire.sent, guard.sent) == (3, 3)


def test_a_call_is_recognised_in_every_spelling_of_its_address() -> None:
    assert called_methods(BASE + "CRM.Deal.List.json/", b"{}") == ["crm.deal.list"]
    assert called_methods(BASE + "batch", b'{"cmd": ["crm.deal.add"]}') == ["batch"]


def test_after_the_last_request_nothing_is_sent() -> None:
    wire = Wire()
    guard = Guard(wire, PlayedClock())
    for _ in range(MOST_REQUESTS):
        send(guard)
    with pytest.raises(Enough, match=f"{MOST_REQUESTS} requests"):
        send(guard)
    assert wire.sent == MOST_REQUESTS


def test_after_the_last_second_nothing_is_sent() -> None:
    wire, clock = Wire(), PlayedClock()
    guard = Guard(wire, clock)
    clock.sleep(MOST_SECONDS)
    with pytest.raises(Enough, match="seconds have passed"):
        send(guard)
    assert wire.sent == 0


def test_redirects_and_a_crowded_portal_are_counted() -> None:
    clock = PlayedClock()
    moved = Guard(Wire(Reply(302, b"", "https://other.test/")), clock)
    crowded = Guard(Wire(Reply(503, b'{"error":"QUERY_LIMIT_EXCEEDED"}')), clock)
    send(moved)
    send(crowded)
    assert (moved.redirects, moved.crowded) == (1, 0)
    assert (crowded.redirects, crowded.crowded) == (0, 1)


def test_the_portal_is_the_same_after_an_examination() -> None:
    app = patient()
    before = {name: (len(table), dict(table.edited)) for name, table in app.portal.tables.items()}
    examined(app)
    assert {name: (len(table), dict(table.edited)) for name, table in app.portal.tables.items()} == before
