"""What users are told, obtained by making every mistake and every refusal happen against the emulator."""

import json
import logging
from typing import Any

import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.registry import RestError
from emulator.store import sample_portal
from integration_tests.cases import GOOD_URL, MISTAKES, REFUSALS
from source_bitrix24.source import SourceBitrix24

from .quiet import quiet

_SHOWN_SETTING = {"webhook_url": GOOD_URL}


def refusals() -> str:
    """A line for each way a portal refuses: what it answers, and the sentence of `check`."""
    lines = ["| what is wrong | the portal answers | message |", "| --- | --- | --- |"]
    for refusal in REFUSALS:
        app = App(sample_portal(PlayedClock(), deals=1))
        app.webhook.refusal = RestError(refusal.code, refusal.text, refusal.status)
        answer = (
            f"{refusal.status} `{refusal.code}` {refusal.text}" if refusal.code else f"{refusal.status} {refusal.text}"
        )
        lines.append(f"| {refusal.case} | {answer} | {sentence(app, _SHOWN_SETTING)} |")
    return "\n".join(lines)


def mistakes() -> str:
    """A line for each setting that cannot be used: the setting, and the sentence of `check`."""
    lines = ["| mistake | setting | message |", "| --- | --- | --- |"]
    app = App(sample_portal(PlayedClock(), deals=1))
    for mistake in MISTAKES:
        lines.append(f"| {mistake.case} | {_setting(mistake.settings)} | {sentence(app, mistake.settings)} |")
    return "\n".join(lines)


def sentence(app: App, settings: dict[str, Any]) -> str:
    """What `check` says of these settings, fit for a cell of a table. Raises AssertionError where it finds nothing wrong."""
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    source = SourceBitrix24(app.portal.clock, session)
    with quiet():
        good, told = source.check_connection(logging.getLogger("pages"), settings)
    assert not good
    return str(told).replace("|", "\\|")


def _setting(settings: dict[str, Any]) -> str:
    """The setting that is wrong: the one beside the good URL, or the URL. The sample token is left out."""
    shown = {name: value for name, value in settings.items() if value != GOOD_URL}
    text = json.dumps(shown, ensure_ascii=False).replace("emu1ator", "abcdefgh").replace("0webh00k", "12345678")
    return f"`{text}`"
