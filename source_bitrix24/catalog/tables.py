"""Every table of the connector, one line each. To add one, see CONTRIBUTING.md."""

from datetime import timedelta

from ..portal.dialect import ACTIVITIES, CALLS, ITEMS, REQUISITES, TASKS, USERS
from ..portal.links_bulk import LinkList
from ..portal.owners import SetQuestion, owner_type_of
from .table import (
    DEALS,
    INVOICES,
    LEADS,
    ByType,
    CustomFieldValues,
    FieldOptions,
    Grouped,
    Items,
    PerParent,
    PerType,
    Scanned,
    Table,
    Whole,
)

_ALL = ("*", "UF_*")
_ALL_WITH_CONTACT_DETAILS = (*_ALL, "PHONE", "EMAIL", "WEB", "IM", "LINK")  # P2.16: sent only if named
_CONTACTS, _QUOTES = 3, 7  # the portal's numbers of object types (P3)
_COMPANIES_OF_CONTACT = LinkList(_CONTACTS, "COMPANY_ID", "companyIds", "companyId")
_CONTACTS_OF_DEAL, _CONTACTS_OF_LEAD, _CONTACTS_OF_QUOTE = (
    LinkList(entity_type, "CONTACT_ID", "contactIds", "contactId") for entity_type in (DEALS, LEADS, _QUOTES)
)
_A_WEEK = timedelta(days=7)  # P15.3: a call is rated and described within the week after it
_USER_SCOPES = ("user", "user_basic", "user_brief")  # P15.1
_TASK_COLUMNS = (
    "ID", "PARENT_ID", "TITLE", "DESCRIPTION", "MARK", "PRIORITY", "STATUS", "MULTITASK", "NOT_VIEWED", "REPLICATE", "GROUP_ID",
    "STAGE_ID", "CREATED_BY", "CREATED_DATE", "RESPONSIBLE_ID", "ACCOMPLICES", "AUDITORS", "CHANGED_BY", "CHANGED_DATE",
    "STATUS_CHANGED_BY", "STATUS_CHANGED_DATE", "CLOSED_BY", "CLOSED_DATE", "ACTIVITY_DATE", "DATE_START", "DEADLINE",
    "START_DATE_PLAN", "END_DATE_PLAN", "GUID", "XML_ID", "COMMENTS_COUNT", "ALLOW_CHANGE_DEADLINE", "ALLOW_TIME_TRACKING",
    "TASK_CONTROL", "ADD_IN_REPORT", "FORKED_BY_TEMPLATE_ID", "TIME_ESTIMATE", "TIME_SPENT_IN_LOGS", "DURATION_PLAN",
    "DURATION_FACT", "DURATION_TYPE", "MATCH_WORK_TIME", "SITE_ID", "SUBORDINATE", "FAVORITE", "UF_CRM_TASK",
)  # fmt: skip
_BINDINGS = SetQuestion(parameter="activityId", is_camel=True)


def _history_of(number: int) -> Scanned:
    """Return the part of the history of items that belongs to one type (P14.10)."""
    return Scanned(
        "smart_process_stage_history",
        "crm.stagehistory.list",
        "CREATED_TIME",
        params={"entityTypeId": number},
        dialect=ITEMS,
        constants={"ENTITY_TYPE_ID": number},
    )


def _products_of(number: int) -> PerParent:
    """Return the part of the items' product rows that belongs to one type (P14.9)."""
    return PerParent(
        "smart_process_products",
        "crm.item.productrow.list",
        "UPDATED_TIME",
        key=("OWNER_TYPE", "OWNER_ID", "POSITION"),
        parent_list="crm.item.list",
        items=number,
        parent_key="OWNER_ID",
        constants={"OWNER_TYPE": owner_type_of(number)},
        question=SetQuestion(owner_type=owner_type_of(number), rows_in="productRows", is_camel=True),
    )


_DEFINITIONS = tuple(
    Whole(f"{name}_custom_field_definitions", f"crm.{name}.userfield.list", labelled=True)
    for name in ("deal", "lead", "contact", "company", "quote")
)

