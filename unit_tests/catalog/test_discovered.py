import logging
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.catalog.column import UNTYPED_VALUES, Column, standard_columns, table_schema
from source_bitrix24.catalog.discovered import PortalCatalog, portal_tables
from source_bitrix24.catalog.metadata import Metadata
from source_bitrix24.catalog.table import Items, Table
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.portal import errors
from unit_tests.mounted import client_of

TABLE = {table.name: table for table in TABLES}
DEALS, PRODUCTS = TABLE["deals"], TABLE["products"]
FIELD_LISTS = {"crm.deal.fields", "crm.deal.userfield.list"}


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=1))


def catalog_of(app: App, schemas: dict[str, dict[str, Any]] | None = None) -> PortalCatalog:
    return PortalCatalog(Metadata(client_of(app, retry_seconds=0), TABLES, "en"), schemas)


def configured(table: Table, *columns: Column) -> dict[str, dict[str, Any]]:
    return {table.name: table_schema([*standard_columns(table.name), *columns], table.key)}


def names(columns: list[Column]) -> list[str]:
    return [column.name for column in columns]


def test_the_tables_are_those_of_every_portal_and_its_smart_processes(app: App) -> None:
    names = [table.name for table in portal_tables(catalog_of(app))]
    smart = ["smart_process_130", "smart_process_1030", "smart_process_1036"]
    assert names == [*(table.name for table in TABLES), *smart]


def test_discovered_columns_are_the_standard_ones_then_those_of_the_portal(app: App) -> None:
    catalog = catalog_of(app)
    standard = list(standard_columns("deals"))
    columns = catalog.discovered_columns(DEALS)
    assert columns[: len(standard)] == standard
    custom = [field.name for field in app.portal.user_fields["deal"]]
    assert names(columns[len(standard) :]) == ["PARENT_ID_130", *custom]
    properties = [name for name in names(catalog.discovered_columns(PRODUCTS)) if name.startswith("PROPERTY_")]
    assert properties == [name for name in app.portal.tables["product"].fields if name.startswith("PROPERTY_")] != []


WITHOUT_FIELDS = [one.name for one in TABLES if not getattr(one, "fields_of", None) and not isinstance(one, Items)]


@pytest.mark.parametrize("name", WITHOUT_FIELDS)
def test_a_table_without_custom_fields_has_its_standard_columns(name: str, app: App) -> None:
    catalog = catalog_of(app)
    assert catalog.discovered_columns(TABLE[name]) == catalog.columns(TABLE[name]) == list(standard_columns(name))
    assert app.log == []


