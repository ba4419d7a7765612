"""Lines on stdout are complete even if the process is paused while it writes."""

import itertools
import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from integration_tests.harness import Connector, records
from integration_tests.test_run import ROOT, command_line, portal_on_a_socket


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_when_the_process_is_paused_while_it_writes_no_line_is_lost_or_cut(tmp_path: Path, unbuffered: str) -> None:
    with portal_on_a_socket(deals=4000) as app:
        connector = Connector(app, tmp_path)
        catalog = connector.catalog(["deals"])
        line = command_line(tmp_path, "read", config={"webhook_url": app.webhook_url}, catalog=catalog)
        environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
        with subprocess.Popen(line, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as process:
            finished = threading.Event()
            pauses = threading.Thread(target=_pause_often, args=(process.pid, finished))
            assert process.stdout
            printed = bytearray()
            for count in itertools.count():
                if count == 1:
                    pauses.start()
                if not (chunk := os.read(process.stdout.fileno(), 20_000)):
                    break
                printed += chunk
            finished.set()
            pauses.join()
        assert process.returncode == 0
        expected = [row["ID"] for row in app.portal.visible("deal")]
    messages = [json.loads(text) for text in printed.decode().splitlines()]
    assert sorted(row["ID"] for row in records(messages, "deals")) == expected


def _pause_often(process: int, finished: threading.Event) -> None:
    while not finished.wait(0.002):
        os.kill(process, signal.SIGSTOP)
        os.kill(process, signal.SIGCONT)
