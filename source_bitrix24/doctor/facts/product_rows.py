"""Facts of product rows and links, which hang on an owner (P4, P6)."""

from collections.abc import Mapping
from typing import Any

from ...portal.batch import Command
from ...portal.errors import NotFound
from ...portal.owners_bulk import METHOD
from ...portal.product_rows import FROM_LIST, is_proved
from ..fact import Asking, code_of, fact, judged, rows_of, untold
from ..known import Known

_GET = "crm.deal.productrows.get"
_LINKS = "crm.contact.company.items.get"
_ENOUGH = 4  # owners
_FAR = 1_000_000  # above the newest ID: there is no such record
_NO_DEALS = "the portal has no deals, or the user may not read them"
_NO_ROWS = "the newest deals have no product rows, or the user may not read them"


@fact(
    "P4.2",
    "For an administrator, `crm.productrow.list` reads the rows of a list of owners.",
    "Owners are asked one by one, 50 a request: 50 times as many requests.",
)
def lists_of_owners(known: Known) -> Asking:
    """Compare the rows of four owners asked together with those of each asked alone."""
    sets = known.filled_sets(_GET)
    if not known.is_administrator:
        return untold("the webhook's user is no administrator")
    if len(sets) < 2:
        return untold(_NO_ROWS)
    owners = list(sets)[:_ENOUGH]
    rows = [row for owner in owners for row in sets[owner]]
    answer = (yield {"bulk": _listing({"OWNER_TYPE": "D", "OWNER_ID": owners})})["bulk"]
    if answer.error:
        return judged(False, f"it is refused with {code_of(answer.error)}")
    newest = sorted((str(row["ID"]) for row in rows), key=int, reverse=True)[:50]
    found = [str(row.get("ID")) for row in rows_of(answer)]
    return judged(found == newest, f"{len(found)} of {len(newest)} rows come")


@fact(
    "P4.4",
    "`crm.productrow.list` is read by ID like a list.",
    "Product rows are compared with those of their owner in every request; else owners are asked one by one.",
)
def product_rows_by_id(known: Known) -> Asking:
    """Ask for the rows of an owner below its newest one."""
    sets = known.filled_sets(_GET)
    if not sets:
        return untold(_NO_ROWS)
    owner = max(sets, key=lambda owner: len(sets[owner]))
    ids = sorted((int(row["ID"]) for row in sets[owner]), reverse=True)
    answer = (yield {"keyset": _listing({"OWNER_TYPE": "D", "OWNER_ID": owner, "<ID": ids[0]})})["keyset"]
    found = [int(row["ID"]) for row in rows_of(answer)]
    return judged(found == ids[1:51], f"{len(found)} of {len(ids) - 1} rows come")


@fact(
    "P4.5",
    "The product rows of a record that does not exist are refused with an empty code and `Not found`.",
    "The set of such a record is left out, and counted in a warning.",
)
def rows_of_no_owner(known: Known) -> Asking:
    """Ask for the product rows of a deal that does not exist."""
    deals = known.list_of("crm.deal.list")
    if not deals:
        return untold(_NO_DEALS)
    answer = (yield {"no_owner": Command(_GET, {"id": deals.max_id + _FAR})})["no_owner"]
    return judged(isinstance(answer.error, NotFound), f"it answers with {code_of(answer.error)}")


@fact(
    "P4.7, P4.9",
    "The list of product rows has the values that its owner shows, where the connector takes them from it.",
    "Rows are compared in every request; where they differ, owners are asked one by one.",
)
def product_rows_agree(known: Known) -> Asking:
    """Compare the rows of an owner by both methods."""
    sets = known.filled_sets(_GET)
    owners = list(sets)[:_ENOUGH]
    if not owners:
        return untold(_NO_ROWS)
    reply = yield {f"agree_list{owner}": _listing({"OWNER_TYPE": "D", "OWNER_ID": owner}) for owner in owners}
    compared, different, lacking = 0, 0, set()
    for owner in owners:
        listed = {str(row.get("ID")): row for row in rows_of(reply[f"agree_list{owner}"])}
        for row in sets[owner]:
            other = listed.get(str(row["ID"]))
            if other is None or not is_proved(other, FROM_LIST):
                continue
            compared += 1
            lacking |= row.keys() - other.keys()
            different += any(not _equal(row[name], other[name]) for name in FROM_LIST if name in row and name in other)
    if not compared:
        return untold("no row of these can be compared")
    return judged(
        not different, f"{different} of {compared} rows differ; {len(lacking)} columns are missing in the list"
    )


@fact(
    "P6.1, P6.2",
    "`companyIds` of `crm.item.list` names the same companies of a contact, in the same order, as "
    "`crm.contact.company.items.get`.",
    "Links are read owner by owner where they are not compared.",
)
def links_agree(known: Known) -> Asking:
    """Compare the companies of some contacts by both methods."""
    sets = known.filled_sets(_LINKS)
    if not sets:
        return untold("the newest contacts have no companies")
    params = {"entityTypeId": 3, "select": ["id", "companyId", "companyIds"], "start": -1}
    answer = (yield {"linked": Command("crm.item.list", {**params, "filter": {"@id": list(sets)}})})["linked"]
    listed = {int(row["id"]): row.get("companyIds") for row in rows_of(answer, "items") if "id" in row}
    compared = [owner for owner in sets if owner in listed]
    different = sum(
        list(map(int, listed[owner] or [])) != [int(row["COMPANY_ID"]) for row in sets[owner]] for owner in compared
    )
    if not compared:
        return untold("no contact of these can be compared")
    return judged(not different, f"{different} of {len(compared)} contacts differ")


def _listing(filter_: Mapping[str, Any]) -> Command:
    return Command(METHOD, {"filter": dict(filter_), "order": {"ID": "DESC"}, "start": -1})


def _equal(alone: Any, listed: Any) -> bool:
    """Whether two values say the same: one of them is text (P4)."""
    if alone in (None, "") or listed in (None, ""):
        return alone in (None, "") and listed in (None, "")
    try:
        return float(alone) == float(listed)
    except (TypeError, ValueError):
        return str(alone) == str(listed)