def test_a_refused_field_list_leaves_the_standard_columns_and_a_warning(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    app.webhook.may_not_read = FIELD_LISTS
    catalog = catalog_of(app)
    with caplog.at_level(logging.WARNING):
        assert catalog.discovered_columns(DEALS) == list(standard_columns("deals"))
    assert "Some columns of deals are not known: crm.deal.fields" in caplog.text
    assert len(catalog.discovered_columns(TABLE["leads"])) > len(standard_columns("leads"))


def test_a_refused_list_of_fields_costs_no_custom_column(app: App) -> None:
    known = names(catalog_of(app).discovered_columns(DEALS))
    app.webhook.may_not_read = {"crm.deal.fields"}
    left = names(catalog_of(app).discovered_columns(DEALS))
    assert [name for name in known if name not in left] == [name for name in known if name.startswith("PARENT_ID_")]


@pytest.mark.parametrize("command", range(8))
def test_a_command_that_fails_for_ever_costs_its_own_columns_and_seconds(app: App, command: int) -> None:
    whole = {name: names(catalog_of(app).discovered_columns(TABLE[name])) for name in ("deals", "leads", "products")}
    metadata = Metadata(client_of(app), TABLES, "en")
    began = app.portal.clock.monotonic()
    app.fault("command_missing", command=command, times=1)
    app.fault("command_missing", command=0, times=99)  # the request that repeats it holds nothing else
    catalog = PortalCatalog(metadata)
    left = {name: names(catalog.discovered_columns(TABLE[name])) for name in whole}
    assert sum(left[name] != whole[name] for name in whole) <= 1
    assert all({*left[name]} <= {*whole[name]} for name in whole)
    assert app.portal.clock.monotonic() - began < 60


def test_a_portal_that_fails_fails_discovery(app: App) -> None:
    app.fault("bad_gateway", times=99)
    with pytest.raises(errors.PortalFailed):
        catalog_of(app).discovered_columns(DEALS)


def test_a_configured_catalog_types_the_custom_columns_without_a_request(app: App) -> None:
    custom = (Column("UF_CRM_1", "integer", multiple=True), Column("UF_CRM_2", "date"))
    columns = catalog_of(app, configured(DEALS, *custom)).columns(DEALS)
    assert columns == [*standard_columns("deals"), *custom]
    assert app.log == []


def test_a_configured_catalog_types_the_custom_columns_also_when_the_portal_refuses_its_field_list(app: App) -> None:
    app.webhook.may_not_read = FIELD_LISTS
    custom = Column("UF_CRM_1", "integer", multiple=True)
    assert catalog_of(app, configured(DEALS, custom)).columns(DEALS)[-1] == custom


def test_a_field_whose_type_has_changed_keeps_the_type_of_the_configured_catalog(app: App) -> None:
    (field,) = [one for one in app.portal.user_fields["deal"] if one.name == "UF_CRM_DATE"]
    columns = catalog_of(app, configured(DEALS, Column(field.name, "integer"))).columns(DEALS)
    assert columns[-1] == Column(field.name, "integer")


def test_a_standard_column_keeps_its_type_whatever_the_configured_catalog_says(app: App) -> None:
    schemas = {"deals": {"properties": {"ID": {"type": "string"}, UNTYPED_VALUES.name: {"type": "string"}}}}
    assert catalog_of(app, schemas).columns(DEALS) == list(standard_columns("deals"))


@pytest.mark.parametrize("schemas", [{}, {"deals": {}}, {"deals": {"properties": {}}}, {"deals": {"properties": None}}])
def test_without_configured_columns_a_read_asks_the_portal_for_them(schemas: dict[str, Any], app: App) -> None:
    catalog = catalog_of(app, schemas)
    assert catalog.needs_metadata(DEALS)
    assert names(catalog.columns(DEALS)) == names(catalog.discovered_columns(DEALS))


def test_without_configured_columns_a_refused_field_list_fails_a_read(app: App) -> None:
    """Custom columns would be text in this sync, and have their types in the next one."""
    app.webhook.may_not_read = FIELD_LISTS
    with pytest.raises(errors.NoAccess):
        catalog_of(app).columns(DEALS)


def test_metadata_are_needed_for_values_of_custom_fields_and_for_columns_that_are_not_configured(app: App) -> None:
    schemas = configured(DEALS) | configured(TABLE["deal_custom_field_values"])
    needs = {table.name for table in TABLES if catalog_of(app, schemas).needs_metadata(table)}
    with_fields = {"companies", "contacts", "leads", "quotes", "products", "smart_invoices"}
    values = {f"{name}_custom_field_values" for name in ("company", "contact", "deal", "lead", "quote")}
    assert needs == with_fields | values


def test_selected_columns_are_those_of_the_configured_catalog_and_all_without_one(app: App) -> None:
    rows = TABLE["deal_products"]
    every = {column.name for column in standard_columns(rows.name)}
    assert catalog_of(app).selected_columns(rows) == every
    schemas: dict[str, dict[str, Any]] = {rows.name: {"properties": {"ID": {}, "PRICE": {}, "UF_CRM_1": {}}}}
    assert catalog_of(app, schemas).selected_columns(rows) == {"ID", "PRICE"}
