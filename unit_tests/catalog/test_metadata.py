import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.messages import Request, Response
from emulator.reference import directory_rows
from emulator.store import sample_portal
from source_bitrix24.catalog.metadata import Metadata
from source_bitrix24.portal import errors
from source_bitrix24.portal.client import PortalClient
from source_bitrix24.portal.limits import STANDARD, RateLimiter
from source_bitrix24.portal.webhook import Webhook
from source_bitrix24.schema import PortalField
from source_bitrix24.catalog.table import Scanned, Table, Whole
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.airbyte.transport import HttpTransport

DEFINITIONS = Whole("deal_custom_field_definitions", "crm.deal.userfield.list", labelled=True)
PIPELINES = Whole("deal_pipelines", "crm.category.list", params={"entityTypeId": 2}, rows_in="categories", key=("id",))
STAGES = Whole("deal_pipeline_stages", "crm.status.list")
DEALS = Scanned("deals", "crm.deal.list", fields_of="deal")
LEADS = Scanned("leads", "crm.lead.list", fields_of="lead")


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=1))


def metadata_of(app: App, tables: Sequence[Table] = TABLES, language: str = "en", patience: float = 0) -> Metadata:
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    webhook, clock = Webhook.parse(app.webhook_url), app.portal.clock
    transport = HttpTransport(webhook, 90, session)
    return Metadata(PortalClient(webhook, transport, RateLimiter(STANDARD, clock), clock, patience), tables, language)


def test_everything_is_asked_in_one_request_when_it_is_first_needed(app: App) -> None:
    metadata = metadata_of(app)
    assert app.log == []
    for name in ("deal", "lead", "contact", "company", "quote"):
        metadata.user_fields(name)
        metadata.other_fields(name)
    metadata.other_fields("product")
    for table in TABLES:
        if isinstance(table, Whole):
            metadata.rows(table)
    (request,) = app.log
    assert set(request.methods) == {
        *(f"crm.{name}.fields" for name in ("deal", "lead", "contact", "company", "quote", "product")),
        *(f"crm.{name}.userfield.list" for name in ("deal", "lead", "contact", "company", "quote")),
        "crm.status.list",
        "crm.category.list",
    }
    assert set(request.methods.values()) == {1}


def test_streams_that_need_it_at_the_same_moment_ask_once(app: App) -> None:
    metadata = metadata_of(app)
    together = threading.Barrier(4)

    def ask(_: int) -> list[PortalField]:
        together.wait()
        return metadata.user_fields("deal")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert answers == [answers[0]] * 4
    assert len(app.log) == 1


def test_only_what_the_tables_need_is_asked(app: App) -> None:
    metadata_of(app, [PIPELINES]).rows(PIPELINES)
    assert set(app.log[0].methods) == {"crm.status.list", "crm.category.list"}


def test_custom_fields_come_in_the_portals_order_with_type_and_label(app: App) -> None:
    """P10.1"""
    assert [
        (field.name, field.type, field.multiple, field.label) for field in metadata_of(app).user_fields("lead")
    ] == [(field.name, field.type, field.multiple, field.labels["en"]) for field in app.portal.user_fields["lead"]]


def test_codes_come_with_what_they_stand_for(app: App) -> None:
    fields = {field.name: field for field in metadata_of(app).user_fields("deal")}
    (priority,) = [field for field in app.portal.user_fields["deal"] if field.name == "UF_CRM_ENUMERATION"]
    assert fields["UF_CRM_ENUMERATION"].texts == {str(code): text for code, text in priority.options.items()}
    sources = {row["STATUS_ID"]: row["NAME"] for row in directory_rows([]) if row["ENTITY_ID"] == "SOURCE"}
    assert fields["UF_CRM_CRM_STATUS"].texts == fields["UF_CRM_CRM_STATUS_LIST"].texts == sources
    assert fields["UF_CRM_INTEGER"].texts == {}


@pytest.mark.parametrize(
    ("names", "language", "label"),
    [
        ({"en": "Size", "ru": "Размер"}, "en", "Size"),
        ({"en": "Size", "ru": "Размер"}, "ru", "Размер"),
        ({"en": "Size", "ru": "Размер"}, "de", "Размер"),
        ({"en": "Size"}, "de", "UF_CRM_SIZE"),
        ({}, "en", "UF_CRM_SIZE"),
        ({"en": "", "ru": "Размер"}, "en", "Размер"),
    ],
    ids=["asked", "other asked", "the portal's own", "code", "no name at all", "empty"],
)
def test_a_label_is_in_the_language_asked_for_or_else_the_portals_own_or_else_the_code(
    names: dict[str, str], language: str, label: str, app: App
) -> None:
    """P10.1, P10.2: the emulated portal's own language is Russian."""
    app.portal.add_user_field("deal", "UF_CRM_SIZE", "string").labels.update(names)
    fields = metadata_of(app, language=language).user_fields("deal")
    assert [field.label for field in fields if field.name == "UF_CRM_SIZE"] == [label]


