import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import orjson
import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.messages import Request, Response
from emulator.reference import directory_rows
from emulator.store import sample_portal
from source_bitrix24.catalog.column import Column
from source_bitrix24.catalog.metadata import Metadata
from source_bitrix24.catalog.table import Scanned, Table, Whole
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.portal import errors
from unit_tests.mounted import client_of, methods_sent

DEFINITIONS = Whole("deal_custom_field_definitions", "crm.deal.userfield.list", labelled=True)
PIPELINES = Whole("deal_pipelines", "crm.category.list", params={"entityTypeId": 2}, rows_in="categories", key=("id",))
STAGES = Whole("deal_pipeline_stages", "crm.status.list")
DEALS = Scanned("deals", "crm.deal.list", fields_of="deal")
LEADS = Scanned("leads", "crm.lead.list", fields_of="lead")


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=1))


def metadata_of(app: App, tables: Sequence[Table] = TABLES, language: str = "en", retry_seconds: float = 0) -> Metadata:
    return Metadata(client_of(app, retry_seconds=retry_seconds), tables, language)


def test_all_metadata_come_in_one_request_when_they_are_first_needed(app: App) -> None:
    metadata = metadata_of(app)
    assert app.log == []
    for name in ("deal", "lead", "contact", "company", "quote"):
        metadata.custom_columns(name)
        metadata.other_columns(name)
    metadata.other_columns("product")
    for table in TABLES:
        if isinstance(table, Whole):
            metadata.rows(table)
    (request,) = app.log
    small = {table.method for table in TABLES if isinstance(table, Whole)}
    assert set(request.methods) == small | {
        *(f"crm.{name}.fields" for name in ("deal", "lead", "contact", "company", "quote", "product")),
        *(f"crm.{name}.userfield.list" for name in ("deal", "lead", "contact", "company", "quote")),
        "crm.status.list",
        "crm.enum.ownertype",
        "profile",
        "scope",
    }
    assert set(request.methods.values()) == {1}


def test_threads_that_need_metadata_at_the_same_moment_share_one_request(app: App) -> None:
    metadata = metadata_of(app)
    together = threading.Barrier(4)

    def ask(_: int) -> list[Column]:
        together.wait()
        return metadata.custom_columns("deal")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert answers == [answers[0]] * 4
    assert len(app.log) == 1


def test_only_what_the_tables_need_is_requested(app: App) -> None:
    metadata_of(app, [PIPELINES]).rows(PIPELINES)
    assert set(app.log[0].methods) == {"crm.status.list", "crm.category.list", "profile", "scope", "crm.enum.ownertype"}


def test_custom_columns_come_in_the_portals_order_with_type_and_label(app: App) -> None:
    """P10.1"""
    columns = metadata_of(app).custom_columns("lead")
    assert [(column.name, column.portal_type, column.multiple, column.label) for column in columns] == [
        (field.name, field.type, field.multiple, field.labels["en"]) for field in app.portal.user_fields["lead"]
    ]


@pytest.mark.parametrize(
    ("portal_type", "type_"),
    [
        ("string", "text"),
        ("integer", "integer"),
        ("double", "number"),
        ("boolean", "boolean"),
        ("date", "date"),
        ("datetime", "datetime"),
        ("money", "text"),
        ("url", "text"),
        ("address", "text"),
        ("enumeration", "integer"),
        ("file", "object"),
        ("employee", "integer"),
        ("crm", "text"),
        ("crm_status", "text"),
        ("iblock_section", "integer"),
        ("iblock_element", "integer"),
        ("resourcebooking", "text"),
        ("rest_12_colour", "text"),
    ],
)
def test_a_custom_field_becomes_a_column_of_its_type_and_an_unknown_type_is_text(
    portal_type: str, type_: str, app: App
) -> None:
    """P10.4"""
    app.portal.add_user_field("deal", "UF_CRM_ADDED", portal_type)
    (column,) = [one for one in metadata_of(app).custom_columns("deal") if one.name == "UF_CRM_ADDED"]
    assert (column.type, column.portal_type) == (type_, portal_type)
    assert [part.name for part in column.parts] == (["id", "showUrl", "downloadUrl"] if portal_type == "file" else [])


