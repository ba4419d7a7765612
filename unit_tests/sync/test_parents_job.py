import pytest

from emulator.app import App
from source_bitrix24.catalog.table import PerParent
from source_bitrix24.portal import errors
from source_bitrix24.sync.parents_job import ParentsJob
from source_bitrix24.sync.state import StreamState
from unit_tests.mounted import methods_sent
from unit_tests.sync.portal import TABLE, context_of, portal_of, rows_of, steps_of, visible


def per_parent(name: str) -> PerParent:
    table = TABLE[name]
    assert isinstance(table, PerParent)
    return table


ROWS, LINKS = per_parent("deal_products"), per_parent("contact_companies")


@pytest.fixture
def app() -> App:
    return portal_of(400, contacts=90)


def held(app: App) -> list[tuple[int, int]]:
    """Return the owners and IDs of all product rows of deals, the newest deal first."""
    return [(deal, row["ID"]) for deal in visible(app) for row in app.portal.product_rows("deal", deal)]


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("is_administrator", [True, False])
def test_the_rows_of_each_parent_come_complete_and_in_order(app: App, lanes: int, is_administrator: bool) -> None:
    app.portal.user_is_admin = is_administrator
    steps = steps_of(ParentsJob(context_of(app, lanes), ROWS, StreamState()))
    assert [(row["OWNER_ID"], row["ID"]) for row in rows_of(steps, "deal_products")] == held(app)
    assert (methods_sent(app)["crm.productrow.list"] > 0) is is_administrator


def test_each_row_has_the_id_and_the_date_of_its_parent(app: App) -> None:
    steps = steps_of(ParentsJob(context_of(app), ROWS, StreamState()))
    deals, wire = app.portal.tables["deal"], app.portal.wire
    for row in rows_of(steps, "deal_products"):
        assert row["DATE_MODIFY"] == wire.moment(deals.row(row["OWNER_ID"])["DATE_MODIFY"])


def test_a_state_covers_exactly_the_parents_of_the_steps_before_it(app: App) -> None:
    steps = steps_of(ParentsJob(context_of(app), ROWS, StreamState()))
    seen: list[tuple[int, int]] = []
    states = 0
    for step in steps:
        seen += [(row["OWNER_ID"], row["ID"]) for row in rows_of([step], "deal_products")]
        for state in step.states.values():
            states += 1
            below = (state.scan.below if state.scan else 1) or 1
            assert seen == [(deal, row) for deal, row in held(app) if deal >= below]
    assert states >= 4
    assert steps[-1].states["deal_products"].scan is None


def test_a_job_resumes_below_the_parents_that_its_state_covers(app: App) -> None:
    steps = steps_of(ParentsJob(context_of(app), ROWS, StreamState()))
    middle = steps[len(steps) // 2].states["deal_products"]
    assert middle.scan
    resumed = steps_of(ParentsJob(context_of(app), ROWS, middle))
    assert [(row["OWNER_ID"], row["ID"]) for row in rows_of(resumed, "deal_products")] == [
        (deal, row) for deal, row in held(app) if deal < (middle.scan.below or 0)
    ]
    assert resumed[-1].states == steps[-1].states


def test_a_later_sync_reads_the_sets_of_parents_that_are_new_or_have_changed(app: App) -> None:
    state = steps_of(ParentsJob(context_of(app), ROWS, StreamState()))[-1].states["deal_products"]
    app.portal.clock.sleep(3600)
    changed = next(deal for deal in visible(app) if app.portal.product_rows("deal", deal))
    app.portal.update("deal", changed, TITLE="Edited")
    steps = steps_of(ParentsJob(context_of(app), ROWS, state))
    assert [row["ID"] for row in rows_of(steps, "deal_products")] == [
        row["ID"] for row in app.portal.product_rows("deal", changed)
    ]


@pytest.mark.parametrize("is_administrator", [True, False])
def test_links_are_read_in_bulk_for_an_administrator(app: App, is_administrator: bool) -> None:
    app.portal.user_is_admin = is_administrator
    steps = steps_of(ParentsJob(context_of(app), LINKS, StreamState()))
    assert [(row["CONTACT_ID"], row["COMPANY_ID"]) for row in rows_of(steps, "contact_companies")] == [
        (contact, link["COMPANY_ID"])
        for contact in visible(app, "contact")
        for link in app.portal.companies_of(contact)
    ]
    assert (methods_sent(app)["crm.item.list"] > 0) is is_administrator
    assert methods_sent(app)["crm.productrow.list"] == 0


def test_a_portal_without_parents_costs_one_request(app: App) -> None:
    for deal in visible(app):
        app.portal.delete("deal", deal)
    steps = steps_of(ParentsJob(context_of(app), ROWS, StreamState()))
    assert rows_of(steps, "deal_products") == []
    assert steps[-1].states["deal_products"].scan is None
    assert len(app.log) == 1


def test_a_refused_profile_means_that_all_parents_are_asked_alone(app: App) -> None:
    app.webhook.may_not_read = {"profile"}
    steps = steps_of(ParentsJob(context_of(app), ROWS, StreamState()))
    assert [(row["OWNER_ID"], row["ID"]) for row in rows_of(steps, "deal_products")] == held(app)
    assert methods_sent(app)["crm.productrow.list"] == 0


def test_a_refusal_of_the_rows_is_raised(app: App) -> None:
    app.webhook.may_not_read = {"crm.deal.productrows.get"}
    with pytest.raises(errors.NoAccess):
        steps_of(ParentsJob(context_of(app), ROWS, StreamState()))


def test_slices_are_parents_with_the_states_that_their_sets_complete(app: App) -> None:
    job = ParentsJob(context_of(app), ROWS, StreamState())
    pieces = list(job.slices())
    job.close()
    assert [int(row["ID"]) for piece in pieces for row in piece.rows] == visible(app)
    assert pieces[-1].after.scan is None
