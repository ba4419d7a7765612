"""fast_bitrix24: `get_all` as it is set up, and `get_by_ID` one request after the other."""

from fast_bitrix24 import Bitrix  # type: ignore[import-not-found]

from benchmarks.peers.task import Received, Task


def main() -> None:
    """Read the task."""
    task, received = Task.from_arguments(), Received()
    portal = Bitrix(task.webhook, verbose=False)
    for one in task.lists:
        received.take(one.table, portal.get_all(one.method, one.parameters()))
    for each in task.per_parent:
        parents = [row["ID"] for row in portal.get_all(each.parents.method, each.parents.parameters())]
        # with 50 requests in flight it is refused ten times in a row past the burst, and gives up
        with portal.slow(max_concurrent_requests=1):
            sets = portal.get_by_ID(each.method, parents, "id")
        for rows in sets.values():
            received.take(each.table, rows)
    received.report()


if __name__ == "__main__":
    main()
