"""Columns of words beside columns of codes."""

from collections import Counter

from emulator.app import App
from emulator.userfields import UserField
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, differences, errors, records


def _names(connector: Connector, table: str) -> list[str]:
    (schema,) = [one["json_schema"] for one in connector.streams() if one["name"] == table]
    return list(schema["properties"])


def test_a_label_stands_behind_its_column(connector: Connector) -> None:
    names = _names(connector, "deals")
    assert names[names.index("STAGE_ID") + 1] == "STAGE_ID_LABEL"
    assert names[names.index("UF_CRM_MONEY") + 1 :][:2] == ["UF_CRM_MONEY_AMOUNT", "UF_CRM_MONEY_CURRENCY"]


def test_without_the_setting_there_are_no_labels(connector: Connector) -> None:
    with_labels = connector.catalog(["deals"])
    connector.settings["label_columns"] = False
    connector._streams = None
    assert not [name for name in _names(connector, "deals") if name.endswith("_LABEL")]
    rows = records(connector.messages("read", catalog=with_labels), "deals")
    assert rows and not [name for row in rows for name in row if name.endswith("_LABEL")]


def test_a_wrong_setting_is_said(connector: Connector) -> None:
    connector.settings["label_columns"] = "yes"
    connector.messages("check")
    assert "label_columns must be true or false." in str(connector.messages("check"))


def test_labels_are_read_where_the_catalog_has_them_and_cost_one_request(connector: Connector, app: App) -> None:
    connector.streams()
    app.log.clear()
    rows = records(connector.read("deals", "leads"), "deals")
    assert differences(rows, expected_rows(app.portal, "deals"), ("ID",)) == []
    assert Counter(method for entry in app.log for method in entry.methods)["crm.status.list"] == 1
    app.log.clear()
    made = ("_LABEL", "_AMOUNT", "_CURRENCY")
    connector.columns_left_out = tuple(name for name in _names(connector, "deals") if name.endswith(made))
    rows = records(connector.read("deals"), "deals")
    assert not [name for row in rows for name in row if name.endswith("_LABEL")]
    assert {method for entry in app.log for method in entry.methods} == {"crm.deal.list"}


def test_a_code_whose_word_is_gone_keeps_its_column(connector: Connector, app: App) -> None:
    connector.streams()
    field = next(one for one in app.portal.user_fields["deal"] if one.name == "UF_CRM_ENUMERATION")
    assert isinstance(field, UserField)
    connector.read("deals")
    gone = next(iter(field.options))
    del field.options[gone]
    rows = [row for row in records(connector.read("deals"), "deals") if row.get("UF_CRM_ENUMERATION") == gone]
    assert rows and not any("UF_CRM_ENUMERATION_LABEL" in row for row in rows)


def test_where_users_are_refused_after_discover_their_labels_are_empty_and_the_rows_come(
    connector: Connector, app: App
) -> None:
    connector.streams()
    app.portal.scopes = {"crm"}
    messages = connector.read("deals")
    assert errors(messages) == []
    rows = records(messages, "deals")
    assert rows and not any("ASSIGNED_BY_ID_LABEL" in row for row in rows)
    assert any("STAGE_ID_LABEL" in row for row in rows)
