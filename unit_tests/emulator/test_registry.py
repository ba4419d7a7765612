import pytest

from emulator.app import App
from emulator.methods import METHODS
from emulator.registry import Outcome, method
from unit_tests.emulator.client import call


def test_a_decorated_function_is_a_method(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "crm.new.count", METHODS["scope"])
    method("crm.new.count", scope="")(lambda portal, params: Outcome(len(params), total=7, next=50))
    assert call(app, "crm.new.count", a=1, b=2) == {"result": 2, "total": 7, "next": 50}


@pytest.mark.parametrize("name", METHODS)
def test_methods_need_the_scope_of_their_module(name: str) -> None:
    modules = {"crm": "crm", "tasks": "task", "voximplant": "telephony", "department": "department"}
    assert METHODS[name].scope == modules.get(name.partition(".")[0], "")
    assert name == name.lower()
