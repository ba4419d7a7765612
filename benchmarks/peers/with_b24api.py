"""b24api: ranges of IDs (`list_batched_no_count`), batches of offsets where they fit better, and `batch`."""

from collections.abc import Iterator
from typing import Any

from b24api import Bitrix24  # type: ignore[import-not-found]

from benchmarks.peers.task import Listing, Received, Task


def rows_of(portal: Bitrix24, listing: Listing) -> Iterator[dict[str, Any]]:
    """A list's rows. Ranges of IDs allow no other parameters, and are mostly empty under a narrow filter."""
    read = portal.list_batched if listing.params or listing.narrow else portal.list_batched_no_count
    parameters = {"select": ["*"], **listing.parameters()}  # ranges of IDs fail without a selection
    rows: Iterator[dict[str, Any]] = read({"method": listing.method, "parameters": parameters})
    return rows


def main() -> None:
    """Read the task."""
    task, received = Task.from_arguments(), Received()
    portal = Bitrix24(webhook_url=task.webhook)
    for listing in task.lists:
        received.add(listing.table, rows_of(portal, listing))
    for children in task.per_parent:
        parents = rows_of(portal, children.parents)
        commands = ({"method": children.method, "parameters": {"id": row["ID"]}} for row in parents)
        for rows in portal.batch(commands):
            received.add(children.table, rows)
    received.report()


if __name__ == "__main__":
    main()
