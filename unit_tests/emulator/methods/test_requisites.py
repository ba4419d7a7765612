from emulator.app import App
from unit_tests.emulator.client import call


def test_every_page_of_requisites_counts_and_costs_all_that_match(company: App) -> None:
    before = len(company.log)
    company.limits.latency.offset_1000 = 1.0
    for params, cost in (({}, 0.03), ({"start": -1}, 0.03), ({"filter": {"<ID": 3}}, 0.002)):
        call(company, "crm.requisite.list", **params)
        assert abs(company.log[-1].seconds - cost) < 0.004  # P15.5
    company.limits.latency.offset_1000 = 0.0
    assert len(company.log) == before + 3
    assert call(company, "crm.requisite.list", start=-1)["total"] == len(company.portal.tables["requisite"])


def test_a_condition_on_contacts_or_companies_becomes_one_on_the_anchor(company: App) -> None:
    rows = call(company, "crm.address.list", filter={"ENTITY_TYPE_ID": 4})["result"]
    assert {row["ENTITY_TYPE_ID"] for row in rows} == {"8"}  # P15.6
    assert {row["ANCHOR_TYPE_ID"] for row in rows} == {"4"}


def test_the_total_of_addresses_is_wrong(company: App) -> None:
    answer = call(company, "crm.address.list")
    assert answer["total"] == len(answer["result"]) == 50  # P15.6
    assert call(company, "crm.address.list", start=50)["result"]
