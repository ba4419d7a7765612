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
    body: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return body


def test_it_prints_its_address_answers_requests_and_stops_at_sigterm(start: Start) -> None:
    process = start("-v", "--leads", "3", "--holes", "0", "--token", "t0ken")
    words, _, url = line(process).rpartition(" ")
    assert words == "The portal's webhook:"
    assert (urlsplit(url).hostname, urlsplit(url).path) == ("127.0.0.1", "/rest/1/t0ken/")
    body = ask(url, "crm.lead.list?select[]=ID&order[ID]=ASC&start=-1")
    assert body["result"] == [{"ID": "1"}, {"ID": "2"}, {"ID": "3"}]
    assert line(process) == "crm.lead.list: crm.lead.list: 200, 3 rows, 0 ms"
    scopes = ask(url, "batch?cmd[a]=scope&cmd[b]=scope&cmd[c]=profile")["result"]["result"]["a"]
    assert scopes == ["crm", "department", "task", "telephony", "user"]
    assert line(process) == "batch: scope × 2, profile: 200, 0 rows, 0 ms"
    process.send_signal(signal.SIGTERM)
    assert (process.wait(timeout=20), line(process)) == (0, "")


def test_it_prints_no_requests_unless_verbose_and_stops_at_sigint(start: Start) -> None:
    process = start()
    url = line(process).rpartition(" ")[2]
    assert ask(url, "scope")["result"] == ["crm", "department", "task", "telephony", "user"]
    process.send_signal(signal.SIGINT)
    assert (process.wait(timeout=20), line(process)) == (0, "")


def test_sizes_and_times_come_from_the_options() -> None:
    words = "--deals 10 --leads 1 --contacts 2 --companies 3 --quotes 4 --activities 5 --products 6 --zone Asia/Tokyo"
    words += " --request-ms 1 --command-ms 2 --page-ms 3 --count-ms 4 --offset-ms 5 --rate 7 --burst 8 --operating 9"
    app = app_of(arguments().parse_args([*words.split(), "--token", "t", "--skew", "-7200"]))
    sizes = {name: len(table) - len(table.edited) for name, table in app.portal.tables.items()}
    assert 10 < sizes.pop("stage_history") < 4 * 10
    assert sizes.pop("lead_history") in (1, 2)
    assert sizes == {
        "deal": 10,
        "lead": 1,
        "contact": 2,
        "company": 3,
        "quote": 4,
        "activity": 5,
        "product": 6,
        "catalog": 2,
        "user": 30,
        "call": 5,
        "task": 3,
        "requisite": 2,
        "item_31": 3,
        "item_130": 40,
        "item_1030": 2,
        "item_1036": 1,
    }
    latency, bucket, operating = app.limits.latency, app.limits.bucket, app.limits.operating
    body = [latency.request, latency.command, latency.page, latency.count, latency.offset_1000]
    assert body == [0.001, 0.002, 0.003, 0.004, 0.005]
    assert (bucket.per_second, bucket.burst, bucket.enabled, operating.limit, operating.kept) == (7, 8, True, 9, True)
    assert (app.webhook.token, str(app.portal.wire.zone)) == ("t", "Asia/Tokyo")
    assert app.portal.clock.now() + 3600 < app_of(arguments().parse_args(["--deals", "1"])).portal.clock.now()


def test_the_defaults_are_those_of_the_cloud() -> None:
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


def test_workers_network_and_batch_account_come_from_the_options() -> None:
    words = "--deals 1 --workers 6 --cores 2 --network-ms 40 --batch-account batch"
    limits = app_of(arguments().parse_args(words.split())).limits
    assert (limits.workers.count, limits.workers.cores, limits.latency.network) == (6, 2, 0.04)
    assert limits.operating.batch_account is BatchAccount.BATCH
    limits = app_of(arguments().parse_args(["--deals", "1"])).limits
    assert (limits.workers.count, limits.workers.cores, limits.latency.network) == (None, None, 0)
    assert limits.operating.batch_account is BatchAccount.METHOD


def test_options_apply_to_a_given_portal(portal: Portal) -> None:
    app = app_of(arguments().parse_args(["--rate", "5"]), portal)
    assert (app.portal, app.limits.bucket.per_second, app.limits.clock) == (portal, 5, portal.clock)


def test_limits_can_be_switched_off() -> None:
    limits = app_of(arguments().parse_args(["--no-limits", "--deals", "1"])).limits
    assert (limits.bucket.enabled, limits.operating.kept) == (False, False)
