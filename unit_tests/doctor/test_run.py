"""The program `source-bitrix24-doctor`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demo.patient import patient
from emulator.registry import RestError
from source_bitrix24.doctor.run import run
from unit_tests.mounted import session_of


def run_on(folder: Path, *arguments: str, **variables: str) -> None:
    app = patient()
    run([*arguments, "--folder", str(folder)], variables, app.portal.clock, session_of(app))


def test_the_page_is_printed_and_written_beside_the_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_on(tmp_path / "new", patient().webhook_url)
    printed = capsys.readouterr()
    assert (tmp_path / "new" / "doctor.md").read_text() == printed.out
    assert json.loads((tmp_path / "new" / "doctor.json").read_text())["administrator"] is True
    assert "by reading only" in printed.err
    assert "emu1ator" not in printed.out + printed.err


def test_the_address_can_come_from_the_environment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_on(tmp_path, WEBHOOK_URL=patient().webhook_url)
    assert "# Your portal" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "Give the address of an inbound webhook"),
        ("https://portal.test/crm/", "In this one, after the portal's name"),
    ],
)
def test_an_address_that_is_none_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str, words: str
) -> None:
    with pytest.raises(SystemExit) as end:
        run_on(tmp_path, *([address] if address else []))
    assert end.value.code == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_webhook_that_is_not_accepted_ends_with_the_sentence_of_the_connector(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = patient()
    app.webhook.refusal = RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)
    with pytest.raises(SystemExit) as end:
        run([app.webhook_url, "--folder", str(tmp_path)], {}, app.portal.clock, session_of(app))
    assert end.value.code == 1
    assert "Bitrix24 does not accept this webhook" in capsys.readouterr().err


def test_the_program_starts_without_airbyte() -> None:
    program = "import sys, source_bitrix24.doctor.run; print('airbyte_cdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
