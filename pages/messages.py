"""The connector's error messages, each obtained by provoking it against the emulator."""

import json
import logging
from typing import Any

import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.registry import RestError
from emulator.store import sample_portal
from integration_tests.failure_cases import GOOD_URL, MISTAKES, REFUSALS
from source_bitrix24.source import SourceBitrix24

_GOOD_SETTINGS = {"webhook_url": GOOD_URL}


def refusals() -> str:
    """A line for each refusal of a portal: its answer, and the message of `check`."""
    lines = ["| what is wrong | the portal answers | message |", "| --- | --- | --- |"]
    for refusal in REFUSALS:
        app = App(sample_portal(PlayedClock(), deals=1))
        app.webhook.refusal = RestError(refusal.code, refusal.text, refusal.status)
        answer = (
            f"{refusal.status} `{refusal.code}` {refusal.text}" if refusal.code else f"{refusal.status} {refusal.text}"
        )
        lines.append(f"| {refusal.case} | {answer} | {message_of(app, _GOOD_SETTINGS)} |")
    return "\n".join(lines)


def mistakes() -> str:
    """A line for each unusable setting: the setting, and the message of `check`."""
    lines = ["| mistake | setting | message |", "| --- | --- | --- |"]
    app = App(sample_portal(PlayedClock(), deals=1))
    for mistake in MISTAKES:
        lines.append(f"| {mistake.case} | {_setting(mistake.settings)} | {message_of(app, mistake.settings)} |")
    return "\n".join(lines)


def message_of(app: App, settings: dict[str, Any]) -> str:
    """The message of `check` for these settings, as a cell of a table. Raises AssertionError if `check` succeeds."""
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    source = SourceBitrix24(app.portal.clock, session)
    succeeded, message = source.check_connection(logging.getLogger("pages"), settings)
    assert not succeeded
    return str(message).replace("|", "\\|")


def _setting(settings: dict[str, Any]) -> str:
    """The wrong setting: the one beside the good URL, or the URL itself. The sample token is replaced."""
    shown = {name: value for name, value in settings.items() if value != GOOD_URL}
    text = json.dumps(shown, ensure_ascii=False).replace("emu1ator", "abcdefgh").replace("0webh00k", "12345678")
    return f"`{text}`"
