"""A reader that knows no limits: eight threads ask as fast as they can, and ask again at once when they are refused.

It prints its counts every half second, since it is ended from outside.
"""

import json
import threading
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.peers.task import Listing, Received, Task

PAGE, THREADS = 50, 8


def main(pages: int = 1) -> None:
    """Read the task's first list in windows of IDs, `pages` pages a request, until it is ended."""
    task, received = Task.from_arguments(), Received()
    windows, lock = count(), threading.Lock()

    def work() -> None:
        url = urlsplit(task.webhook)
        connection = HTTPConnection(url.netloc)
        while True:
            with lock:
                first = next(windows) * pages
            while (rows := _asked(connection, url.path, task.lists[0], first, pages)) is None:
                pass
            with lock:
                received.take(task.lists[0].table, rows)

    for _ in range(THREADS):
        threading.Thread(target=work, daemon=True).start()
    while True:
        time.sleep(0.5)
        with lock:
            received.report()


def _asked(
    connection: HTTPConnection, path: str, listing: Listing, first: int, pages: int
) -> list[Mapping[str, Any]] | None:
    commands = {f"p{page}": f"{listing.method}?{_query(listing, first + page)}" for page in range(pages)}
    body = json.dumps({"cmd": commands})
    connection.request("POST", f"{path}batch", body, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    if "result" not in answer:
        return None
    result = answer["result"]["result"]
    return [row for rows in (result.values() if isinstance(result, dict) else result) for row in rows]


def _query(listing: Listing, page: int) -> str:
    told = {"order[ID]": "ASC", "filter[>ID]": page * PAGE, "filter[<=ID]": (page + 1) * PAGE, "start": -1}
    return urlencode({**told, "select[]": listing.select}, doseq=True)


if __name__ == "__main__":
    main()
