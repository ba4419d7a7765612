import logging

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.catalog.column import Column
from source_bitrix24.catalog.label import PEOPLE
from source_bitrix24.catalog.metadata import Metadata
from source_bitrix24.catalog.table import Scanned
from source_bitrix24.catalog.words import DEAL_PIPELINES, ITEM_PIPELINES, Words
from unit_tests.mounted import client_of, commands_sent
from unit_tests.sync.portal import TABLE


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=5))


def words_of(app: App) -> Words:
    users = TABLE["users"]
    assert isinstance(users, Scanned)
    return Words(Metadata(client_of(app), [], "en"), users.listing)


def word(app: App, column: Column, value: object, number: int | None = None) -> object:
    (label,) = words_of(app).labels(column, number)
    return label.word(value)


def test_words_come_from_directories_pipelines_and_options(app: App) -> None:
    assert word(app, Column("STAGE_ID", words="DEAL_STAGE*"), "C1:WON") == "Deal won"
    assert word(app, Column("STAGE_ID", words="*STAGE_*"), "DT130_12:SUCCESS") == "Done"
    assert word(app, Column("CATEGORY_ID", "integer", words=DEAL_PIPELINES), 0) == "Sales"
    assert word(app, Column("CATEGORY_ID", "integer", words=ITEM_PIPELINES), 12, 130) == "Проекты: default"
    assert word(app, Column("UF_A", "integer", options={"7": "Low"}, portal_type="enumeration"), 7) == "Low"
    assert word(app, Column("STAGE_ID", words="DEAL_STAGE*"), "GONE") is None


@pytest.mark.parametrize("count", [30, 50, 51, 300])
def test_all_users_have_names_however_many_there_are(app: App, count: int) -> None:
    app.portal = sample_portal(PlayedClock(), deals=5, users=count)
    app = App(app.portal)
    (label,) = words_of(app).labels(Column("ASSIGNED_BY_ID", "integer", words=PEOPLE), None)
    names = label.values([1, count, count + 1])
    assert all(names[:2]) and names[2] is None
    assert len(commands_sent(app)) <= 4


def test_without_a_user_scope_no_column_of_people_has_words(app: App) -> None:
    column = Column("ASSIGNED_BY_ID", "integer", words=PEOPLE)
    assert words_of(app).columns_beside(column)
    app.portal.scopes = {"crm"}
    assert words_of(app).columns_beside(column) == []


def test_where_words_are_refused_labels_are_empty_with_one_warning(app: App, caplog: pytest.LogCaptureFixture) -> None:
    app.webhook.may_not_read = {"crm.status.list"}
    caplog.set_level(logging.WARNING)
    words = words_of(app)
    for name in ("SOURCE_ID", "OTHER_ID"):
        (label,) = words.labels(Column(name, words="SOURCE"), None)
        assert label.values(["CALL"]) == [None]
    assert len([one for one in caplog.records if "its labels are empty" in one.getMessage()]) == 1