def test_columns_have_the_words_behind_their_codes(app: App) -> None:
    fields = {field.name: field for field in metadata_of(app).custom_columns("deal")}
    (priority,) = [field for field in app.portal.user_fields["deal"] if field.name == "UF_CRM_ENUMERATION"]
    assert fields["UF_CRM_ENUMERATION"].options == {str(code): text for code, text in priority.options.items()}
    sources = {row["STATUS_ID"]: row["NAME"] for row in directory_rows([]) if row["ENTITY_ID"] == "SOURCE"}
    assert fields["UF_CRM_CRM_STATUS"].options == fields["UF_CRM_CRM_STATUS_LIST"].options == sources
    assert fields["UF_CRM_INTEGER"].options == {}


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
    ids=["given language", "another language", "the portal's own", "code", "no name at all", "empty"],
)
def test_a_label_is_in_the_given_language_or_else_in_the_portals_own_or_else_the_code(
    names: dict[str, str], language: str, label: str, app: App
) -> None:
    """P10.1, P10.2: the emulated portal's own language is Russian."""
    app.portal.add_user_field("deal", "UF_CRM_SIZE", "string").labels.update(names)
    fields = metadata_of(app, language=language).custom_columns("deal")
    assert [field.label for field in fields if field.name == "UF_CRM_SIZE"] == [label]


def test_links_to_smart_processes_and_properties_of_products_are_columns_too(app: App) -> None:
    metadata = metadata_of(app)
    assert metadata.other_columns("deal") == [
        Column("PARENT_ID_130", "reference", label="PARENT_ID_130", portal_type="crm_entity")
    ]
    described = {
        name: field for name, field in app.portal.tables["product"].fields.items() if name.startswith("PROPERTY_")
    }
    assert metadata.other_columns("product") == [
        Column(
            name,
            "object",
            field.multiple,
            label=f"Property {name.removeprefix('PROPERTY_')}",
            portal_type="product_property",
        )
        for name, field in described.items()
    ]
    assert metadata.custom_columns("product") == []


def test_small_tables_come_complete(app: App) -> None:
    metadata = metadata_of(app)
    assert metadata.rows(PIPELINES) == [pipeline.as_row() for pipeline in app.portal.pipelines]
    assert metadata.rows(STAGES) == directory_rows(app.portal.pipelines, app.portal.smart_types.values())
    assert metadata.rows(DEFINITIONS) == [field.as_row("en") for field in app.portal.user_fields["deal"]]


@pytest.mark.parametrize(
    ("method", "ask"),
    [("crm.lead.userfield.list", Metadata.custom_columns), ("crm.lead.fields", Metadata.other_columns)],
)
def test_a_refused_method_fails_only_what_needs_it(
    method: str, ask: Callable[[Metadata, str], list[Column]], app: App
) -> None:
    app.webhook.may_not_read = {method}
    metadata = metadata_of(app, [DEALS, LEADS, PIPELINES])
    with pytest.raises(errors.NoAccess) as caught:
        ask(metadata, "lead")
    assert caught.value.method == method
    assert len(metadata.custom_columns("deal")) == len(app.portal.user_fields["deal"])
    assert len(metadata.rows(PIPELINES)) == 3
    assert len(app.log) == 1


def test_refused_fields_cost_no_custom_field(app: App) -> None:
    whole = metadata_of(app).custom_columns("lead")
    app.webhook.may_not_read = {"crm.lead.fields"}
    assert metadata_of(app).custom_columns("lead") == whole


def test_refused_directories_cost_the_words_of_codes(app: App, caplog: pytest.LogCaptureFixture) -> None:
    whole = metadata_of(app).custom_columns("deal")
    app.webhook.may_not_read = {"crm.status.list"}
    left = metadata_of(app).custom_columns("deal")
    assert left == [replace(one, options={}) if one.portal_type == "crm_status" else one for one in whole]
    assert left != whole
    assert caplog.text.count("The words of directories are not known: crm.status.list: Access denied.") == 1


def test_only_a_command_that_failed_is_retried(app: App) -> None:
    app.fault("command_missing", command=1)
    assert metadata_of(app, [DEALS, LEADS], retry_seconds=5).custom_columns("deal")
    assert [sum(logged.methods.values()) for logged in app.log] == [8, 1]


