from typing import Any

import pytest

from source_bitrix24.config import connection_specification
from warehouse.options import OptionProblem, Options

PROPERTIES = connection_specification()["properties"]
TABLES = ["deals", "leads", "products"]


def test_every_setting_of_the_connector_can_be_given_as_a_variable() -> None:
    variables = {name.upper(): str(property_.get("default", "")) for name, property_ in PROPERTIES.items()}
    variables |= {"WEBHOOK_URL": "https://example.com/rest/1/abcdefgh12345678/", "START_DATE": "2024-01-01"}
    assert Options.from_variables(variables).config(PROPERTIES).keys() == PROPERTIES.keys()
    assert variables.keys() == {"WEBHOOK_URL", "START_DATE", "PORTAL_PLAN", "LABEL_LANGUAGE", "CONCURRENT_REQUESTS"} | {
        name.upper() for name in PROPERTIES
    }


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("8", "integer", 8),
        (" 8 ", "integer", 8),
        ("-1", "integer", -1),
        ("many", "integer", "many"),
        ("false", "boolean", False),
        ("Yes", "boolean", True),
        ("perhaps", "boolean", "perhaps"),
        ("en", "string", "en"),
        ("1", "string", "1"),
    ],
)
def test_a_value_has_the_type_of_its_setting_if_it_fits(text: str, kind: str, value: Any) -> None:
    assert Options.from_variables({"NAME": text, "OTHER": "x"}).config({"name": {"type": kind}}) == {"name": value}


def test_a_variable_that_is_empty_leaves_the_default() -> None:
    assert Options.from_variables({"NAME": " "}).config({"name": {"type": "string"}}) == {}


@pytest.mark.parametrize(
    ("tables", "full", "chosen", "in_full"),
    [
        ("", "", TABLES, []),
        ("leads, deals", "", ["deals", "leads"], []),
        ("leads deals", "deals", ["deals", "leads"], ["deals"]),
        ("all", "all", TABLES, TABLES),
        ("", "products,leads", TABLES, ["leads", "products"]),
    ],
)
def test_tables_are_named_with_commas_or_spaces(tables: str, full: str, chosen: list[str], in_full: list[str]) -> None:
    options = Options.from_variables({"TABLES": tables, "FULL_REFRESH": full})
    assert options.chosen(TABLES) == chosen
    assert [name for name in chosen if options.is_full(name)] == in_full


@pytest.mark.parametrize("variable", ["TABLES", "FULL_REFRESH"])
def test_a_table_that_does_not_exist_is_named_with_those_that_do(variable: str) -> None:
    with pytest.raises(OptionProblem) as raised:
        Options.from_variables({variable: "deals,deal"}).chosen(TABLES)
    assert str(raised.value) == "There is no table deal. The tables are: deals, leads, products."


def test_options_do_not_show_the_webhook() -> None:
    options = Options.from_variables({"WEBHOOK_URL": " https://example.com/rest/1/abcdefgh12345678/ "})
    assert options.webhook_url == "https://example.com/rest/1/abcdefgh12345678/"
    assert "abcdefgh" not in repr(options)
