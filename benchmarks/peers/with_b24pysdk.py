"""b24pysdk: `call_list_fast` (what `as_list_fast` calls) and `call_batches`.

It always speaks HTTPS; the portal of the benchmark speaks HTTP, so its requests are sent on with another scheme.
"""

from typing import Any
from urllib.parse import urlsplit

import requests
from b24pysdk import BitrixWebhook  # type: ignore[import-not-found]

from benchmarks.peers.task import Received, Task

_send = requests.Session.send


def _send_in_the_clear(session: requests.Session, request: requests.PreparedRequest, **how: Any) -> requests.Response:
    request.url = (request.url or "").replace("https://", "http://", 1)
    return _send(session, request, **how)


def main() -> None:
    """Read the task."""
    requests.Session.send = _send_in_the_clear  # type: ignore[assignment]
    task, received = Task.from_arguments(), Received()
    url = urlsplit(task.webhook)
    portal = BitrixWebhook(domain=url.netloc, webhook_token=url.path.removeprefix("/rest/"))
    for one in task.lists:
        received.take(one.table, portal.call_list_fast(one.method, one.parameters())["result"])
    for each in task.per_parent:
        parents = portal.call_list_fast(each.parents.method, each.parents.parameters())["result"]
        asked = {f"id{row['ID']}": (each.method, {"id": row["ID"]}) for row in parents}
        for rows in portal.call_batches(asked)["result"]["result"].values():
            received.take(each.table, rows)
    received.report()


if __name__ == "__main__":
    main()
