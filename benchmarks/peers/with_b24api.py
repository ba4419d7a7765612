"""b24api: ranges of IDs (`iter_list_keyset`), batches of offsets under a narrow filter, and `batch`.

Ranges are asked for: left to choose, it takes chains of pages, which need 61 requests instead of 7 for 10,000 rows, and
larger reads are rejected again and again. More than one batch in flight (`fan_out`) is rejected and slower, too. It may
retry for an hour: its default of 30 s a request would end a read that waits for operating time.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from b24api import (  # type: ignore[import-not-found]
    Bitrix24,
    ExecutionPolicy,
    IdentityCoercion,
    IdentitySpec,
    ReplaySafety,
    Request,
    ResultSelector,
)
from b24api.contracts import (  # type: ignore[import-not-found]
    Command,
    KeysetPageCompletion,
    RangeKeysetExecution,
    StableIntegerKeysetContract,
)

from benchmarks.peers.task import Listing, PerParent, Received, Task

_HOUR = 3600.0
_MANY = 10**7
_POLICY = ExecutionPolicy(
    max_requests=_MANY,
    max_pages=_MANY,
    max_elapsed=_HOUR,
    max_identity_keys=_MANY,
    max_attempts_per_request=1000,
    max_retry_elapsed_per_request=_HOUR,
)
_SHORT_PAGES_END = StableIntegerKeysetContract(KeysetPageCompletion.SHORT_PAGE_EXHAUSTS, endpoint_page_cap=50)


def _coercion(listing: Listing) -> Any:
    return IdentityCoercion.EXACT_INTEGER if listing.items else IdentityCoercion.DECIMAL_STRING_INTEGER


def rows_of(portal: Any, listing: Listing) -> Any:
    """A stream of a list's rows."""
    identity = IdentitySpec(("ID",), "ID", "ID", _coercion(listing))
    selector = ResultSelector(("items",)) if listing.items else ResultSelector.root()
    request = Request.bare(listing.method, listing.parameters(), ReplaySafety.SAFE)
    if listing.narrow:
        return portal.iter_list_counted(request, selector=selector, identity=identity)
    execution = RangeKeysetExecution(_SHORT_PAGES_END)
    return portal.iter_list_keyset(request, selector=selector, identity=identity, execution=execution)


async def commands_of(portal: Any, children: PerParent) -> AsyncIterator[Any]:
    """A command for each parent."""
    async for row in rows_of(portal, children.parents):
        yield Command(Request.bare(children.method, {"id": row["ID"]}, ReplaySafety.SAFE), None)


async def read(task: Task) -> Received:
    """Read the task."""
    received = Received()
    async with Bitrix24.from_webhook(task.webhook, policy=_POLICY) as portal:
        for listing in task.lists:
            async for row in rows_of(portal, listing):
                received.add(listing.table, (row,))
        for children in task.per_parent:
            async for outcome in portal.batch(commands_of(portal, children)):
                received.add(children.table, outcome.result)
    return received


if __name__ == "__main__":
    asyncio.run(read(Task.from_arguments())).report()
