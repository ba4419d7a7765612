"""Facts of fields, custom fields and small tables (P10, P12)."""

from ...portal.batch import Command
from ...portal.errors import PortalError
from ..fact import Asking, fact, judged, rows_of, untold
from ..known import Known

_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL")


@fact(
    "P10.1",
    "Custom fields come in one answer, and their labels only with a language.",
    "Further pages are asked for; where labels are missing, those of `crm.deal.fields` are taken.",
)
def labels_need_a_language(known: Known) -> Asking:
    """Ask for the definitions with a language and without."""
    reply = yield {
        "labelled": Command("crm.deal.userfield.list", {"filter": {"LANG": known.language}}),
        "unlabelled": Command("crm.deal.userfield.list"),
    }
    with_, without = rows_of(reply["labelled"]), rows_of(reply["unlabelled"])
    if not with_:
        return untold("deals have no custom fields")
    labels = sum(any(row.get(name) for name in _LABELS) for row in with_)
    unasked = sum(any(row.get(name) for name in _LABELS) for row in without)
    whole = not reply["labelled"].more and (reply["labelled"].total or 0) <= len(with_)
    text = (
        f"{_share(labels, len(with_))} have a label in {known.language}, {_share(unasked, len(without))} without asking"
    )
    if not labels and whole and not unasked:
        return untold(text)
    return judged(bool(labels) and not unasked and whole, text if whole else f"{text}; the answer is not all")


@fact(
    "P10.2",
    "`crm.deal.fields` is a map by column with `type` and `isMultiple`; a custom field has its label in `formLabel` or "
    "`listLabel`.",
    "Custom fields are typed by their definitions; what has no type is text.",
)
def fields_are_a_map(known: Known) -> Asking:
    """Look at the fields of deals."""
    answer = (yield {"fields": Command("crm.deal.fields")})["fields"]
    if answer.error:
        raise answer.error
    fields = answer.result if isinstance(answer.result, dict) else {}
    typed = sum(isinstance(info, dict) and {"type", "isMultiple"} <= info.keys() for info in fields.values())
    custom = [info for name, info in fields.items() if name.startswith("UF_") and isinstance(info, dict)]
    labelled = sum(bool(info.get("formLabel") or info.get("listLabel")) for info in custom)
    text = f"{_share(typed, len(fields))} have a type; of the custom ones {_share(labelled, len(custom))} have a label"
    return judged(bool(fields) and typed == len(fields) and labelled == len(custom), text)


@fact(
    "P12.1",
    "Small tables come in one answer, whatever their size.",
    "Further pages are asked for; rows that a total promises and no page brings fail the table.",
)
def small_tables_are_whole(known: Known) -> Asking:
    """Look at the answers of all small tables."""
    yield from ()
    answers = [one for one in known.whole.values() if not isinstance(one, PortalError)]
    if not answers:
        return untold("no small table can be read")
    paged = sum(one.more or (one.total or 0) > one.rows for one in answers)
    return judged(not paged, f"{paged} of {len(answers)} small tables come in pages")


@fact(
    "P12.4",
    "The default pipeline of deals has the ID 0; its stages are in the directory `DEAL_STAGE`.",
    "A pipeline without the ID 0 is read as any other.",
)
def default_pipeline_is_0(known: Known) -> Asking:
    """Ask for the pipelines and the directories."""
    reply = yield {
        "pipelines": Command("crm.category.list", {"entityTypeId": 2}),
        "directories": Command("crm.status.list"),
    }
    pipelines = rows_of(reply["pipelines"], "categories")
    directories = {row.get("ENTITY_ID") for row in rows_of(reply["directories"])}
    if not pipelines:
        return untold("the user may see no pipeline")
    default = [row for row in pipelines if row.get("isDefault") == "Y"]
    holds = [row.get("id") for row in default] == [0] and "DEAL_STAGE" in directories
    return judged(holds, "it is 0" if holds else "it is another one, or its stages are elsewhere")


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none"
    return "all" if part == whole else "none" if not part else f"{100 * part / whole:.0f} %"
