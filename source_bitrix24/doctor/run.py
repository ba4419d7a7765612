"""The program `source-bitrix24-doctor`: examines a portal, prints what it found, and writes it into two files."""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import requests

from ..portal.clock import Clock, SystemClock
from ..portal.errors import PortalError
from ..portal.webhook import NotAWebhook, Webhook
from ..sentences import sentence_of
from .examination import examination
from .report import as_json, as_markdown

_VARIABLE = "WEBHOOK_URL"
_WHERE = "Give the address of an inbound webhook: Bitrix24, Developer resources > Other > Inbound webhook."
_FAILED, _MISUSED = 1, 2


def run(
    arguments: Sequence[str] | None = None,
    variables: Mapping[str, str] = os.environ,
    clock: Clock | None = None,
    session: requests.Session | None = None,
) -> None:
    """Examine the portal of a webhook. Raises SystemExit with a sentence if nothing can be found out."""
    options = _parser().parse_args(arguments)
    address = options.webhook_url or variables.get(_VARIABLE, "")
    try:
        webhook = Webhook.parse(address)
    except NotAWebhook as problem:
        _end(_MISUSED, f"{_WHERE} {f'In this one, {problem}.' if address else ''}".rstrip())
    _say("Examining the portal, by reading only: at most 80 requests and two minutes. Ctrl-C ends it at any time.")
    try:
        found = examination(webhook, clock or SystemClock(), session, options.language)
    except PortalError as error:
        _end(_FAILED, sentence_of(error))
    report = as_json(found)
    page = as_markdown(report)
    sys.stdout.write(page)
    options.folder.mkdir(parents=True, exist_ok=True)
    files = options.folder / "doctor.json", options.folder / "doctor.md"
    files[0].write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    files[1].write_text(page, encoding="utf-8")
    _say(f"The same is in {files[0]} and {files[1]}: without the webhook, the host, or anything from the records.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="source-bitrix24-doctor",
        description="Measures a Bitrix24 portal without changing it: what a sync will be like, and what differs there.",
    )
    parser.add_argument("webhook_url", nargs="?", help=f"address of an inbound webhook; by default ${_VARIABLE}")
    parser.add_argument("--folder", type=Path, default=Path(), help="where doctor.json and doctor.md are written")
    parser.add_argument("--language", default="en", help="two letters: the language of labels to look for")
    return parser


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _end(code: int, text: str) -> NoReturn:
    _say(text)
    raise SystemExit(code)


if __name__ == "__main__":
    run()
