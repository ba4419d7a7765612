import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator.__main__ import app_of, arguments
from emulator.app import SAMPLE_TOKEN
from emulator.limits import BatchAccount
from emulator.store import Portal

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def begin(*words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "emulator", "--port", "0", "--deals", "5", "--end-after", "60", *words]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ask(url: str, method: str) -> dict[str, Any]:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc, timeout=20)
    connection.request("GET", where.path + method)
    told: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return told


def test_it_prints_its_address_answers_there_and_ends_when_told_to(start: Start) -> None:
    process = start("-v", "--leads", "3", "--holes", "0", "--token", "t0ken")
    words, _, url = line(process).rpartition(" ")
    assert words == "The portal's webhook:"
    assert (urlsplit(url).hostname, urlsplit(url).path) == ("127.0.0.1", "/rest/1/t0ken/")
    told = ask(url, "crm.lead.list?select[]=ID&order[ID]=ASC&start=-1")
    assert told["result"] == [{"ID": "1"}, {"ID": "2"}, {"ID": "3"}]
    assert line(process) == "crm.lead.list: crm.lead.list: 200, 3 rows, 0 ms"
    assert ask(url, "batch?cmd[a]=scope&cmd[b]=scope&cmd[c]=profile")["result"]["result"]["a"] == ["crm"]
    assert line(process) == "batch: scope × 2, profile: 200, 0 rows, 0 ms"
    process.send_signal(signal.SIGTERM)
    assert (process.wait(timeout=20), line(process)) == (0, "")


def test_it_keeps_quiet_unless_asked_to_talk_and_ends_at_an_interrupt(start: Start) -> None:
    process = start()
    url = line(process).rpartition(" ")[2]
    assert ask(url, "scope")["result"] == ["crm"]
    process.send_signal(signal.SIGINT)
    assert (process.wait(timeout=20), line(process)) == (0, "")


def test_the_portal_is_as_large_and_as_slow_as_it_was_asked_to_be() -> None:
    words = "--deals 10 --leads 1 --contacts 2 --companies 3 --quotes 4 --activities 5 --products 6 --zone Asia/Tokyo"
    words += " --request-ms 1 --command-ms 2 --page-ms 3 --count-ms 4 --offset-ms 5 --rate 7 --burst 8 --operating 9"
    app = app_of(arguments().parse_args([*words.split(), "--token", "t", "--skew", "-7200"]))
    sizes = {name: len(table) - len(table.edited) for name, table in app.portal.tables.items()}
    assert sizes == {
        "deal": 10,
        "lead": 1,
        "contact": 2,
        "company": 3,
        "quote": 4,
        "activity": 5,
        "product": 6,
        "catalog": 2,
        "stage_history": 30,
    }
    latency, bucket, operating = app.limits.latency, app.limits.bucket, app.limits.operating
    told = [latency.request, latency.command, latency.page, latency.count, latency.offset_1000]
    assert told == [0.001, 0.002, 0.003, 0.004, 0.005]
    assert (bucket.per_second, bucket.burst, bucket.enabled, operating.limit, operating.kept) == (7, 8, True, 9, True)
    assert (app.webhook.token, str(app.portal.wire.zone)) == ("t", "Asia/Tokyo")
    assert app.portal.clock.now() + 3600 < app_of(arguments().parse_args(["--deals", "1"])).portal.clock.now()


def test_what_is_not_said_is_as_in_the_cloud() -> None:
    app = app_of(arguments().parse_args([]))
    bucket, operating = app.limits.bucket, app.limits.operating
    assert (len(app.portal.tables["deal"]), len(app.portal.tables["lead"])) == (1001, 1000)
    assert (bucket.per_second, bucket.burst, bucket.enabled, operating.limit, operating.kept) == (
        2,
        50,
        True,
        480,
        True,
    )
    assert app.webhook_url == f"https://portal.test/rest/1/{SAMPLE_TOKEN}/"


def test_workers_the_network_and_the_account_of_batches_can_be_chosen() -> None:
    words = "--deals 1 --workers 6 --cores 2 --network-ms 40 --batch-account batch"
    limits = app_of(arguments().parse_args(words.split())).limits
    assert (limits.workers.count, limits.workers.cores, limits.latency.network) == (6, 2, 0.04)
    assert limits.operating.batch_account is BatchAccount.BATCH
    limits = app_of(arguments().parse_args(["--deals", "1"])).limits
    assert (limits.workers.count, limits.workers.cores, limits.latency.network) == (None, None, 0)
    assert limits.operating.batch_account is BatchAccount.METHOD


def test_options_apply_to_a_portal_that_is_there_already(portal: Portal) -> None:
    app = app_of(arguments().parse_args(["--rate", "5"]), portal)
    assert (app.portal, app.limits.bucket.per_second, app.limits.clock) == (portal, 5, portal.clock)


def test_limits_can_be_taken_away() -> None:
    limits = app_of(arguments().parse_args(["--no-limits", "--deals", "1"])).limits
    assert (limits.bucket.enabled, limits.operating.kept) == (False, False)