def test_after_a_failure_the_next_caller_sends_a_new_request(app: App) -> None:
    metadata = metadata_of(app)
    app.fault("reset")
    with pytest.raises(errors.Unreachable):
        metadata.custom_columns("deal")
    assert metadata.custom_columns("deal")


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
    ("edit", "message"),
    [
        (lambda answer: set_all(answer, "result_total", 51), "only 3 of 51 rows came, all were expected"),
        (lambda answer: set_all(answer, "result", {"pipelines": []}), "the answer is no list of rows"),
        (lambda answer: set_all(answer, "result", None), "the answer is no list of rows"),
    ],
    ids=["more in all", "another shape", "null"],
)
def test_a_small_table_that_does_not_come_complete_is_an_error(
    edit: Callable[[dict[str, Any]], object], message: str, app: App
) -> None:
    """P12: rows behind the first page would be missing without an error."""
    with pytest.raises(errors.BrokenPromise) as caught:
        metadata_of(Edited(app.portal, edit), [PIPELINES]).rows(PIPELINES)
    assert str(caught.value) == f"crm.category.list: {message}"


def test_a_next_page_that_is_the_first_one_again_adds_nothing(app: App) -> None:
    edited = Edited(app.portal, lambda answer: set_all(answer, "result_next", 50))
    assert len(metadata_of(edited, [PIPELINES]).rows(PIPELINES)) == 3


@pytest.mark.parametrize("page", [1, 2, 3, 50])
def test_directories_may_come_in_pages(page: int, app: App) -> None:
    rows = directory_rows(app.portal.pipelines, app.portal.smart_types.values())
    paged(app, "crm.status.list", page)
    metadata = metadata_of(app, [DEALS, STAGES])
    assert metadata.rows(STAGES) == rows
    sources = {column.name: column for column in metadata.custom_columns("deal")}["UF_CRM_CRM_STATUS"].options
    assert sources == {row["STATUS_ID"]: row["NAME"] for row in rows if row["ENTITY_ID"] == "SOURCE"}
    assert methods_sent(app)["crm.status.list"] <= 2 + len(rows) // page


def paged(app: App, method: str, size: int) -> None:
    """Let the portal answer in pages."""
    app.portal.page_sizes[method] = size


@pytest.mark.parametrize("kind", ["internal_error", "bad_gateway", "refused_in_russian", "page_404", "html"])
@pytest.mark.parametrize(
    ("method", "ask"),
    [
        ("crm.status.list", lambda metadata: metadata.rows(STAGES)),
        ("crm.product.fields", lambda metadata: metadata.other_columns("product")),
        ("crm.category.list", lambda metadata: metadata.rows(PIPELINES)),
    ],
)
def test_a_method_that_fails_the_request_of_all_metadata_for_ever_costs_only_what_needs_it(
    kind: str, method: str, ask: Callable[[Metadata], object], app: App
) -> None:
    app.fault(kind, method=method, times=10**9)
    metadata = metadata_of(app, retry_seconds=3000)
    assert len(metadata.custom_columns("deal")) == len(app.portal.user_fields["deal"])
    assert app.portal.clock.monotonic() < 30
    with pytest.raises(errors.PortalError):
        ask(metadata)


@pytest.mark.parametrize(("kind", "error"), [("internal_error", errors.PortalFailed), ("revoked", errors.BadWebhook)])
def test_a_portal_that_fails_at_everything_is_said_so(kind: str, error: type[errors.PortalError], app: App) -> None:
    app.fault(kind, times=10**9)
    with pytest.raises(error):
        metadata_of(app, retry_seconds=25).custom_columns("deal")
    assert app.portal.clock.monotonic() < 60


def set_all(answer: dict[str, Any], part: str, value: object) -> None:
    """Give every command the same value in one part of a batch's answer."""
    answer[part] = dict.fromkeys(answer["result"], value)


def test_prefetched_metadata_cost_no_second_request(app: App) -> None:
    metadata = metadata_of(app)
    metadata.prefetch()
    metadata.prefetch()
    assert metadata.custom_columns("deal")
    assert len(app.log) == 1


@pytest.mark.parametrize("is_administrator", [True, False])
def test_the_webhooks_user_is_an_administrator_where_the_portal_says_so(is_administrator: bool, app: App) -> None:
    """P13.1"""
    app.portal.user_is_admin = is_administrator
    assert metadata_of(app).user_is_administrator() is is_administrator


def test_a_user_of_whom_the_portal_says_nothing_is_no_administrator(app: App) -> None:
    edited = Edited(app.portal, lambda answer: set_all(answer, "result", []))
    assert metadata_of(edited).user_is_administrator() is False
