"""The time to read the entries of CalDAV calendars, with real parsing."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from shared.domain.interval import Interval
from shared.parallel import together
from shared.providers.apple.budget import Budget
from shared.providers.apple.entries import CaldavEntryReader
from tests.benchmarks.figures import Figure

CALENDARS = 8
ENTRIES = 500
ROUNDS = 7
SLOWEST_ANSWER = timedelta(milliseconds=800)
"""CalDAV servers need hundreds of milliseconds for a response with 500 objects."""

MOST_MICROSECONDS = 45
"""A tenth of what an entry cost when a library read it."""

BOUND = 1.25

_MONTH = Interval(datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))
_STAMP = "%Y%m%dT%H%M%SZ"
_ENTRY = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Apple Inc.//iPhone OS 26.0//EN
BEGIN:VEVENT
CREATED:20261001T080000Z
DTSTAMP:20261001T080000Z
UID:{uid}
DTSTART:{start}
DTEND:{end}
SUMMARY:Meeting {uid}
LAST-MODIFIED:20261001T080000Z
SEQUENCE:0
END:VEVENT
END:VCALENDAR
"""


@dataclass(slots=True)
class EntryReading:
    """One reading of all calendars; calendar n answers after (n + 1) / 8 of the slowest answer."""

    spread: bool
    answers: list[float] = field(default_factory=list)

    def wall(self) -> float:
        """Read all calendars at once and return the seconds until the last has been read."""
        before = time.perf_counter()
        together([partial(self._read, number) for number in range(CALENDARS)])
        return time.perf_counter() - before

    def ratio(self) -> float:
        """Return the time of the reading, as a multiple of the slowest answer."""
        return self.wall() / max(self.answers)

    def _read(self, number: int) -> None:
        before = time.perf_counter()
        share = (number + 1) / CALENDARS if self.spread else 1
        time.sleep(SLOWEST_ANSWER.total_seconds() * share)
        self.answers.append(time.perf_counter() - before)
        parse()


def parse() -> int:
    """Read the entries of one calendar and return their number."""
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset(), zone="UTC")
    return len(reader.read(_OBJECTS, within=_MONTH, budget=Budget()))


def figures() -> list[Figure]:
    """Measure everything."""
    if parse() != ENTRIES:
        raise ValueError("the reader does not find every entry")
    microseconds = min(_seconds(parse) for _ in range(ROUNDS)) / ENTRIES * 1_000_000
    spread = statistics.median(EntryReading(spread=True).ratio() for _ in range(ROUNDS))
    at_once = statistics.median(EntryReading(spread=False).ratio() for _ in range(ROUNDS))
    how = f"timed, median of {ROUNDS}"
    return [
        Figure(
            name="a plain CalDAV entry, microseconds",
            value=microseconds,
            bound=MOST_MICROSECONDS,
            how=f"processor time, best of {ROUNDS} rounds of {ENTRIES}",
            counted=False,
        ),
        Figure(
            name="8 calendars of 500 entries: wall time ÷ slowest answer",
            value=spread,
            bound=BOUND,
            how=f"{how}, answers after 100, 200, ... 800 ms",
            counted=False,
        ),
        Figure(
            name="8 calendars of 500 entries that answer at once",
            value=at_once,
            bound=BOUND,
            how=f"{how}, all answers after 800 ms",
            counted=False,
        ),
    ]


def _seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _object(number: int) -> str:
    start = _MONTH.start + timedelta(hours=number)
    end = start + timedelta(minutes=30)
    return _ENTRY.format(
        uid=f"{number}@x.example", start=f"{start:{_STAMP}}", end=f"{end:{_STAMP}}"
    )


_OBJECTS = [(f"/calendar/{number}.ics", _object(number)) for number in range(ENTRIES)]
