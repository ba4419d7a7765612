import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.catalog.metadata import Metadata
from source_bitrix24.catalog.smart_types import SmartTypes, items_table, without_scalars
from source_bitrix24.portal import errors
from unit_tests.mounted import client_of


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=5))


def types_of(app: App) -> SmartTypes:
    return SmartTypes(Metadata(client_of(app), [], "en"))


def test_smart_processes_are_found_with_titles_and_documents_of_signatures_are_none(app: App) -> None:
    found = [(one.number, one.title) for one in types_of(app).all]
    assert found == [(130, "Проекты"), (1030, "Закупки"), (1036, "Закупки")]
    assert items_table(1030, "Закупки").name == "smart_process_1030"


def test_irregular_names_are_those_that_the_portal_tells(app: App) -> None:
    names = types_of(app).names(130)
    assert (names["UF_CRM_2_ABC1"], names["UF_CRM_2_MY_FLAG"], names["UF_CRM_2_1713790573"]) == (
        "ufCrm_2_ABC1",
        "ufCrm2MyFlag",
        "ufCrm2_1713790573",
    )


def test_a_type_that_is_just_being_made_is_left_out(app: App) -> None:
    app.portal.odd["crm.type.getbyentitytypeid"] = lambda result: {"type": result["type"] | {"isInitialized": "N"}}
    assert types_of(app).readable == []


def test_the_fields_of_a_type_that_may_not_be_read_are_refused(app: App) -> None:
    app.portal.smart_types[130].is_readable = False
    with pytest.raises(errors.NoAccess):
        types_of(app).fields(130)


def test_what_is_no_list_is_null_in_a_column_of_several_values() -> None:
    assert without_scalars([{"A": "N", "B": "N"}, {"A": [1]}, {}], ["A"]) == [{"A": None, "B": "N"}, {"A": [1]}, {}]
