"""What the rows of the sample company hold by their ID: links, sums, stages and times."""

from array import array
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from .company import Row, Sample, ValuesById, moment_of
from .company_staff import STAFF_VALUES
from .product_rows import price_in_cents, product_name, sample_total
from .reference import Pipeline, Stage
from .words import FIRMS, THINGS

_DAY = 86_400
_MONTH = timedelta(days=30)
_MOST_ENTRIES = 4  # of a deal in the history; their IDs are numbered by this
# places among the stages of a pipeline (three in between, won, lost): most old deals are closed, most new ones are not
_STAGES_OF_OLD = (3, 3, 3, 3, 4, 4, 3, 1, 0, 2, 4)
_STAGES_OF_NEW = (0, 0, 1, 1, 2, 2, 0, 1, 3, 4, 2)
_OLD = 60 * _DAY
_OWNERS = (("deal", 2), ("deal", 2), ("deal", 2), ("lead", 1), ("contact", 3), ("company", 4))


@dataclass(frozen=True, slots=True)
class _Course:
    """How a sample deal went through the stages of its pipeline (P5.5): those before the `moves`-th, then the present one.

    Times are those of `seconds_of`. A deal stays in each stage for one to fourteen days, or less if it is younger than that.
    """

    pipeline: Pipeline
    stage: Stage
    moves: int
    created: int
    age: int
    draw: int

    def stage_at(self, step: int) -> Stage:
        """The stage of the deal after `step` moves."""
        return self.stage if step == self.moves else self.pipeline.stages[step]

    def moved(self, step: int) -> int:
        """When the deal went into that stage."""
        if not step:
            return self.created
        stay = _DAY + self.draw % (13 * _DAY)  # on the average; every stay is a little different
        until = stay * step + self.draw % 7 * 1_357 * (step % 2)
        return self.created + min(until, self.age * step // self.moves)


def _course(deals: Sample, number: int, draw: int) -> _Course:
    pipeline = deals.pipelines[(draw >> 8) % len(deals.pipelines)]
    created = deals.created(number)
    places = _STAGES_OF_OLD if created < deals.last - _OLD else _STAGES_OF_NEW
    place = places[(draw >> 12) % len(places)] % len(pipeline.stages)
    stage = pipeline.stages[place]
    moves = 1 + draw % 3 if stage.semantics == "F" else place
    return _Course(pipeline, stage, min(moves, place), created, deals.modified(number) - created, draw >> 24)


def _deal(sample: Sample, number: int) -> Row:
    draw = sample.hash(number)
    course = _course(sample, number, draw)
    stage = course.stage
    moved, begun = moment_of(course.moved(course.moves)), moment_of(course.created).date()
    contact = sample.link("contact", draw >> 5)
    company = _company_of(sample.other("contact"), contact) if contact else None
    return {
        "TITLE": f"{THINGS[draw % len(THINGS)]} № {number}",
        "CATEGORY_ID": course.pipeline.id,
        "STAGE_ID": stage.code,
        "STAGE_SEMANTIC_ID": stage.semantics or "P",
        "IS_NEW": not course.moves,
        "CLOSED": bool(stage.semantics),
        "BEGINDATE": begun,
        "CLOSEDATE": moved.date() if stage.semantics else begun + _MONTH,
        "MOVED_TIME": moved,
        "OPPORTUNITY": _amount(sample, number, draw),
        "COMPANY_ID": company or sample.link("company", draw >> 3),
        "CONTACT_ID": contact,
        "LEAD_ID": sample.link("lead", draw >> 7),
        "QUOTE_ID": sample.link("quote", draw >> 9) if not draw % 3 else None,
    }


def _company_of(contacts: Sample, contact: int) -> int | None:
    return contacts.link("company", contacts.hash(contact) >> 3)


def _amount(sample: Sample, number: int, draw: int) -> Decimal:
    """The total of the product rows; without any, an amount that somebody typed."""
    total = sample_total(sample.name, number, sample.other("product").ids)
    return Decimal(draw % 2_000 * 50) if total is None else total


def _lead(sample: Sample, number: int) -> Row:
    draw = sample.hash(number)
    contact = sample.link("contact", draw >> 5)
    company = _company_of(sample.other("contact"), contact) if contact else None
    is_final = sample.variant(number)["STATUS_SEMANTIC_ID"] != "P"
    moved = moment_of(sample.modified(number))
    return {
        "TITLE": f"{('Заявка с сайта', 'Web enquiry', 'Anfrage', 'Звонок')[draw % 4]} № {number}",
        "OPPORTUNITY": _amount(sample, number, draw),
        "COMPANY_ID": company or sample.link("company", draw >> 3),
        "CONTACT_ID": contact,
        "MOVED_TIME": moved,
        "DATE_CLOSED": moved if is_final else None,
    }


def _quote(sample: Sample, number: int) -> Row:
    """An offer for a deal, to the deal's company and contact."""
    draw = sample.hash(number)
    deal = sample.link("deal", draw >> 3)
    clients = sample.other("deal").values_by_id(deal) if deal else {}
    companies = sample.other("company").ids
    created = moment_of(sample.created(number)).date()
    return {
        "TITLE": f"{('Коммерческое предложение', 'Offer', 'Angebot')[draw % 3]} № {number}",
        "QUOTE_NUMBER": f"Q-{number}",
        "OPPORTUNITY": _amount(sample, number, draw),
        "DEAL_ID": deal,
        "LEAD_ID": clients.get("LEAD_ID"),
        "COMPANY_ID": clients.get("COMPANY_ID") or sample.link("company", draw >> 5),
        "CONTACT_ID": clients.get("CONTACT_ID") or sample.link("contact", draw >> 7),
        "MYCOMPANY_ID": companies[0] if len(companies) else None,
        "BEGINDATE": created,
        "CLOSEDATE": created + timedelta(days=14),
        "ACTUAL_DATE": created + _MONTH,
    }


def _contact(sample: Sample, number: int) -> Row:
    draw = sample.hash(number)
    return {"COMPANY_ID": sample.link("company", draw >> 3), "LEAD_ID": sample.link("lead", draw >> 9)}


def _company(sample: Sample, number: int) -> Row:
    draw = sample.hash(number)
    firms = FIRMS[sample.variant(number)["ADDRESS_CITY"]]
    return {
        "TITLE": f"{firms[draw % len(firms)]} {number}",
        "LEAD_ID": sample.link("lead", draw >> 9),
        "IS_MY_COMPANY": number == sample.ids[0],
    }


def _activity(sample: Sample, number: int) -> Row:
    draw = sample.hash(number)
    kinds = [(name, kind) for name, kind in _OWNERS if len(sample.other(name).ids)]
    owner, kind = kinds[draw % len(kinds)] if kinds else ("deal", 2)
    created, variant = moment_of(sample.created(number)), sample.variant(number)
    starts = created + timedelta(minutes=draw % 2_880)
    ends = starts + (variant["END_TIME"] - datetime.min)
    return {
        "OWNER_TYPE_ID": kind,
        "OWNER_ID": sample.link(owner, draw >> 3 | 1),
        "START_TIME": starts,
        "END_TIME": ends,
        "DEADLINE": variant["DEADLINE"] or ends,
    }


def _history(sample: Sample, number: int) -> Row:
    """An entry for a deal's creation, and one for each move."""
    owner, step, course = _entry(sample, number)
    stage = course.stage_at(step)
    return {
        "TYPE_ID": 1 if not step else 3 if stage.semantics else 2,
        "OWNER_ID": owner,
        "CATEGORY_ID": course.pipeline.id,
        "STAGE_ID": stage.code,
        "STAGE_SEMANTIC_ID": stage.semantics or "P",
        "CREATED_TIME": moment_of(course.moved(step)),
    }


def _entry(sample: Sample, number: int) -> tuple[int, int, _Course]:
    """The deal of an entry of the history, which move it tells of, and the course of the deal."""
    owner, step = 1 + (number - 1) // _MOST_ENTRIES, (number - 1) % _MOST_ENTRIES
    deals = sample.other("deal")
    return owner, step, _course(deals, owner, deals.hash(owner))


def _lead_history(sample: Sample, number: int) -> Row:
    """An entry for a lead's creation, and one for its present status."""
    lead, step = _lead_entry(number)
    leads = sample.other("lead")
    variant = leads.variant(lead)
    status, semantics = (variant["STATUS_ID"], variant["STATUS_SEMANTIC_ID"]) if step else ("NEW", "P")
    return {
        "TYPE_ID": 1 if not step else 2 if semantics == "P" else 3,
        "OWNER_ID": lead,
        "STATUS_ID": status,
        "STATUS_SEMANTIC_ID": semantics,
        "CREATED_TIME": moment_of(leads.modified(lead) if step else leads.created(lead)),
    }


def _lead_entry(number: int) -> tuple[int, int]:
    """The lead of an entry of the history, and which move it tells of."""
    return 1 + (number - 1) // 2, (number - 1) % 2


def _product(sample: Sample, number: int) -> Row:
    catalogs = sample.other("catalog").ids
    return {
        "NAME": product_name(number),
        "CATALOG_ID": catalogs[0] if len(catalogs) else 25,
        "PRICE": Decimal(price_in_cents(number)) / 100,
    }


VALUES_BY_ID: dict[str, ValuesById] = {
    "deal": _deal,
    "quote": _quote,
    "stage_history": _history,
    "lead": _lead,
    "contact": _contact,
    "company": _company,
    "activity": _activity,
    "product": _product,
    "catalog": lambda sample, number: {"NAME": f"Catalogue {number}"},
    "lead_history": _lead_history,
    **STAFF_VALUES,
}


def history_ids(name: str, owner: int) -> range:
    """The IDs that the sample entries of a deal or a lead can have."""
    most = _MOST_ENTRIES if name == "deal" else 2
    return range(most * (owner - 1) + 1, most * owner + 1)


class HistorySample(Sample):
    """The stage history of the sample deals, with the gaps of the deals."""

    @cached_property
    def ids(self) -> "array[int]":
        """All IDs, ascending."""
        deals = self.other("deal")
        moves = ((deal, _course(deals, deal, deals.hash(deal)).moves) for deal in deals.ids)
        return array("q", (entry for deal, count in moves for entry in history_ids("deal", deal)[: count + 1]))

    def modified(self, number: int) -> int:
        """When an entry was created; entries never change."""
        _, step, course = _entry(self, number)
        return course.moved(step)


class LeadHistorySample(Sample):
    """The history of the sample leads, with the gaps of the leads."""

    @cached_property
    def ids(self) -> "array[int]":
        """All IDs, ascending."""
        leads = self.other("lead")
        moved = ((lead, leads.variant(lead)["STATUS_ID"] != "NEW") for lead in leads.ids)
        return array("q", (entry for lead, has_moved in moved for entry in history_ids("lead", lead)[: has_moved + 1]))

    def modified(self, number: int) -> int:
        """When an entry was created; entries never change."""
        lead, step = _lead_entry(number)
        leads = self.other("lead")
        return leads.modified(lead) if step else leads.created(lead)
