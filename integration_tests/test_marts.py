"""The marts of the dbt package, on DuckDB and on PostgreSQL: their figures are those of the portal's rows."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import RealClock
from emulator.server import PortalServer, serving
from emulator.store import Portal, sample_portal
from integration_tests.duckdb_sync import PYTHON, DuckDBSync
from integration_tests.expected_marts import MARTS, figures
from integration_tests.harness import Row
from integration_tests.portal_figures import PortalFigures
from integration_tests.postgres_server import is_installed, postgres_server
from integration_tests.postgres_sync import PostgresSync
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.config import Config

pytestmark = [
    pytest.mark.warehouse,
    pytest.mark.skipif(not (PYTHON.exists() and is_installed()), reason="run make test-warehouse"),
]

ENGINES = ("duckdb", "postgres")
ZONE = "Europe/Berlin"
CURRENCY = "RUB"
HAS_DELETIONS = "detect_deletions" in Config.__dataclass_fields__
HAS_POSITIONS = any(table.name == "deal_products" and "POSITION" in table.key for table in TABLES)
_COLUMNS = """
    SELECT column_name AS name FROM information_schema.columns
    WHERE table_schema = 'analytics_staging' AND table_name = 'stg_bitrix24__deals'
"""
_LONG = "Срок поставки по договору, согласованный с отделом логистики"
# code, label, and the name of the column
FIELDS = (
    ("UF_CRM_1713790573", "Contract type", "contract_type"),
    ("UF_CRM_1713790574", "  contract   TYPE ", "contract_type_1713790574"),
    ("UF_CRM_1713790575", "Title", "title_1713790575"),
    ("UF_CRM_1713790576", "Order", "order"),
    ("UF_CRM_1713790577", "Тип договора", "тип_договора"),
    ("UF_CRM_1713790578", "契約の種類", "契約の種類"),
    ("UF_CRM_1713790579", "अनुबंध", "अनुबंध"),
    ("UF_CRM_1713790580", _LONG, "срок_поставки_по_договору_со"),
    ("UF_CRM_1713790581", _LONG + "!", "срок_поставки_по_догов_1713790581"),
    ("UF_CRM_1713790582", "2026", "2026"),
    ("UF_CRM_" + "VERY_LONG_CODE_" * 4 + "END", "Very long", "very_long"),
    ("UF_CRM_1713790583", "", "uf_crm_1713790583"),
)


@dataclass
class Built:
    """A portal after edits between two syncs, and what dbt has made of its copies, by engine."""

    portal: Portal
    marts: dict[str, dict[str, list[Row]]]
    columns: dict[str, list[str]]
    output: dict[str, str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    portal = sample_portal(RealClock(), deals=150)
    for code, label, _ in FIELDS:
        portal.add_user_field("deal", code, "string", en=label)
    app = App(portal)
    with serving(PortalServer(app)), postgres_server() as port, ThreadPoolExecutor() as both:
        duckdb = DuckDBSync(app, tmp_path_factory.mktemp("file") / "bitrix24.duckdb", tmp_path_factory.mktemp("duckdb"))
        postgres = PostgresSync(app, port, tmp_path_factory.mktemp("postgres"))
        for step in (lambda engine: engine.sync(), _edit, lambda engine: engine.sync(), _build):
            if step is _edit:
                _edit(portal)
                continue
            assert list(both.map(step, (duckdb, postgres))) == [0, 0], duckdb.output + postgres.output
        engines: dict[str, DuckDBSync | PostgresSync] = {"duckdb": duckdb, "postgres": postgres}
        return Built(
            portal,
            {name: engine.run_queries(_queries()) for name, engine in engines.items()},
            {name: [row["name"] for row in engine.run_queries({"": _COLUMNS})[""]] for name, engine in engines.items()},
            {name: engine.output for name, engine in engines.items()},
        )


def _build(engine: DuckDBSync | PostgresSync) -> int:
    if isinstance(engine, PostgresSync):
        return engine.build(bitrix24_time_zone=ZONE, bitrix24_currency=CURRENCY)
    return engine.report(TIME_ZONE=ZONE, CURRENCY=CURRENCY)


def _edit(portal: Portal) -> None:
    """What users of the portal do between the two syncs."""
    won = [row["ID"] for row in portal.visible("deal") if row["STAGE_SEMANTIC_ID"] == "S"]
    sold = [number for number in won if len(portal.product_rows("deal", number)) > 1]
    opened = [row["ID"] for row in portal.visible("deal") if row["STAGE_SEMANTIC_ID"] == "P" and not row["CATEGORY_ID"]]
    won_now = {"STAGE_ID": "WON", "STAGE_SEMANTIC_ID": "S", "CLOSED": True, "MOVED_TIME": portal.now()}
    portal.update("deal", opened[0], **won_now)
    portal.update("deal", opened[1], **won_now | {"STAGE_ID": "LOSE", "STAGE_SEMANTIC_ID": "F"})
    portal.update("deal", opened[2], CATEGORY_ID=1, STAGE_ID="C1:EXECUTING", PROBABILITY=55)
    portal.create("deal", TITLE="Neu", CURRENCY_ID=CURRENCY, OPPORTUNITY=Decimal("1234.56"), UF_CRM_1713790573="Kauf")
    portal.update("company", portal.tables["company"].ids[1], TITLE="Renamed & Co")
    portal.update("lead", portal.tables["lead"].ids[-1], STATUS_ID="JUNK", STATUS_SEMANTIC_ID="F")
    lead = portal.tables["lead"].ids[-2]
    portal.create("activity", OWNER_TYPE_ID=1, OWNER_ID=lead, TYPE_ID=2, PROVIDER_ID="VOXIMPLANT_CALL", DIRECTION=2)
    rows = portal.product_rows("deal", sold[0])
    discounted = {"PRICE": Decimal("90.55"), "PRICE_BRUTTO": Decimal("100.61"), "QUANTITY": Decimal("2.5")}
    portal.set_product_rows("deal", sold[0], [{**rows[0], **discounted}, *rows[1:], {"PRICE": 5, "QUANTITY": 3}])
    if HAS_POSITIONS:
        portal.set_product_rows("deal", sold[1], portal.product_rows("deal", sold[1])[1:])
        portal.set_product_rows("deal", sold[2], [])
    if HAS_DELETIONS:
        portal.delete("deal", won[-1])
        portal.delete("lead", portal.tables["lead"].ids[2])
        portal.delete("activity", portal.tables["activity"].ids[3])
        portal.delete("company", portal.tables["company"].ids[3])


def _there() -> list[str]:
    """The marts whose tables this version has."""
    names = {table.name for table in TABLES}
    needed = {"calls": "calls", "invoices": "smart_invoices"}
    return [mart for mart in MARTS if needed.get(mart, "deals") in names]


def _queries() -> dict[str, str]:
    return {
        name: f"SELECT {', '.join((*MARTS[name].key, *MARTS[name].figures))} FROM analytics.bitrix24__{name}"  # noqa: S608
        for name in _there()
    }


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", _there())
def test_the_figures_of_a_mart_are_those_of_the_portals_rows(built: Built, engine: str, name: str) -> None:
    mart = MARTS[name]
    expected = figures(mart, PortalFigures(built.portal, ZONE, CURRENCY))
    rows = built.marts[engine][name]
    found = {_shown(tuple(row[column] for column in mart.key)): row for row in rows}
    assert len(found) == len(rows)
    assert found.keys() == {_shown(key) for key in expected}
    for key, values in expected.items():
        row = found[_shown(key)]
        for column, value in zip(mart.figures, values, strict=True):
            assert row[column] == _approximate(value), (name, key, column)


@pytest.mark.parametrize("engine", ENGINES)
def test_all_tests_of_the_package_pass_and_none_is_left_out(built: Built, engine: str) -> None:
    (passed, total) = re.findall(r"Done\. PASS=(\d+) WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=(\d+)", built.output[engine])[
        0
    ]
    assert int(passed) == int(total) > 150


@pytest.mark.parametrize("engine", ENGINES)
def test_custom_fields_have_the_names_that_people_know(built: Built, engine: str) -> None:
    columns = built.columns[engine]
    assert [name for _, _, name in FIELDS if name not in columns] == []
    sample = {field.name.lower() for field in built.portal.user_fields["deal"]} - {"uf_crm_1713790583"}
    assert sample.isdisjoint(columns)
    assert len(sample) > 40


@pytest.mark.parametrize("engine", ENGINES)
def test_a_mart_whose_tables_are_not_there_is_disabled(built: Built, engine: str) -> None:
    for mart in set(MARTS) - set(_there()):
        assert f"analytics.bitrix24__{mart} " not in built.output[engine]


def _shown(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value.isoformat() if hasattr(value, "isoformat") else value for value in key)


def _approximate(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return pytest.approx(float(value), abs=0.001)
    return pytest.approx(value, abs=0.00011) if isinstance(value, float) else value
