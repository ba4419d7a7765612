"""fast_bitrix24: `get_all` with its defaults, and `get_by_ID` with one request in flight."""

from fast_bitrix24 import Bitrix  # type: ignore[import-not-found]

from benchmarks.peers.task import Received, Task


def main() -> None:
    """Read the task."""
    task, received = Task.from_arguments(), Received()
    portal = Bitrix(task.webhook, verbose=False)
    for listing in task.lists:
        received.add(listing.table, portal.get_all(listing.method, listing.parameters()))
    for children in task.per_parent:
        parents = [row["ID"] for row in portal.get_all(children.parents.method, children.parents.parameters())]
        # with 50 requests in flight it is rejected ten times in a row after the burst, and fails
        with portal.slow(max_concurrent_requests=1):
            sets = portal.get_by_ID(children.method, parents, "id")
        for rows in sets.values():
            received.add(children.table, rows)
    received.report()


if __name__ == "__main__":
    main()
