"""The steps of the demo: spec, check, discover, a first read, edits in the portal, an incremental read."""

import argparse
from pathlib import Path
from typing import Any

from .connector import DemoConnector, Reading
from .portal import DemoPortal, running_portal

_SHOWN = (
    "ID",
    "TITLE",
    "NAME",
    "LAST_NAME",
    "PRODUCT_NAME",
    "FIELD_NAME",
    "STAGE_ID",
    "OPPORTUNITY",
    "PRICE",
    "DATE_MODIFY",
)
_OF_VALUES = "_custom_field_values"


def main() -> None:
    """Show the whole job."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="The whole job against the bundled portal.")
    parser.add_argument("--deals", type=int, default=500, help="size of the sample company")
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="where files and rows are kept")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with running_portal(asked.deals) as portal:
        print(f"A Bitrix24 portal of {asked.deals:,} deals runs on this machine. Its webhook: {portal.webhook_url}")
        _show(portal, DemoConnector(asked.folder, {"webhook_url": portal.webhook_url}))
    print(
        f"\nEverything the connector printed is in {asked.folder}/first_read.jsonl and {asked.folder}/second_read.jsonl."
    )


def _show(portal: DemoPortal, connector: DemoConnector) -> None:
    (spec,) = _of_type(connector.run("spec"), "SPEC")
    settings = spec["spec"]["connectionSpecification"]["properties"]
    for name, told in settings.items():
        print(f"  {name:22}{told['title']}{'' if name != 'webhook_url' else ' (required, secret)'}")

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
    first = Reading(connector.run("read", "config", "catalog", keep_as="first_read.jsonl"))
    print(first.table(portal.request_times()))
    connector.write("state", list(first.states.values()))

    print("\nMeanwhile, in the portal, people work:")
    edits = _edits(first)
    for edit in edits:
        whom = edit.get("number") or edit.get("owner") or ""
        print(f"  {edit['do']} {edit['name']} {whom}".rstrip(), edit.get("values") or edit["rows"])
    portal.edit(edits)

    portal.reset()
    second = Reading(connector.run("read", "config", "catalog", "state", keep_as="second_read.jsonl"))
    print(second.table(portal.request_times()))
    _show_rows(second, [stream["name"] for stream in streams if stream.get("source_defined_cursor")])


def _edits(reading: Reading) -> list[dict[str, Any]]:
    deal, contact, company = (reading.rows[name][2]["ID"] for name in ("deals", "contacts", "companies"))
    renamed = {"TITLE": "Renamed while nobody looked", "OPPORTUNITY": "9900.50"}
    fee = {"PRODUCT_NAME": "Setup fee", "PRICE": "250", "QUANTITY": "2"}
    return [
        {"do": "set_product_rows", "name": "deal", "owner": deal, "rows": [fee]},
        {"do": "update", "name": "deal", "number": deal, "values": renamed},
        {"do": "create", "name": "deal", "values": {"TITLE": "A brand-new deal", "CURRENCY_ID": "EUR"}},
        {"do": "update", "name": "contact", "number": contact, "values": {"NAME": "Łucja", "LAST_NAME": "Zając"}},
        {"do": "update", "name": "company", "number": company, "values": {"TITLE": "株式会社サンプル"}},
    ]


def _show_rows(reading: Reading, incremental: list[str]) -> None:
    print("\nThe rows the second read brought (tables without a cursor always come whole and are left out here):")
    for name in incremental:
        rows = reading.rows.get(name, [])
        for row in rows[:1] if name.endswith(_OF_VALUES) else rows:
            print(
                f"  {name}: " + ", ".join(f"{column}={row[column]}" for column in _SHOWN if row.get(column) is not None)
            )
        if name.endswith(_OF_VALUES) and len(rows) > 1:
            print(f"  {name}: … and {len(rows) - 1} more fields of the same records")


def _configured(stream: dict[str, Any]) -> dict[str, Any]:
    mode = "incremental" if "incremental" in stream["supported_sync_modes"] else "full_refresh"
    return {"stream": stream, "sync_mode": mode, "destination_sync_mode": "append_dedup"}


def _of_type(messages: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [message for message in messages if message["type"] == kind]


if __name__ == "__main__":
    main()