def test_links_to_smart_processes_and_properties_of_products_are_fields_too(app: App) -> None:
    metadata = metadata_of(app)
    assert metadata.other_fields("deal") == [
        PortalField("PARENT_ID_130", "crm_entity", multiple=False, label="PARENT_ID_130")
    ]
    described = {
        name: field for name, field in app.portal.tables["product"].fields.items() if name.startswith("PROPERTY_")
    }
    assert metadata.other_fields("product") == [
        PortalField(name, "product_property", field.multiple, f"Property {name.removeprefix('PROPERTY_')}")
        for name, field in described.items()
    ]
    assert metadata.user_fields("product") == []


def test_small_tables_come_whole(app: App) -> None:
    metadata = metadata_of(app)
    assert metadata.rows(PIPELINES) == [pipeline.told() for pipeline in app.portal.pipelines]
    assert metadata.rows(STAGES) == directory_rows(app.portal.pipelines)
    assert metadata.rows(DEFINITIONS) == [field.told("en") for field in app.portal.user_fields["deal"]]


@pytest.mark.parametrize("refused", ["crm.lead.userfield.list", "crm.lead.fields"])
def test_a_method_that_is_refused_fails_only_who_needs_it(refused: str, app: App) -> None:
    app.webhook.may_not_read = {refused}
    metadata = metadata_of(app, [DEALS, LEADS, PIPELINES])
    with pytest.raises(errors.NoAccess) as caught:
        metadata.user_fields("lead")
    assert caught.value.method == refused
    assert len(metadata.user_fields("deal")) == len(app.portal.user_fields["deal"])
    assert len(metadata.rows(PIPELINES)) == 3
    assert len(app.log) == 1


def test_directories_that_are_refused_fail_only_the_objects_with_fields_of_that_kind(app: App) -> None:
    app.webhook.may_not_read = {"crm.status.list"}
    app.portal.user_fields["lead"][:] = [one for one in app.portal.user_fields["lead"] if one.type != "crm_status"]
    metadata = metadata_of(app, [DEALS, LEADS])
    assert len(metadata.user_fields("lead")) == len(app.portal.user_fields["lead"])
    with pytest.raises(errors.NoAccess):
        metadata.user_fields("deal")


def test_what_failed_in_passing_is_asked_again_alone(app: App) -> None:
    app.fault("command_missing", command=1)
    assert metadata_of(app, [DEALS, LEADS], patience=5).user_fields("deal")
    assert [sum(logged.methods.values()) for logged in app.log] == [5, 1]


def test_after_a_failure_the_next_one_who_needs_it_asks_anew(app: App) -> None:
    metadata = metadata_of(app)
    app.fault("reset")
    with pytest.raises(errors.Unreachable):
        metadata.user_fields("deal")
    assert metadata.user_fields("deal")


class Edited(App):
    """A portal whose answers are edited on their way."""

    def __init__(self, portal: Any, edit: Callable[[dict[str, Any]], object]) -> None:
        super().__init__(portal)
        self._edit = edit

    def handle(self, request: Request) -> Response:
        """The answer, edited."""
        body = orjson.loads(super().handle(request).body)
        self._edit(body["result"])
        return Response.json(body)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda answer: set_all(answer, "result_total", 51), "only 3 of 51 rows came, where all were expected"),
        (lambda answer: set_all(answer, "result_next", 50), "only 3 of 3 rows came, where all were expected"),
        (lambda answer: set_all(answer, "result", {"pipelines": []}), "the answer is no list of rows"),
        (lambda answer: set_all(answer, "result", None), "the answer is no list of rows"),
    ],
    ids=["more in all", "a next page", "another shape", "null"],
)
def test_a_small_table_that_does_not_come_whole_is_an_error(
    edit: Callable[[dict[str, Any]], object], told: str, app: App
) -> None:
    """P12: a portal that pages one of them would go on behind its first fifty rows, unseen."""
    with pytest.raises(errors.BrokenPromise) as caught:
        metadata_of(Edited(app.portal, edit), [PIPELINES]).rows(PIPELINES)
    assert str(caught.value) == f"crm.category.list: {told}"


def set_all(answer: dict[str, Any], part: str, value: object) -> None:
    """Give every command the same value in one part of a batch's answer."""
    answer[part] = dict.fromkeys(answer["result"], value)
