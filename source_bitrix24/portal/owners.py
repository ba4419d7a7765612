"""The rows that hang on owners, such as product rows: one command for each owner's whole set, 50 in a batch (P4.3)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .batch import MOST_COMMANDS, Answer, Command, as_float
from .batch_all import fetch_all
from .batch_size import BatchSize
from .client import Answers
from .errors import BrokenPromise, NotFound, PortalError, Refused, Unexpected
from .keyset import PAGE, Row
from .names import upper_name
from .oddities import Oddities
from .partial_json import decode, rows_of_list
from .prefetch import Prefetch
from .scan_context import MIN_YIELD_SECONDS, News, ScanContext

_MAX_OWNERS = 1000  # of one segment, where most sets are known already
_MAX_REFUSED = 1000  # owners at the start of a read: more of them would be asked in vain

OwnerSet = tuple[Row, list[Row] | None]  # None: the portal does not give its rows
KnownSet = tuple[Row, list[Row] | None]  # None: its owner must be asked


@dataclass(frozen=True, slots=True)
class SetQuestion:
    """How a method is asked for an owner's set, and how it answers.

    `parameter`: the one that holds the owner's ID. `owner_type`: for the list of product rows of items, which takes a filter
    and answers in pages (P14.9). `rows_in`: the key under `result` that holds the rows; `is_camel`: they have their names in
    camel case.
    """

    parameter: str = "id"
    owner_type: str = ""
    rows_in: str = ""
    is_camel: bool = False

    def command(self, method: str, owner: object, above: object = 0) -> Command:
        """Return the command for a set; of one in pages for the rows above an ID."""
        if not self.owner_type:
            return Command(method, {self.parameter: owner})
        filter_ = {"=ownerType": self.owner_type, "=ownerId": owner, ">id": above}
        return Command(method, {"filter": filter_, "order": {"id": "ASC"}, "start": -1})


BY_ID = SetQuestion()
_INVOICES = 31


def owner_type_of(number: int) -> str:
    """Return what product rows call the owners of a type, by its entityTypeId (P14.9)."""
    return "SI" if number == _INVOICES else f"T{number:x}"


def owner_command(method: str, owner: Row, question: SetQuestion = BY_ID) -> tuple[str, Command]:
    """Return the key and the command that asks for one owner's set."""
    return f"owner{owner['ID']}", question.command(method, owner["ID"])


def rows_of(method: str, answer: Answer, odd: Oddities, question: SetQuestion = BY_ID) -> list[Row]:
    """Return the set in an answer; the set of a deleted owner is empty (P4.5). Raises any other error.

    `odd`: counts what it held that is no row or no text.
    """
    if isinstance(answer.error, NotFound):
        return []
    if answer.error:
        raise answer.error
    result = decode(answer.raw, odd)
    if question.rows_in and isinstance(result, dict):
        result = result.get(question.rows_in)
    rows = rows_of_list(result, odd)
    if rows is None:
        raise BrokenPromise(method, "the answer is no list of rows")
    return [{upper_name(name): value for name, value in row.items()} for row in rows] if question.is_camel else rows


class OwnerSets:
    """Reads the sets of owners, several requests ahead of the consumer.

    `owners` is consumed as needed; sets that are known already (owners_bulk.py) pass through in their place.
    `bulk_method`: the method behind them, whose operating time counts too. An owner whose rows the portal refuses, or sends
    as something else, has None for a set: `unreadable` holds these errors, `gone` counts the owners that were deleted.
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
        question: SetQuestion = BY_ID,
    ) -> None:
        self._question = question
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
        commands = dict(owner_command(self._method, owner, self._question) for owner in self._others())
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

    def _set(self, owner: Row, answers: Mapping[str, Answer]) -> list[Row] | None:
        answer = answers[owner_command(self._method, owner)[0]]
        self.gone += isinstance(answer.error, NotFound)
        try:
            rows = rows_of(self._method, answer, self._odd, self._question)
            return self._whole(owner, rows) if self._question.owner_type else rows
        except (Refused, Unexpected) as error:
            self.unreadable.append(error)
            return None

    def _whole(self, owner: Row, page: list[Row]) -> list[Row]:
        """Return a set in its order, the first page of which is known."""
        rows = list(page)
        while len(page) == PAGE:
            command = self._question.command(self._method, owner["ID"], page[-1]["ID"])
            answer = fetch_all(self._context.client, {"rest": command}, self._batch_size)["rest"]
            page = rows_of(self._method, answer, self._odd, self._question)
            rows += page
        return sorted(rows, key=lambda row: (as_float(row.get("SORT")) or 0.0, as_float(row.get("ID")) or 0.0))

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
        return _Segment(self._method, owners, self._question)

    def _send(self, segment: "_Segment") -> Answers:
        commands = segment.commands()
        return self._context.client.batch(commands) if commands else Answers({}, 0.0)


@dataclass(frozen=True, slots=True)
class _Segment:
    """Consecutive owners; one request brings the sets that are not known yet."""

    method: str
    owners: list[KnownSet]
    question: SetQuestion

    def commands(self) -> dict[str, Command]:
        asked = (owner for owner, rows in self.owners if rows is None)
        return dict(owner_command(self.method, owner, self.question) for owner in asked)
