"""Every table of the connector, one line each. To add one, see CONTRIBUTING.md."""

from ..portal.dialect import ACTIVITIES, ITEMS
from .table import CustomFieldValues, PerParent, Scanned, Table, Whole

_ALL = ("*", "UF_*")
_ALL_WITH_CONTACT_DETAILS = (*_ALL, "PHONE", "EMAIL", "WEB", "IM", "LINK")  # P2.16: sent only if named
_DEALS = 2  # the portal's number of the object type "deal" (P3)

# fmt: off
TABLES: tuple[Table, ...] = (
    #                 table                            method                            cursor
    Scanned(          "activities",                    "crm.activity.list",              "LAST_UPDATED", select=("*", "COMMUNICATIONS", "FILES"), dialect=ACTIVITIES),
    Scanned(          "companies",                     "crm.company.list",               "DATE_MODIFY",  fields_of="company", select=_ALL_WITH_CONTACT_DETAILS),
    Scanned(          "contacts",                      "crm.contact.list",               "DATE_MODIFY",  fields_of="contact", select=_ALL_WITH_CONTACT_DETAILS),
    Scanned(          "deals",                         "crm.deal.list",                  "DATE_MODIFY",  fields_of="deal", select=_ALL),
    Scanned(          "leads",                         "crm.lead.list",                  "DATE_MODIFY",  fields_of="lead", select=_ALL_WITH_CONTACT_DETAILS),
    Scanned(          "quotes",                        "crm.quote.list",                 "DATE_MODIFY",  fields_of="quote", select=_ALL),
    Scanned(          "deal_stage_history",            "crm.stagehistory.list",          "CREATED_TIME", params={"entityTypeId": _DEALS}, dialect=ITEMS),
    Scanned(          "catalogs",                      "crm.catalog.list"),
    Scanned(          "products",                      "crm.product.list",               fields_of="product", select=("*", "PROPERTY_*")),

    CustomFieldValues("company_custom_field_values",   "crm.company.list",               "DATE_MODIFY",  fields_of="company"),
    CustomFieldValues("contact_custom_field_values",   "crm.contact.list",               "DATE_MODIFY",  fields_of="contact"),
    CustomFieldValues("deal_custom_field_values",      "crm.deal.list",                  "DATE_MODIFY",  fields_of="deal"),
    CustomFieldValues("lead_custom_field_values",      "crm.lead.list",                  "DATE_MODIFY",  fields_of="lead"),

    PerParent(        "contact_companies",             "crm.contact.company.items.get",  "DATE_MODIFY",  parent_list="crm.contact.list", parent_key="CONTACT_ID", key=("CONTACT_ID", "COMPANY_ID")),
    PerParent(        "deal_products",                 "crm.deal.productrows.get",       "DATE_MODIFY",  parent_list="crm.deal.list",  parent_key="OWNER_ID", owner_type="D"),
    PerParent(        "lead_products",                 "crm.lead.productrows.get",       "DATE_MODIFY",  parent_list="crm.lead.list",  parent_key="OWNER_ID", owner_type="L"),
    PerParent(        "quote_products",                "crm.quote.productrows.get",      "DATE_MODIFY",  parent_list="crm.quote.list", parent_key="OWNER_ID", owner_type="Q"),

    # P12: these come in one answer, whatever their size
    Whole(            "deal_custom_field_definitions", "crm.deal.userfield.list",        labelled=True),
    Whole(            "deal_pipelines",                "crm.category.list",              params={"entityTypeId": _DEALS}, rows_in="categories", key=("id",)),
    Whole(            "deal_pipeline_stages",          "crm.status.list",                only=("ENTITY_ID", r"DEAL_STAGE(_\d+)?")),
)
# fmt: on
