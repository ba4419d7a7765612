"""The rows that hang on owners, such as product rows: one command for each owner's whole set, 50 in a batch (P4.3)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .batch import MOST_COMMANDS, Answer, Command
from .batch_all import fetch_all
from .batch_size import BatchSize
from .client import Answers
from .errors import BrokenPromise, NotFound, PortalError, Refused, Unexpected
from .keyset import Row
from .oddities import Oddities
from .partial_json import decode, rows_of_list
from .prefetch import Prefetch
from .scan_context import MIN_YIELD_SECONDS, News, ScanContext

_MAX_OWNERS = 1000  # of one segment, where most sets are known already
_MAX_REFUSED = 1000  # owners at the start of a read: more of them would be asked in vain

OwnerSet = tuple[Row, list[Row]]
KnownSet = tuple[Row, list[Row] | None]  # None: its owner must be asked


def owner_command(method: str, owner: Row) -> tuple[str, Command]:
    """Return the key and the command that asks for one owner's set."""
    return f"owner{owner['ID']}", Command(method, {"id": owner["ID"]})


def rows_of(method: str, answer: Answer, odd: Oddities) -> list[Row]:
    """Return the set in an answer; the set of a deleted owner is empty (P4.5). Raises any other error.

    `odd`: counts what it held that is no row or no text.
    """
    if isinstance(answer.error, NotFound):
        return []
    if answer.error:
        raise answer.error
    rows = rows_of_list(decode(answer.raw, odd), odd)
    if rows is None:
        raise BrokenPromise(method, "the answer is no list of rows")
    return rows


class OwnerSets:
    """Reads the sets of owners, several requests ahead of the consumer.

    `owners` is consumed as needed; sets that are known already (owners_bulk.py) pass through in their place.
    `bulk_method`: the method behind them, whose operating time counts too. An owner whose rows the portal refuses, or sends
    as something else, has an empty set: `unreadable` holds these errors, `gone` counts the owners that were deleted.
    `others` returns owners to ask if all are unreadable: if these are too, nothing can be read. `odd`: counts
    what is no row or no text.
    """

    def __init__(
        self,
        context: ScanContext,
        method: str,
        owners: Iterator[KnownSet],
        bulk_method: str | None = None,
        others: Callable[[], Sequence[Row]] = tuple,
        odd: Oddities | None = None,
    ) -> None:
        self.unreadable: list[PortalError] = []
        self.gone = 0
        self._odd = odd or Oddities()
        self._context = context
        self._method = method
        self._methods = (method, bulk_method) if bulk_method else (method,)
        self._owners = owners
        self._others = others
        self._batch_size = BatchSize(first=MOST_COMMANDS)
        self._prefetch: Prefetch[_Segment, Answers] = context.prefetch(self._send)

    def chunks(self) -> Iterator[list[OwnerSet] | News]:
        """Yield all owners in their order, each with its whole set. Raises a PortalError when retries are exhausted.

        Nothing is yielded until one owner is readable. Raises the first error if none is.
        """
        held: list[OwnerSet] = []
        is_readable = False
        for chunk in self._chunks():
            if is_readable or isinstance(chunk, News):
                yield chunk
            else:
                held += chunk
                is_readable = len(held) > len(self.unreadable)
                if is_readable:
                    yield held
                elif len(held) >= _MAX_REFUSED:
                    raise self.unreadable[0]
        if held and not is_readable:
            self._ask_others([owner for owner, _ in held])
            yield held

    def _ask_others(self, owners: Sequence[Row]) -> None:
        """Raise the error of these owners if all others are unreadable too."""
        commands = dict(owner_command(self._method, owner) for owner in self._others())
        for owner in owners:
            commands.pop(owner_command(self._method, owner)[0], None)
        answers = fetch_all(self._context.client, dict(list(commands.items())[:MOST_COMMANDS]), self._batch_size)
        if all(answer.error for answer in answers.values()):
            raise self.unreadable[0]

    def _chunks(self) -> Iterator[list[OwnerSet] | News]:
        client = self._context.client
        while True:
            yield from self._fill_lanes()
            if not self._prefetch:
                return
            yield from self._wait()
            segment, sent = self._prefetch.take()
            answers = fetch_all(client, segment.commands(), self._batch_size, sent)
            yield [(owner, self._set(owner, answers) if rows is None else rows) for owner, rows in segment.owners]

    def _set(self, owner: Row, answers: Mapping[str, Answer]) -> list[Row]:
        answer = answers[owner_command(self._method, owner)[0]]
        self.gone += isinstance(answer.error, NotFound)
        try:
            return rows_of(self._method, answer, self._odd)
        except (Refused, Unexpected) as error:
            self.unreadable.append(error)
            return []

    def close(self) -> None:
        """Abandon the requests in flight."""
        self._prefetch.abandon()

    def _fill_lanes(self) -> Iterator[News]:
        while self._prefetch.has_room:
            yield from self._wait()  # the owners may be read by one of the methods, so before they are taken
            segment = self._next_segment()
            if not segment.owners:
                yield News(in_flight=len(self._prefetch))
                return
            self._prefetch.add(segment)

    def _wait(self) -> Iterator[News]:
        """Say when the methods have operating time again, if that takes a while."""
        client = self._context.client
        wait = max(client.operating_wait(method, self._batch_size.commands) for method in self._methods)
        if wait > MIN_YIELD_SECONDS:
            yield News(not_before=client.clock.monotonic() + wait)

    def _next_segment(self) -> "_Segment":
        owners: list[KnownSet] = []
        unknown = 0
        while unknown < self._batch_size.commands and len(owners) < _MAX_OWNERS and (known := next(self._owners, None)):
            owners.append(known)
            unknown += known[1] is None
            if len(self._methods) > 1 and next(self._wait(), None):
                break  # the next owners may cost a request in bulk, which would wait here
        return _Segment(self._method, owners)

    def _send(self, segment: "_Segment") -> Answers:
        commands = segment.commands()
        return self._context.client.batch(commands) if commands else Answers({}, 0.0)


@dataclass(frozen=True, slots=True)
class _Segment:
    """Consecutive owners; one request brings the sets that are not known yet."""

    method: str
    owners: list[KnownSet]

    def commands(self) -> dict[str, Command]:
        return dict(owner_command(self.method, owner) for owner, rows in self.owners if rows is None)
