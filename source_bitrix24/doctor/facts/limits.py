"""Facts of operating time: what a batch is charged to, and what the answers say of it (P7)."""

from collections.abc import Mapping
from typing import Any

from ..fact import Alone, Asking, Direct, Reply, fact, judged, untold
from ..known import Known

_FREE = 0.1  # seconds of a method in a request that are not charged (P7.4)
_PAGES = 8
_NO_ACCOUNT = "the portal keeps no account of operating time"
_TOO_FAST = "the portal answers too fast to be charged"


@fact(
    "P7.4, P7.14",
    "Commands of a batch are charged to their methods, in an account that grows from request to request; the batch is not.",
    "Both accounts are kept, of each method and of all batches; the one that is nearer to its limit rules.",
    rows=60,
)
def batches_are_charged_by_method(known: Known) -> Asking:
    """Read the same pages in two requests, and compare the accounts."""
    sample = known.of_sample
    commands = {
        f"charged{place}": sample.command(sample.window(0, 60), select=["*", "UF_*"]) for place in range(_PAGES)
    }
    first = yield Alone(commands)
    second = yield Alone(commands)
    inner = [_greatest(reply.times) for reply in (first, second)]
    outer = [_operating(reply.time) for reply in (first, second)]
    spent = [sum(_seconds(time) for time in reply.times.values()) for reply in (first, second)]
    if None in inner and None in outer:
        return untold(_NO_ACCOUNT)
    if min(spent) <= _FREE:
        return untold(_TOO_FAST)
    grows = _grows(inner, spent[1])
    charged = _grows(outer, spent[1])
    words = f"of the method: {_words(inner, spent)}; of the batch: {_words(outer, spent)}"
    return judged(grows and not charged, words)


@fact(
    "P7.4",
    "Direct calls have an account of their own.",
    "Both accounts are kept; while batches have no time left, pages are read by direct calls.",
    rows=60,
)
def direct_calls_have_their_own_account(known: Known) -> Asking:
    """Read a page by a direct call, and compare its account with that of batches."""
    sample = known.of_sample
    command = sample.command(sample.window(0, 60), select=["*", "UF_*"])
    batch = yield Alone({f"shared{place}": command for place in range(_PAGES)})
    direct: Reply = yield Direct(command)
    in_batch = max(_greatest(batch.times) or 0.0, _operating(batch.time) or 0.0)
    alone = _operating(direct.time)
    if alone is None:
        return untold(_NO_ACCOUNT)
    if in_batch <= _FREE:
        return untold(_TOO_FAST)
    return judged(alone < in_batch, f"it {'lacks' if alone < in_batch else 'holds'} what batches have used")


def _greatest(times: Mapping[str, Mapping[str, Any]]) -> float | None:
    found = [value for time in times.values() if (value := _operating(time)) is not None]
    return max(found, default=None)


def _operating(time: Mapping[str, Any]) -> float | None:
    value = time.get("operating")
    return float(value) if isinstance(value, (int, float)) else None


def _seconds(time: Mapping[str, Any]) -> float:
    value = time.get("duration")
    return float(value) if isinstance(value, (int, float)) else 0.0


def _grows(sums: list[float | None], spent: float) -> bool:
    """Whether an account holds the second request on top of the first."""
    before, after = sums
    return before is not None and after is not None and after - before > spent / 2 and after > spent * 1.2


def _words(sums: list[float | None], spent: list[float]) -> str:
    if sums[1] is None:
        return "none"
    return "grows" if _grows(sums, spent[1]) else "does not grow"
