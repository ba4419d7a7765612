"""What travels from a job to the writer: rows, and the states that they complete, in one value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..catalog.record import Record
from ..portal.errors import PortalError
from ..portal.keyset import Row
from .state import StreamState


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job.

    `rows`: records by stream, loaded as they are taken. `states`: by stream, true once all rows of the step are out.
    `failures`: streams of the job that failed alone and get no further rows. `not_before`: the monotonic time before which
    the job cannot go on; 0 for at once. `goes_last`: the job goes on when all others are at their end, so that their last
    requests are one. `in_flight`: the number of requests it still waits for once it has sent its last
    one, so that other jobs can use the free lanes.
    """

    rows: Mapping[str, Iterable[Row | Record]] = field(default_factory=dict)
    states: Mapping[str, StreamState] = field(default_factory=dict)
    failures: Mapping[str, PortalError] = field(default_factory=dict)
    not_before: float = 0.0
    goes_last: bool = False
    in_flight: int | None = None
