"""The tables of a sample company, each in proportion to its deals unless a size is given."""

from collections.abc import Mapping

from .company import Company, Sample
from .company_rows import VALUES_BY_ID, HistorySample, LeadHistorySample
from .company_staff import USERS, CallSample, RequisiteSample, UserSample
from .company_variants import VARIANT_VALUES
from .smart_types import SMART_VALUES, SMART_VARIANTS, ItemSample, sample_types, smart_user_fields
from .table import Table
from .userfields import OBJECTS, sample_user_fields

_SAMPLES = {
    "stage_history": HistorySample,
    "lead_history": LeadHistorySample,
    "user": UserSample,
    "call": CallSample,
    "requisite": RequisiteSample,
    "item_130": ItemSample,
}


def sample_tables(company: Company, deals: int, holes: float, sizes: Mapping[str, int]) -> dict[str, Table]:
    """The tables of a company with so many deals. `sizes`: of other tables, by their plural; `holes` as for a portal."""
    fields = {name: sample_user_fields(name, 1 + 100 * place) for place, name in enumerate(OBJECTS)}
    fields |= {type_.name: smart_user_fields(type_) for type_ in sample_types()}
    default_sizes = {
        "deal": deals,
        "lead": deals,
        "contact": max(1, deals // 2),
        "company": max(1, deals // 4),
        "quote": max(1, deals // 6),
        "activity": deals,
        "product": 120,
        "catalog": 2,
        "stage_history": 0,
        "lead_history": 0,
        "user": USERS,
        "call": deals // 2,
        "task": deals // 3,
        "requisite": deals // 4,
        "item_31": deals // 3,
        "item_130": 40 if deals else 0,  # whom other rows name by their IDs
        "item_1030": deals // 4,
        "item_1036": deals // 10,
    }
    plural = {"company": "companies", "activity": "activities"}
    samples: dict[str, Sample] = {}
    for name, size in default_sizes.items():
        kind = _SAMPLES.get(name, Sample)
        samples[name] = kind(
            name,
            company,
            sizes.get(plural.get(name, name + "s"), size),
            holes,
            fields.get(name, ()),
            samples,
            (VALUES_BY_ID | SMART_VALUES)[name],
            (VARIANT_VALUES | SMART_VARIANTS)[name],
        )
    return {name: Table(sample, fields.get(name, ())) for name, sample in samples.items()}
