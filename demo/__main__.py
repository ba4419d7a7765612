"""The steps of the demo: spec, check, discover, a first read, edits in the portal, an incremental read."""

import argparse
import json
from pathlib import Path
from typing import Any

from .connector import DemoConnector, ReadResult
from .portal import DemoPortal, running_portal

_DELETED_AT = "_ab_cdc_deleted_at"
_SHOWN_COLUMNS = (
    "ID",
    "TITLE",
    "NAME",
    "LAST_NAME",
    "OWNER_ID",
    "PRODUCT_NAME",
    "FIELD_NAME",
    "FIELD_LABEL",
    "VALUE",
    "LABELS",
    "STAGE_ID",
    "OPPORTUNITY",
    "PRICE",
    "QUANTITY",
    "DATE_MODIFY",
    _DELETED_AT,
)
# one row of each is shown after the first read
_SAMPLE_STREAMS = ("deals", "contacts", "deal_products", "deal_custom_field_values")
_TABLES_WITH_GONE_ROWS = ("deals", "deal_products", "contact_companies")
_VALUES_SUFFIX = "_custom_field_values"


def main() -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="Runs every command of the connector against the bundled portal."
    )
    parser.add_argument("--deals", type=int, default=500, help="number of deals of the sample company")
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="folder of the settings and the output")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with running_portal(options.deals) as portal:
        print(f"A Bitrix24 portal with {options.deals:,} deals runs on this machine. Its webhook: {portal.webhook_url}")
        _run(portal, DemoConnector(options.folder, {"webhook_url": portal.webhook_url}))
    print(f"\nThe complete output is in {options.folder}/first_read.jsonl and {options.folder}/second_read.jsonl.")
    print(
        "Next: make sync reads a portal into a DuckDB file and queries it; README.md says how to read your own portal."
    )


def _run(portal: DemoPortal, connector: DemoConnector) -> None:
    (spec,) = _of_type(connector.run("spec"), "SPEC")
    settings = spec["spec"]["connectionSpecification"]["properties"]
    for name, setting in settings.items():
        print(f"  {name:22}{setting['title']}{'' if name != 'webhook_url' else ' (required, secret)'}")

    (status,) = _of_type(connector.run("check", "config"), "CONNECTION_STATUS")
    print(f"  {status['connectionStatus']['status']}")

    (catalog,) = _of_type(connector.run("discover", "config"), "CATALOG")
    streams = catalog["catalog"]["streams"]
    for stream in streams:
        columns = stream["json_schema"]["properties"]
        custom = sum(name.startswith("UF_") for name in columns)
        print(f"  {stream['name']:32}{len(columns):4} columns" + (f", {custom} of them custom" if custom else ""))
    connector.write("catalog", {"streams": [_configured(stream) for stream in streams]})

    portal.reset()
    first = ReadResult(connector.run("read", "config", "catalog", save_as="first_read.jsonl"))
    print(first.summary(portal.request_times()))
    print("\nSome of the rows, a few columns of each:")
    for name in _SAMPLE_STREAMS:
        _print_row(name, _first_filled(first.rows[name]))
    connector.write("state", list(first.states.values()))

    print("\nUsers of the portal now change some records:")
    edits = _edits(first)
    for edit in edits:
        what = (str(edit[name]) for name in ("do", "name", "number", "owner", "contact", "company") if name in edit)
        print(" ", *what, edit.get("values") or edit.get("rows") or "")
    portal.edit(edits)

    portal.reset()
    second = ReadResult(connector.run("read", "config", "catalog", "state", save_as="second_read.jsonl"))
    print(second.summary(portal.request_times()))
    _print_changes(second, [stream["name"] for stream in streams if stream.get("source_defined_cursor")])
    keys = {stream["name"]: [path[0] for path in stream["source_defined_primary_key"]] for stream in streams}
    for name in _TABLES_WITH_GONE_ROWS:
        _print_gone(name, keys[name], [*first.rows[name], *second.rows.get(name, [])])


def _edits(result: ReadResult) -> list[dict[str, Any]]:
    company = result.rows["companies"][2]["ID"]
    deal = next(row["OWNER_ID"] for row in result.rows["deal_products"] if row["POSITION"] == 3)
    deleted = next(row["ID"] for row in result.rows["deals"][4:] if row["ID"] != deal)
    contact, linked = (result.rows["contact_companies"][2][name] for name in ("CONTACT_ID", "COMPANY_ID"))
    renamed = {"TITLE": "Renamed while nobody looked", "OPPORTUNITY": "9900.50"}
    fee = {"PRODUCT_NAME": "Setup fee", "PRICE": "250", "QUANTITY": "2"}
    return [
        {"do": "set_product_rows", "name": "deal", "owner": deal, "rows": [fee]},
        {"do": "update", "name": "deal", "number": deal, "values": renamed},
        {"do": "create", "name": "deal", "values": {"TITLE": "A brand-new deal", "CURRENCY_ID": "EUR"}},
        {"do": "update", "name": "contact", "number": contact, "values": {"NAME": "Łucja", "LAST_NAME": "Zając"}},
        {"do": "unlink_company", "contact": contact, "company": linked},
        {"do": "update", "name": "company", "number": company, "values": {"TITLE": "株式会社サンプル"}},
        {"do": "delete", "name": "deal", "number": deleted},
    ]


def _print_changes(result: ReadResult, incremental: list[str]) -> None:
    print("\nRows of the second read, without the tables that have no cursor and are always read in full:")
    for name in incremental:
        rows = result.rows.get(name, [])
        for row in rows[:1] if name.endswith(_VALUES_SUFFIX) else rows:
            _print_row(name, row)
        if name.endswith(_VALUES_SUFFIX) and len(rows) > 1:
            print(f"  {name}: … and {len(rows) - 1} more rows of the changed records")


def _print_gone(name: str, key: list[str], rows: list[dict[str, Any]]) -> None:
    """Merge the rows of both reads as a destination does, and show which are gone."""
    copy = {tuple(row[column] for column in key): row for row in rows}
    gone = [row for row in copy.values() if _DELETED_AT in row]
    print(f"\nGone from the portal, so a destination deletes them and keeps {len(copy) - len(gone)} rows of {name}:")
    for row in gone:
        print("  " + ", ".join(f"{column}={row[column]}" for column in (*key, _DELETED_AT)))


def _print_row(name: str, row: dict[str, Any]) -> None:
    print(f"  {name}: " + ", ".join(f"{column}={_text(row[column])}" for column in _SHOWN_COLUMNS if column in row))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)


def _first_filled(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the first row whose value has a label; otherwise the first row."""
    return next((row for row in rows if row.get("LABELS")), rows[0])


def _configured(stream: dict[str, Any]) -> dict[str, Any]:
    mode = "incremental" if "incremental" in stream["supported_sync_modes"] else "full_refresh"
    return {"stream": stream, "sync_mode": mode, "destination_sync_mode": "append_dedup"}


def _of_type(messages: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [message for message in messages if message["type"] == kind]


if __name__ == "__main__":
    main()
