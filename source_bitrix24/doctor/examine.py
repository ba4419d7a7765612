"""Asking for all facts: their commands share requests, and a difference is asked twice."""

from collections.abc import Iterable, Iterator, Mapping

from ..portal.batch import Command
from ..portal.errors import BadArgument, InItsOwnWords, NotFound, PortalError, PortalFailed, Unexpected
from .fact import Alone, Asking, Direct, Fact, Finding, Reply, Request, Verdict, code_of, judged, untold
from .known import Known
from .line import Line

_MOST_COMMANDS = 30  # in a request: far from the 60 s after which the portal cuts it (P7.6), also where it is slow
_ABOUT_THE_CALL = (Unexpected, BadArgument, NotFound, InItsOwnWords)  # the rest is about rights, or passes


def examine(facts: Iterable[Fact], known: Known, line: Line, findings: dict[str, Finding]) -> None:
    """Put a finding for each fact into `findings`, as they come. Raises Enough.

    A fact that seems to differ is asked once more: records change while the doctor looks at them.
    """
    first: dict[str, Finding] = {}
    facts = list(facts)
    _Round(known, line, first).ask(facts, findings)
    again = [one for one in facts if one.name in first and first[one.name].verdict is Verdict.DIFFERENT]
    second: dict[str, Finding] = {}
    _Round(known, line, second).ask(again, findings)


class _Round:
    """Asks facts once. `found`: what it found, besides what is put into the caller's findings."""

    def __init__(self, known: Known, line: Line, found: dict[str, Finding]) -> None:
        self._known = known
        self._line = line
        self._found = found

    def ask(self, facts: Iterable[Fact], findings: dict[str, Finding]) -> None:
        waiting: dict[str, tuple[Asking, Request]] = {}
        for one in facts:
            rows = len(self._known.sample.ids) if self._known.sample else 0
            if rows < one.rows:
                self._found[one.name] = untold(f"it takes a list of {one.rows} rows, and none is as long")
                continue
            asking = one.ask(self._known)
            self._advance(one.name, asking, None, waiting)
        findings |= self._found
        while waiting:
            current, waiting = waiting, {}
            for names in _packed({name: request for name, (_, request) in current.items()}):
                outcomes = self._send({name: current[name][1] for name in names})
                for name in names:
                    self._advance(name, current[name][0], outcomes[name], waiting)
                findings |= self._found

    def _send(self, requests: Mapping[str, Request]) -> dict[str, Reply | PortalError]:
        """Return the reply for each fact, or the error.

        Of a request of several facts, what failed is sent again fact by fact.
        """
        request = next(iter(requests.values())) if len(requests) == 1 else _joined(requests.values())
        try:
            reply: Reply | PortalError = self._line.send(request)
        except PortalError as error:
            if len(requests) > 1:
                return {name: outcome for one in requests for name, outcome in self._send({one: requests[one]}).items()}
            reply = error
        outcomes = dict.fromkeys(requests, reply)
        if len(requests) > 1 and isinstance(reply, Reply):
            for name, one in requests.items():
                if any(isinstance(reply[key].error, PortalFailed) for key in _keys(one)):
                    outcomes |= self._send({name: one})
        return outcomes

    def _advance(
        self, name: str, asking: Asking, outcome: Reply | PortalError | None, waiting: dict[str, tuple[Asking, Request]]
    ) -> None:
        """Give a fact what it asked for; it asks for more, or its finding is there."""
        try:
            request = asking.throw(outcome) if isinstance(outcome, PortalError) else _next(asking, outcome)
        except StopIteration as end:
            self._found[name] = end.value
        except PortalError as error:
            self._found[name] = _finding_of(error)
        else:
            waiting[name] = asking, request


def _next(asking: Asking, reply: Reply | None) -> Request:
    return next(asking) if reply is None else asking.send(reply)


def _finding_of(error: PortalError) -> Finding:
    if isinstance(error, _ABOUT_THE_CALL):
        return judged(False, f"the portal answers with {code_of(error)}")
    return untold(f"the portal answers with {code_of(error)}")


def _keys(request: Request) -> Iterable[str]:
    return () if isinstance(request, (Alone, Direct)) else request.keys()


def _joined(requests: Iterable[Request]) -> dict[str, Command]:
    joined: dict[str, Command] = {}
    for request in requests:
        assert not isinstance(request, (Alone, Direct))
        assert not joined.keys() & request.keys(), "two facts use the same key"
        joined |= request
    return joined


def _packed(requests: Mapping[str, Request]) -> Iterator[list[str]]:
    """Yield the names of the facts whose requests are sent as one."""
    pack: list[str] = []
    size = 0
    for name, request in requests.items():
        if isinstance(request, (Alone, Direct)):
            yield [name]
            continue
        if pack and size + len(request) > _MOST_COMMANDS:
            yield pack
            pack, size = [], 0
        pack.append(name)
        size += len(request)
    if pack:
        yield pack