# fmt: off
TABLES: tuple[Table, ...] = (
    #                 table                            method                            cursor
    Scanned(          "activities",                    "crm.activity.list",              "LAST_UPDATED", select=("*", "COMMUNICATIONS", "FILES"), dialect=ACTIVITIES),
    Scanned(          "companies",                     "crm.company.list",               "DATE_MODIFY",  fields_of="company", select=_ALL_WITH_CONTACT_DETAILS),
    Scanned(          "contacts",                      "crm.contact.list",               "DATE_MODIFY",  fields_of="contact", select=_ALL_WITH_CONTACT_DETAILS),
    Scanned(          "deals",                         "crm.deal.list",                  "DATE_MODIFY",  fields_of="deal", select=_ALL),
    Scanned(          "leads",                         "crm.lead.list",                  "DATE_MODIFY",  fields_of="lead", select=_ALL_WITH_CONTACT_DETAILS),
    Scanned(          "quotes",                        "crm.quote.list",                 "DATE_MODIFY",  fields_of="quote", select=_ALL),
    Scanned(          "requisites",                    "crm.requisite.list",             "DATE_MODIFY",  select=_ALL, dialect=REQUISITES, has_undated_rows=True),
    Scanned(          "deal_stage_history",            "crm.stagehistory.list",          "CREATED_TIME", params={"entityTypeId": DEALS}, dialect=ITEMS),
    Scanned(          "lead_stage_history",            "crm.stagehistory.list",          "CREATED_TIME", params={"entityTypeId": LEADS}, dialect=ITEMS),
    Scanned(          "calls",                         "voximplant.statistic.get",       "CALL_START_DATE", dialect=CALLS, scopes=("telephony",), edited_for=_A_WEEK),
    Scanned(          "tasks",                         "tasks.task.list",                "CHANGED_DATE", select=_TASK_COLUMNS, dialect=TASKS, scopes=("task",)),
    Scanned(          "users",                         "user.get",                       params={"ADMIN_MODE": 1}, dialect=USERS, scopes=_USER_SCOPES),
    Scanned(          "catalogs",                      "crm.catalog.list"),
    Scanned(          "products",                      "crm.product.list",               fields_of="product", select=("*", "PROPERTY_*")),

    Items(            "smart_invoices",                "crm.item.list",                  "UPDATED_TIME", number=INVOICES),

    CustomFieldValues("company_custom_field_values",   "crm.company.list",               "DATE_MODIFY",  fields_of="company"),
    CustomFieldValues("contact_custom_field_values",   "crm.contact.list",               "DATE_MODIFY",  fields_of="contact"),
    CustomFieldValues("deal_custom_field_values",      "crm.deal.list",                  "DATE_MODIFY",  fields_of="deal"),
    CustomFieldValues("lead_custom_field_values",      "crm.lead.list",                  "DATE_MODIFY",  fields_of="lead"),
    CustomFieldValues("quote_custom_field_values",     "crm.quote.list",                 "DATE_MODIFY",  fields_of="quote"),

    PerParent(        "contact_companies",             "crm.contact.company.items.get",  "DATE_MODIFY",  parent_list="crm.contact.list", parent_key="CONTACT_ID", links=_COMPANIES_OF_CONTACT),
    PerParent(        "deal_contacts",                 "crm.deal.contact.items.get",     "DATE_MODIFY",  parent_list="crm.deal.list",  parent_key="DEAL_ID", links=_CONTACTS_OF_DEAL),
    PerParent(        "lead_contacts",                 "crm.lead.contact.items.get",     "DATE_MODIFY",  parent_list="crm.lead.list",  parent_key="LEAD_ID", links=_CONTACTS_OF_LEAD),
    PerParent(        "quote_contacts",                "crm.quote.contact.items.get",    "DATE_MODIFY",  parent_list="crm.quote.list", parent_key="QUOTE_ID", links=_CONTACTS_OF_QUOTE),
    PerParent(        "deal_products",                 "crm.deal.productrows.get",       "DATE_MODIFY",  parent_list="crm.deal.list",  parent_key="OWNER_ID", owner_type="D"),
    PerParent(        "lead_products",                 "crm.lead.productrows.get",       "DATE_MODIFY",  parent_list="crm.lead.list",  parent_key="OWNER_ID", owner_type="L"),
    PerParent(        "quote_products",                "crm.quote.productrows.get",      "DATE_MODIFY",  parent_list="crm.quote.list", parent_key="OWNER_ID", owner_type="Q"),
    PerParent(        "activity_bindings",             "crm.activity.binding.list",      "LAST_UPDATED", parent_list="crm.activity.list", parent_dialect=ACTIVITIES, parent_key="ACTIVITY_ID", question=_BINDINGS, key=("ACTIVITY_ID", "POSITION")),

    ByType(           "smart_process_products",        "crm.item.productrow.list",       "UPDATED_TIME", key=("OWNER_TYPE", "OWNER_ID", "POSITION"), of=_products_of, has_field="opportunity"),
    ByType(           "smart_process_stage_history",   "crm.stagehistory.list",          "CREATED_TIME", of=_history_of, has_field="stageId"),

    # P12, P15: these come in one answer, or in a few
    *_DEFINITIONS,
    Whole(            "deal_pipelines",                "crm.category.list",              params={"entityTypeId": DEALS}, rows_in="categories", is_camel=True),
    Whole(            "deal_pipeline_stages",          "crm.status.list",                only=("ENTITY_ID", r"DEAL_STAGE(_\d+)?")),
    Whole(            "statuses",                      "crm.status.list"),
    Whole(            "currencies",                    "crm.currency.list",              key=("CURRENCY",)),
    Whole(            "departments",                   "department.get",                 params={"sort": "ID", "order": "ASC"}, scopes=("department",)),
    PerType(          "smart_process_types",           "crm.type.getbyentitytypeid",     key=("ENTITY_TYPE_ID",), rows_in="type"),
    PerType(          "smart_process_pipelines",       "crm.category.list",              rows_in="categories", with_invoices=True),
    FieldOptions(     "custom_field_options",          "crm.deal.userfield.list",        definitions=_DEFINITIONS),
    Grouped(          "addresses",                     "crm.address.list",               key=("TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID"), group="ENTITY_ID"),
)
# fmt: on
