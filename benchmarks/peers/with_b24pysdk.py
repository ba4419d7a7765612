"""b24pysdk: `call_list_fast` (which `as_list_fast` calls) and `call_batches`.

It supports HTTPS only, and the portal of the benchmark HTTP only, so the scheme of its requests is replaced.
"""

from typing import Any
from urllib.parse import urlsplit

import requests
from b24pysdk import BitrixWebhook  # type: ignore[import-not-found]

from benchmarks.peers.task import Received, Task

_send = requests.Session.send


def _send_by_http(session: requests.Session, request: requests.PreparedRequest, **how: Any) -> requests.Response:
    request.url = (request.url or "").replace("https://", "http://", 1)
    return _send(session, request, **how)


def main() -> None:
    """Read the task."""
    requests.Session.send = _send_by_http  # type: ignore[assignment]
    task, received = Task.from_arguments(), Received()
    url = urlsplit(task.webhook)
    portal = BitrixWebhook(domain=url.netloc, webhook_token=url.path.removeprefix("/rest/"))
    for listing in task.lists:
        received.add(listing.table, portal.call_list_fast(listing.method, listing.parameters())["result"])
    for children in task.per_parent:
        parents = portal.call_list_fast(children.parents.method, children.parents.parameters())["result"]
        commands = {f"id{row['ID']}": (children.method, {"id": row["ID"]}) for row in parents}
        for rows in portal.call_batches(commands)["result"]["result"].values():
            received.add(children.table, rows)
    received.report()


if __name__ == "__main__":
    main()
