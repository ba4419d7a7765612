"""Every table of the connector, one line each. To add one, see CONTRIBUTING.md."""

from ..portal.dialect import ACTIVITIES, ITEMS
from ..portal.links_bulk import LinkList
from .table import CustomFieldValues, PerParent, Scanned, Table, Whole

_ALL = ("*", "UF_*")
_ALL_WITH_CONTACT_DETAILS = (*_ALL, "PHONE", "EMAIL", "WEB", "IM", "LINK")  # P2.16: sent only if named
# the portal's numbers of object types (P3)
_LEADS, _DEALS, _CONTACTS, _QUOTES = 1, 2, 3, 7
_COMPANIES_OF_CONTACT = LinkList(_CONTACTS, "COMPANY_ID", "companyIds", "companyId")
_CONTACTS_OF_DEAL, _CONTACTS_OF_LEAD, _CONTACTS_OF_QUOTE = (
    LinkList(entity_type, "CONTACT_ID", "contactIds", "contactId") for entity_type in (_DEALS, _LEADS, _QUOTES)
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
    Scanned(          "deal_stage_history",            "crm.stagehistory.list",          "CREATED_TIME", params={"entityTypeId": _DEALS}, dialect=ITEMS),
    Scanned(          "catalogs",                      "crm.catalog.list"),
    Scanned(          "products",                      "crm.product.list",               fields_of="product", select=("*", "PROPERTY_*")),

    CustomFieldValues("company_custom_field_values",   "crm.company.list",               "DATE_MODIFY",  fields_of="company"),
    CustomFieldValues("contact_custom_field_values",   "crm.contact.list",               "DATE_MODIFY",  fields_of="contact"),
    CustomFieldValues("deal_custom_field_values",      "crm.deal.list",                  "DATE_MODIFY",  fields_of="deal"),
    CustomFieldValues("lead_custom_field_values",      "crm.lead.list",                  "DATE_MODIFY",  fields_of="lead"),

    PerParent(        "contact_companies",             "crm.contact.company.items.get",  "DATE_MODIFY",  parent_list="crm.contact.list", parent_key="CONTACT_ID", links=_COMPANIES_OF_CONTACT),
    PerParent(        "deal_contacts",                 "crm.deal.contact.items.get",     "DATE_MODIFY",  parent_list="crm.deal.list",  parent_key="DEAL_ID", links=_CONTACTS_OF_DEAL),
    PerParent(        "lead_contacts",                 "crm.lead.contact.items.get",     "DATE_MODIFY",  parent_list="crm.lead.list",  parent_key="LEAD_ID", links=_CONTACTS_OF_LEAD),
    PerParent(        "quote_contacts",                "crm.quote.contact.items.get",    "DATE_MODIFY",  parent_list="crm.quote.list", parent_key="QUOTE_ID", links=_CONTACTS_OF_QUOTE),
    PerParent(        "deal_products",                 "crm.deal.productrows.get",       "DATE_MODIFY",  parent_list="crm.deal.list",  parent_key="OWNER_ID", owner_type="D"),
    PerParent(        "lead_products",                 "crm.lead.productrows.get",       "DATE_MODIFY",  parent_list="crm.lead.list",  parent_key="OWNER_ID", owner_type="L"),
    PerParent(        "quote_products",                "crm.quote.productrows.get",      "DATE_MODIFY",  parent_list="crm.quote.list", parent_key="OWNER_ID", owner_type="Q"),

    # P12: these come in one answer, whatever their size
    Whole(            "deal_custom_field_definitions", "crm.deal.userfield.list",        labelled=True),
    Whole(            "deal_pipelines",                "crm.category.list",              params={"entityTypeId": _DEALS}, rows_in="categories", key=("id",)),
    Whole(            "deal_pipeline_stages",          "crm.status.list",                only=("ENTITY_ID", r"DEAL_STAGE(_\d+)?")),
)
# fmt: on
