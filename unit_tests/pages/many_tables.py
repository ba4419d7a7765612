"""Tables and references such as the connector is going to have: input for the tests of diagrams."""

from pages.columns import ShownColumn
from pages.references import KeyedTable

_PEOPLE = ("ASSIGNED_BY_ID=users.ID", "CREATED_BY_ID=users.ID", "MODIFY_BY_ID=users.ID")
_MONEY = "CURRENCY_ID=currencies.CURRENCY"
_FIRMS = ("COMPANY_ID=companies.ID", "CONTACT_ID=contacts.ID")


def _table(name: str, *columns: str, key: int = 1) -> KeyedTable:
    parts = [column.partition("=") for column in columns]
    shown = tuple(ShownColumn(column, "integer", "", target) for column, _, target in parts)
    return KeyedTable(name, tuple(column.name for column in shown[:key]), shown)


def _custom_fields(name: str, plural: str) -> list[KeyedTable]:
    return [
        _table(f"{name}_custom_field_definitions", "ID", "FIELD_NAME"),
        _table(
            f"{name}_custom_field_values",
            f"ID={plural}.ID",
            f"FIELD_NAME={name}_custom_field_definitions.FIELD_NAME",
            key=2,
        ),
    ]


def _sets(name: str) -> list[KeyedTable]:
    return [
        _table(f"{name}_products", f"OWNER_ID={name}s.ID", "POSITION", "PRODUCT_ID=products.ID", key=2),
        _table(f"{name}_contacts", f"{name.upper()}_ID={name}s.ID", "POSITION", "CONTACT_ID=contacts.ID", key=2),
        *_custom_fields(name, f"{name}s"),
    ]


MANY_TABLES = [
    _table(
        "deals",
        "ID",
        "CATEGORY_ID=deal_pipelines.ID",
        "STAGE_ID=deal_pipeline_stages.STATUS_ID",
        "QUOTE_ID=quotes.ID",
        "LEAD_ID=leads.ID",
        *_FIRMS,
        *_PEOPLE,
        _MONEY,
    ),
    _table("deal_pipelines", "ID"),
    _table("deal_pipeline_stages", "ID", "STATUS_ID", "CATEGORY_ID=deal_pipelines.ID"),
    _table("deal_stage_history", "ID", "OWNER_ID=deals.ID", "STAGE_ID=deal_pipeline_stages.STATUS_ID"),
    *_sets("deal"),
    _table("leads", "ID", *_FIRMS, *_PEOPLE, _MONEY),
    _table("lead_stage_history", "ID", "OWNER_ID=leads.ID", "STATUS_ID=statuses.STATUS_ID"),
    *_sets("lead"),
    _table("quotes", "ID", "LEAD_ID=leads.ID", "DEAL_ID=deals.ID", *_FIRMS, *_PEOPLE, _MONEY),
    *_sets("quote"),
    _table("companies", "ID", "LEAD_ID=leads.ID", *_PEOPLE, _MONEY),
    _table("contacts", "ID", "LEAD_ID=leads.ID", "COMPANY_ID=companies.ID", *_PEOPLE),
    _table("contact_companies", "CONTACT_ID=contacts.ID", "POSITION", "COMPANY_ID=companies.ID", key=2),
    *_custom_fields("company", "companies"),
    *_custom_fields("contact", "contacts"),
    _table("requisites", "ID", *_PEOPLE),
    _table("addresses", "TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID=requisites.ID", key=3),
    _table("products", "ID", "CATALOG_ID=catalogs.ID", _MONEY, *_PEOPLE),
    _table("catalogs", "ID"),
    _table("currencies", "CURRENCY"),
    _table("smart_process_types", "ENTITY_TYPE_ID"),
    _table("smart_process_pipelines", "ID", "ENTITY_TYPE_ID=smart_process_types.ENTITY_TYPE_ID"),
    _table("smart_invoices", "ID", "CATEGORY_ID=smart_process_pipelines.ID", *_FIRMS, *_PEOPLE, _MONEY),
    _table("smart_process_128", "ID", "CATEGORY_ID=smart_process_pipelines.ID", *_FIRMS, *_PEOPLE, _MONEY),
    _table("smart_process_products", "OWNER_TYPE", "OWNER_ID", "POSITION", "PRODUCT_ID=products.ID", key=3),
    _table("smart_process_stage_history", "ID", "ENTITY_TYPE_ID=smart_process_types.ENTITY_TYPE_ID"),
    _table("activities", "ID", "RESPONSIBLE_ID=users.ID", "AUTHOR_ID=users.ID", "EDITOR_ID=users.ID"),
    _table("activity_bindings", "ACTIVITY_ID=activities.ID", "POSITION", key=2),
    _table("calls", "ID", "PORTAL_USER_ID=users.ID", "CRM_ACTIVITY_ID=activities.ID"),
    _table("tasks", "ID", "PARENT_ID=tasks.ID", "RESPONSIBLE_ID=users.ID", "CREATED_BY=users.ID"),
    _table("users", "ID"),
    _table("departments", "ID", "PARENT=departments.ID", "UF_HEAD=users.ID"),
    _table("statuses", "ID", "STATUS_ID"),
    _table("custom_field_options", "ID"),
    _table("a_table_of_tomorrow", "ID", "USER_ID=users.ID"),
]
