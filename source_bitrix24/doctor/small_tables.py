"""The survey's look at tables that come in one answer or in a few, and at those without IDs."""

from collections.abc import Mapping
from typing import Any

from ..catalog.table import INVOICES, FieldOptions, Grouped, PerType, Table, Whole
from ..portal.batch import MOST_COMMANDS, Answer, Command
from ..portal.errors import PortalError
from ..portal.keyset import PAGE, Row
from .fact import Reply, rows_of
from .known import Known, KnownWhole
from .line import Line, seconds_of

_GROUPED_PAGES = 10


def read_small_tables(known: Known, line: Line) -> None:
    """Ask for all small tables together, then for a piece of each table without IDs."""
    commands: dict[str, Command] = {}
    for table in known.tables:
        commands |= dict(list(_commands(known, table).items())[: MOST_COMMANDS // 2])
    keys = list(commands)
    answers: dict[str, Answer] = {}
    times: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(keys), MOST_COMMANDS):
        reply = answers_of({key: commands[key] for key in keys[start : start + MOST_COMMANDS]}, line)
        answers |= reply.answers
        times |= reply.times
    for table in known.tables:
        own = [key for key in _commands(known, table) if key in answers]
        if own:
            seconds = sum(seconds_of(times.get(key, {})) for key in own)
            known.whole[table.name] = _whole(table, [answers[key] for key in own], seconds)
    _count_options(known, answers)
    for table in known.tables:
        if isinstance(table, Grouped):
            known.whole[table.name] = _grouped(table, line)


def _commands(known: Known, table: Table) -> dict[str, Command]:
    if isinstance(table, Whole):
        language = {"filter": {"LANG": known.language}} if table.labelled else {}
        return {f"small_{table.name}": Command(table.method, {**table.params, **language})}
    if isinstance(table, PerType):
        numbers = [number for number in known.types if table.with_invoices or number != INVOICES]
        return {
            f"small_{table.name}_{number}": Command(table.method, {"entityTypeId": number}) for number in numbers
        } or {}
    return {}


def _whole(table: Table, answers: list[Answer], seconds: float) -> KnownWhole | PortalError:
    errors = [answer.error for answer in answers if answer.error]
    if errors and len(errors) == len(answers):
        return errors[0]
    readable = [answer for answer in answers if not answer.error]
    if isinstance(table, PerType):
        number = sum(_number_of_rows(answer, table.rows_in) for answer in readable)
        return KnownWhole(number, None, False, seconds)
    rows_in = table.rows_in if isinstance(table, Whole) else ""
    rows = rows_of(readable[0], rows_in)
    return KnownWhole(len(rows), readable[0].total, readable[0].more, seconds)


def _number_of_rows(answer: Answer, rows_in: str) -> int:
    """Return the number of rows; what is no list is one row."""
    found = answer.result.get(rows_in) if isinstance(answer.result, dict) else None
    return len(found) if isinstance(found, list) else int(isinstance(found, dict))


def _count_options(known: Known, answers: Mapping[str, Answer]) -> None:
    for table in known.tables:
        if not isinstance(table, FieldOptions):
            continue
        found = [answer for one in table.definitions if (answer := answers.get(f"small_{one.name}"))]
        rows = [row for answer in found if not answer.error for row in rows_of(answer)]
        if found:
            count = sum(len(options) for row in rows if isinstance(options := row.get("LIST"), list))
            known.whole[table.name] = KnownWhole(count, None, False)


def _grouped(table: Grouped, line: Line) -> KnownWhole | PortalError:
    """Return about how many rows there are: the first pages show how many a group has, and the highest group (P15.6)."""
    reply = answers_of(table.list.pages(None, _GROUPED_PAGES), line)
    rows: list[Row] = []
    for answer in reply.answers.values():
        if answer.error:
            return answer.error
        page = rows_of(answer)
        rows += page
        if len(page) < PAGE:
            break
    groups = [int(row[table.group]) for row in rows if str(row.get(table.group)).isdecimal()]
    seconds = sum(map(seconds_of, reply.times.values()))
    more = len(rows) == PAGE * _GROUPED_PAGES and bool(groups)
    times = max(groups) / max(1, max(groups) - min(groups)) if more else 1.0
    return KnownWhole(round(len(rows) * times), None, more, seconds * times)


def answers_of(commands: Mapping[str, Command], line: Line) -> Reply:
    """Send commands together; one by one, if the portal fails at them together. An answer may hold an error."""
    try:
        return line.send(commands)
    except PortalError as error:
        if len(commands) == 1:
            return Reply(dict.fromkeys(commands, Answer(error=error)))
    answers: dict[str, Answer] = {}
    times: dict[str, Mapping[str, Any]] = {}
    for key, command in commands.items():
        reply = answers_of({key: command}, line)
        answers |= reply.answers
        times |= reply.times
    return Reply(answers, times)
