"""The standard columns of the portal's objects, by type (P10.4)."""

from dataclasses import dataclass

WHOLE_NUMBERS = frozenset(
    (
        *(
            "integer",
            "user",
            "employee",
            "enumeration",
            "iblock_element",
            "iblock_section",
            "crm_category",
            "crm_entity",
        ),
        *("crm_company", "crm_contact", "crm_lead", "crm_deal", "crm_quote"),
    )
)
MULTI_FIELDS = ("PHONE", "EMAIL", "WEB", "IM", "LINK")
_ALWAYS_MULTIPLE = (
    *("crm_multifield", "crm_activity_communication", "crm_activity_binding", "diskfile", "array"),
    *("integers", "strings", "users"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `type`: the name that `.fields` uses; `directory`: of a crm_status.

    `in_default_select`: sent although `select` does not name it; `sent`: sent at all; `empty_text`: NULL is sent as "".
    """

    name: str
    type: str
    directory: str = ""
    multiple: bool = False
    in_default_select: bool = True
    sent: bool = True
    empty_text: bool = False
    title: str = ""

    @property
    def is_user_field(self) -> bool:
        """Whether it is a custom field."""
        return self.name.startswith("UF_")

    @property
    def is_whole_number(self) -> bool:
        """Whether the database holds an integer."""
        return self.type in WHOLE_NUMBERS


def read_fields(text: str) -> dict[str, Field]:
    """Parse lines of `type NAME NAME …`, with `crm_status:DIRECTORY` as a type.

    NAME! is never sent, NAME? only if `select` names it, NAME~ is sent as "" when it is NULL.
    """
    fields = {}
    for line in text.strip().splitlines():
        kind, *names = line.split()
        type_, _, directory = kind.partition(":")
        for marked in names:
            name = marked.rstrip("!?~")
            multiple = type_ in _ALWAYS_MULTIPLE or name in ("CONTACT_IDS", "COMPANY_IDS", "PROPERTY_103")
            fields[name] = Field(
                name,
                type_,
                directory,
                multiple=multiple,
                in_default_select=not marked.endswith("?"),
                sent=not marked.endswith("!"),
                empty_text=marked.endswith("~"),
            )
    return fields


_UTM = "string UTM_SOURCE UTM_MEDIUM UTM_CAMPAIGN UTM_CONTENT UTM_TERM"
_PEOPLE = "user ASSIGNED_BY_ID CREATED_BY_ID MODIFY_BY_ID LAST_ACTIVITY_BY"
_TIMES = "datetime DATE_CREATE DATE_MODIFY LAST_ACTIVITY_TIME"
_CONTACT_DETAILS = "crm_multifield PHONE? EMAIL? WEB? IM? LINK?"
_ADDRESS = (
    "string ADDRESS ADDRESS_2 ADDRESS_CITY ADDRESS_POSTAL_CODE ADDRESS_REGION ADDRESS_PROVINCE ADDRESS_COUNTRY "
    "ADDRESS_COUNTRY_CODE"
)

STANDARD: dict[str, dict[str, Field]] = {
    "deal": read_fields(f"""
integer ID PROBABILITY
string TITLE STAGE_SEMANTIC_ID COMMENTS~ SOURCE_DESCRIPTION ADDITIONAL_INFO~ ORIGINATOR_ID ORIGIN_ID
crm_status:DEAL_TYPE TYPE_ID
crm_status:DEAL_STAGE STAGE_ID
crm_status:SOURCE SOURCE_ID
crm_category CATEGORY_ID
char IS_NEW IS_RECURRING IS_RETURN_CUSTOMER IS_REPEATED_APPROACH IS_MANUAL_OPPORTUNITY OPENED CLOSED
crm_currency CURRENCY_ID
double OPPORTUNITY TAX_VALUE
crm_company COMPANY_ID
crm_contact CONTACT_ID CONTACT_IDS!
crm_quote QUOTE_ID
crm_lead LEAD_ID
location LOCATION_ID
crm_entity PARENT_ID_130
date BEGINDATE CLOSEDATE
datetime MOVED_TIME
user MOVED_BY_ID
{_UTM}
{_PEOPLE}
{_TIMES}
"""),
    "lead": read_fields(f"""
integer ID ADDRESS_LOC_ADDR_ID WEBFORM_ID
string TITLE NAME~ SECOND_NAME LAST_NAME COMPANY_TITLE SOURCE_DESCRIPTION STATUS_DESCRIPTION STATUS_SEMANTIC_ID POST
string COMMENTS ORIGINATOR_ID ORIGIN_ID
crm_status:HONORIFIC HONORIFIC
crm_status:SOURCE SOURCE_ID
crm_status:STATUS STATUS_ID
date BIRTHDATE
crm_currency CURRENCY_ID
double OPPORTUNITY
char IS_MANUAL_OPPORTUNITY OPENED HAS_PHONE HAS_EMAIL HAS_IMOL IS_RETURN_CUSTOMER
user MOVED_BY_ID
datetime MOVED_TIME DATE_CLOSED
crm_company COMPANY_ID
crm_contact CONTACT_ID CONTACT_IDS!
{_ADDRESS}
{_UTM}
{_PEOPLE}
{_TIMES}
{_CONTACT_DETAILS}
"""),
    "contact": read_fields(f"""
integer ID ADDRESS_LOC_ADDR_ID FACE_ID
crm_status:HONORIFIC HONORIFIC
crm_status:CONTACT_TYPE TYPE_ID
crm_status:SOURCE SOURCE_ID
string NAME SECOND_NAME LAST_NAME SOURCE_DESCRIPTION POST COMMENTS~ ORIGINATOR_ID ORIGIN_ID ORIGIN_VERSION
file PHOTO
date BIRTHDATE
char OPENED EXPORT HAS_PHONE HAS_EMAIL HAS_IMOL
crm_company COMPANY_ID COMPANY_IDS!
crm_lead LEAD_ID
crm_entity PARENT_ID_130
crm_category CATEGORY_ID!
{_ADDRESS}
{_UTM}
{_PEOPLE}
{_TIMES}
{_CONTACT_DETAILS}
"""),
    "company": read_fields(f"""
integer ID ADDRESS_LOC_ADDR_ID REG_ADDRESS_LOC_ADDR_ID
string TITLE ADDRESS_LEGAL BANKING_DETAILS COMMENTS~ ORIGINATOR_ID ORIGIN_ID ORIGIN_VERSION LAST_COMMUNICATION_TIME
string REG_ADDRESS REG_ADDRESS_2 REG_ADDRESS_CITY REG_ADDRESS_POSTAL_CODE REG_ADDRESS_REGION REG_ADDRESS_PROVINCE
string REG_ADDRESS_COUNTRY REG_ADDRESS_COUNTRY_CODE
crm_status:COMPANY_TYPE COMPANY_TYPE
crm_status:INDUSTRY INDUSTRY
crm_status:EMPLOYEES EMPLOYEES
file LOGO
crm_currency CURRENCY_ID
double REVENUE
char OPENED HAS_PHONE HAS_EMAIL HAS_IMOL IS_MY_COMPANY
crm_contact CONTACT_ID!
crm_lead LEAD_ID
crm_entity PARENT_ID_130
crm_category CATEGORY_ID!
{_ADDRESS}
{_UTM}
{_PEOPLE}
{_TIMES}
{_CONTACT_DETAILS}
"""),
    "quote": read_fields(f"""
integer ID PERSON_TYPE_ID STORAGE_TYPE_ID WEBFORM_ID
string QUOTE_NUMBER TITLE COMMENTS~ CONTENT TERMS CLIENT_TITLE CLIENT_ADDR CLIENT_CONTACT CLIENT_EMAIL CLIENT_PHONE
string CLIENT_TP_ID CLIENT_TPA_ID LAST_COMMUNICATION_TIME
crm_status:QUOTE_STATUS STATUS_ID
crm_currency CURRENCY_ID
double OPPORTUNITY TAX_VALUE
crm_company COMPANY_ID MYCOMPANY_ID
crm_contact CONTACT_ID CONTACT_IDS!
crm_lead LEAD_ID
crm_deal DEAL_ID
date BEGINDATE CLOSEDATE ACTUAL_DATE
char OPENED CLOSED
location LOCATION_ID
crm_entity PARENT_ID_130
array STORAGE_ELEMENT_IDS
{_UTM}
{_PEOPLE}
{_TIMES}
"""),
    "activity": read_fields("""
integer ID OWNER_ID OWNER_TYPE_ID TYPE_ID ASSOCIATED_ENTITY_ID STATUS PRIORITY NOTIFY_TYPE NOTIFY_VALUE DESCRIPTION_TYPE
integer DIRECTION RESULT_MARK RESULT_STATUS RESULT_STREAM AUTOCOMPLETE_RULE
string PROVIDER_ID PROVIDER_TYPE_ID PROVIDER_GROUP_ID SUBJECT DESCRIPTION~ LOCATION~ ORIGINATOR_ID ORIGIN_ID PROVIDER_DATA
string RESULT_CURRENCY_ID RESULT_SOURCE_ID ORIGIN_VERSION
datetime CREATED LAST_UPDATED START_TIME END_TIME DEADLINE
char COMPLETED IS_INCOMING_CHANNEL
user RESPONSIBLE_ID AUTHOR_ID EDITOR_ID
object SETTINGS PROVIDER_PARAMS
double RESULT_VALUE RESULT_SUM
crm_activity_communication COMMUNICATIONS?
diskfile FILES?
crm_activity_binding BINDINGS!
diskfile WEBDAV_ELEMENTS! STORAGE_ELEMENT_IDS!
"""),
    "product": read_fields("""
integer ID CATALOG_ID SECTION_ID VAT_ID MEASURE SORT CREATED_BY MODIFIED_BY
string NAME CODE CURRENCY_ID XML_ID DESCRIPTION DESCRIPTION_TYPE
char ACTIVE VAT_INCLUDED
double PRICE
product_file PREVIEW_PICTURE DETAIL_PICTURE
product_property PROPERTY_101? PROPERTY_103?
datetime DATE_CREATE TIMESTAMP_X
"""),
    "catalog": read_fields("""
integer ID
string NAME ORIGINATOR_ID ORIGIN_ID XML_ID
"""),
    "stage_history": read_fields("""
integer ID TYPE_ID OWNER_ID
crm_category CATEGORY_ID
string STAGE_ID STAGE_SEMANTIC_ID
datetime CREATED_TIME
"""),
    "lead_history": read_fields("""
integer ID TYPE_ID OWNER_ID
string STATUS_ID STATUS_SEMANTIC_ID
datetime CREATED_TIME
"""),
    "user": read_fields("""
integer ID
flag ACTIVE
string NAME~ LAST_NAME~ SECOND_NAME~ TITLE~ EMAIL~ TIME_ZONE~ PERSONAL_GENDER~ PERSONAL_WWW~ PERSONAL_MOBILE~ PERSONAL_CITY~
string WORK_POSITION~ WORK_PHONE~ UF_PHONE_INNER~ USER_TYPE
char IS_ONLINE
datetime LAST_LOGIN
date DATE_REGISTER PERSONAL_BIRTHDAY UF_EMPLOYMENT_DATE
integers UF_DEPARTMENT
never TIMESTAMP_X
"""),
    "call": read_fields("""
integer ID PORTAL_USER_ID CALL_TYPE CALL_DURATION CALL_VOTE CRM_ENTITY_ID CRM_ACTIVITY_ID REST_APP_ID TRANSCRIPT_ID
integer SESSION_ID REDIAL_ATTEMPT RECORD_DURATION
string CALL_ID EXTERNAL_CALL_ID CALL_CATEGORY PORTAL_NUMBER PHONE_NUMBER CALL_LOG CALL_RECORD_URL COST_CURRENCY
string CALL_FAILED_CODE CALL_FAILED_REASON CRM_ENTITY_TYPE REST_APP_NAME COMMENT
char TRANSCRIPT_PENDING
double COST
datetime CALL_START_DATE
number RECORD_FILE_ID
"""),
    "task": read_fields("""
integer ID PARENT_ID PRIORITY STATUS SUB_STATUS GROUP_ID STAGE_ID CREATED_BY RESPONSIBLE_ID CHANGED_BY STATUS_CHANGED_BY
integer CLOSED_BY COMMENTS_COUNT FORKED_BY_TEMPLATE_ID TIME_ESTIMATE TIME_SPENT_IN_LOGS DURATION_PLAN DURATION_FACT
string TITLE DESCRIPTION MARK GUID XML_ID DURATION_TYPE SITE_ID
char MULTITASK NOT_VIEWED REPLICATE ALLOW_CHANGE_DEADLINE ALLOW_TIME_TRACKING TASK_CONTROL ADD_IN_REPORT MATCH_WORK_TIME
char SUBORDINATE FAVORITE
datetime CREATED_DATE CHANGED_DATE STATUS_CHANGED_DATE CLOSED_DATE ACTIVITY_DATE DATE_START DEADLINE
datetime START_DATE_PLAN END_DATE_PLAN
integers ACCOMPLICES AUDITORS
strings UF_CRM_TASK
"""),
    "requisite": read_fields("""
integer ID ENTITY_TYPE_ID ENTITY_ID PRESET_ID CREATED_BY_ID MODIFY_BY_ID SORT
string NAME CODE XML_ID ORIGINATOR_ID RQ_COMPANY_NAME RQ_COMPANY_FULL_NAME RQ_DIRECTOR RQ_INN RQ_KPP RQ_OGRN RQ_VAT_ID
char ACTIVE ADDRESS_ONLY
datetime DATE_CREATE DATE_MODIFY
"""),
}
MODIFIED = dict.fromkeys(("deal", "lead", "contact", "company", "quote"), "DATE_MODIFY") | {
    "activity": "LAST_UPDATED",
    "product": "TIMESTAMP_X",
    "catalog": "",
    "stage_history": "CREATED_TIME",
    "lead_history": "CREATED_TIME",
    "user": "",
    "call": "CALL_START_DATE",
    "task": "CHANGED_DATE",
    "requisite": "DATE_MODIFY",
}
DATE_STAYS = ("call",)  # whose date no edit moves (P15.3)
CREATED = dict.fromkeys(("deal", "lead", "contact", "company", "quote", "product"), "DATE_CREATE") | {
    "activity": "CREATED",
    "catalog": "",
    "stage_history": "CREATED_TIME",
    "lead_history": "CREATED_TIME",
    "user": "",
    "call": "CALL_START_DATE",
    "task": "CREATED_DATE",
    "requisite": "DATE_CREATE",
}
