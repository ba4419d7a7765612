"""b24api: windows of IDs (`list_batched_no_count`), offsets in batches where those fit better, and `batch`."""

from collections.abc import Iterator
from typing import Any

from b24api import Bitrix24  # type: ignore[import-not-found]

from benchmarks.peers.task import Listing, Received, Task


def rows_of(portal: Bitrix24, one: Listing) -> Iterator[dict[str, Any]]:
    """A list's rows. Windows of IDs take no parameters of a method's own, and are mostly empty under a narrow filter."""
    read = portal.list_batched if one.params or one.narrow else portal.list_batched_no_count
    parameters = {"select": ["*"], **one.parameters()}  # without a selection, windows of IDs fail
    rows: Iterator[dict[str, Any]] = read({"method": one.method, "parameters": parameters})
    return rows


def main() -> None:
    """Read the task."""
    task, received = Task.from_arguments(), Received()
    portal = Bitrix24(webhook_url=task.webhook)
    for one in task.lists:
        received.take(one.table, rows_of(portal, one))
    for each in task.per_parent:
        asked = ({"method": each.method, "parameters": {"id": row["ID"]}} for row in rows_of(portal, each.parents))
        for rows in portal.batch(asked):
            received.take(each.table, rows)
    received.report()


if __name__ == "__main__":
    main()
