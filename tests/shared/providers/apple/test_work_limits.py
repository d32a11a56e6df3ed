"""The worst calendar texts cost a bounded number of steps, whatever is in them."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

import pytest

from shared.domain.errors import CalendarMalformed, CalendarTooLarge
from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget
from shared.providers.apple.entries import CaldavEntryReader

pytestmark = pytest.mark.long

JANUARY = Interval(datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))
TIMES = ("DTSTART:20270111T090000Z", "DTEND:20270111T100000Z")
MAX_STEPS = 450_000
"""The default budget, and what the last piece of work may cost more."""

MAX_CALLS = 3_000_000
"""The most calls of functions, in Python and C, for one calendar."""


def calendar(*events: tuple[str, ...], zone: str = "") -> str:
    inner = "".join(f"BEGIN:VEVENT\n{chr(10).join(each)}\nEND:VEVENT\n" for each in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{zone}{inner}END:VCALENDAR\n"


def in_own_zone(observances: int, rule: str, *, fold: str = "", name: str = "Odd") -> str:
    observance = (
        "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\n"
        f"{rule}\nEND:STANDARD\n"
    )
    mark = f"VTIME{fold}ZONE"
    zone = f"BEGIN:{mark}\nTZID:{name}\n{observance * observances}END:{mark}\n"
    return calendar(("UID:a", f"DTSTART;TZID={name}:20270111T090000"), zone=zone)


def read(texts: list[str]) -> Budget:
    """Read everything, or until the calendar is too large or malformed."""
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset({"me@x.example"}), zone=None)
    budget = Budget()
    try:
        for text in texts:
            list(reader.entries(text, "/x.ics", within=JANUARY, budget=budget))
    except (CalendarTooLarge, CalendarMalformed):
        pass
    return budget


@contextmanager
def counted_calls() -> Iterator[Counter[str]]:
    calls: Counter[str] = Counter()

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        calls[event] += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield calls
    finally:
        sys.setprofile(before)


YEARLY = "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"
HOURS = ",".join(f"202701{day:02}T{hour:02}0000Z" for day in range(1, 29) for hour in range(24))
SIXTY = ",".join(str(each) for each in range(60))
SECONDS = f"BYMINUTE={SIXTY};BYSECOND={SIXTY}"
DECLINED = ("ATTENDEE;PARTSTAT=DECLINED:mailto:a@x.example",) * 2_000
OVERRIDES = tuple(
    (
        "UID:a",
        f"RECURRENCE-ID;RANGE=THISANDFUTURE:202701{1 + each % 28:02}T{each % 24:02}0100Z",
        "DTSTART:20270111T093000Z",
        "RRULE:FREQ=DAILY",
    )
    for each in range(1_500)
)
WORST = {
    "accepted single events": [calendar((f"UID:{each}", *TIMES)) for each in range(800)],
    "accepted occurrences": [calendar(("UID:a", TIMES[0], "RRULE:FREQ=MINUTELY;COUNT=4900"))],
    "accepted zones": [in_own_zone(2, YEARLY)] * 400,
    "accepted attendees": [calendar(("UID:a", *TIMES, *["ATTENDEE:mailto:a@x.example"] * 15_000))],
    "accepted empty objects": ["BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VTODO\nEND:VCALENDAR"] * 4_500,
    "accepted line feeds": ["BEGIN:VCALENDAR" + "\n" * 990_000 + "END:VCALENDAR"] * 4,
    "accepted folds": ["BEGIN:VCALENDAR\nX:" + "\n " * 490_000 + "\nEND:VCALENDAR"] * 4,
    "many events": [calendar((f"UID:{each}", *TIMES)) for each in range(5_000)],
    "an observance that never comes": [
        in_own_zone(20, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    ],
    "many zones": [in_own_zone(1, YEARLY, name=f"Odd{each}") for each in range(1_000)],
    "many series with many exceptions": [
        calendar(*[(f"UID:{n}", *TIMES, "RRULE:FREQ=DAILY", f"EXDATE:{HOURS}") for n in range(60)])
    ],
    "many series with many dates": [
        calendar(*[(f"UID:{each}", *TIMES, f"RDATE:{HOURS}") for each in range(60)])
    ],
    "dates and overrides": [
        calendar(("UID:a", *TIMES, f"RDATE:{HOURS}", "SEQUENCE:9"), *OVERRIDES)
    ],
    "overrides of the future": [calendar(("UID:a", *TIMES, "RRULE:FREQ=HOURLY"), *OVERRIDES)],
    "attendees of a series": [calendar(("UID:a", *TIMES, "RRULE:FREQ=HOURLY", *DECLINED))],
    "many rules": [
        calendar(("UID:a", *TIMES, *[f"RRULE:FREQ=DAILY;COUNT={each}" for each in range(1, 2_000)]))
    ],
    "times of every hour": [
        calendar(("UID:a", *TIMES, f"RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30;{SECONDS}"))
    ],
    "long names of zones": [
        calendar(("UID:a", f"DTSTART;TZID={'/a' * 900}:20270111T090000")) for _ in range(500)
    ],
    "many parameters": [calendar(("UID:a", *TIMES, f"SUMMARY{';A=a' * 20_000}:a"))] * 10,
}


@pytest.mark.parametrize("texts", WORST.values(), ids=WORST)
def test_the_worst_texts_cost_a_bounded_number_of_steps(texts: list[str]) -> None:
    with counted_calls() as calls:
        budget = read(texts)

    assert budget.spent <= MAX_STEPS
    assert calls["call"] + calls["c_call"] <= MAX_CALLS


ACCEPTED = [texts for name, texts in WORST.items() if name.startswith("accepted")]


@pytest.mark.parametrize("texts", ACCEPTED, ids=lambda texts: str(len(texts)))
def test_much_is_read_within_the_budget(texts: list[str]) -> None:
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset(), zone=None)
    budget = Budget()

    for text in texts:
        list(reader.entries(text, "/x.ics", within=JANUARY, budget=budget))


BOMBS = ["RRULE:FREQ=SECONDLY", "RRULE:FREQ=MINUTELY", "RRULE:FREQ=YEARLY;BYHOUR=1,2"]
FOLDS = {
    "CRLF and blank": "\r\n ",
    "CRLF and tab": "\r\n\t",
    "LF": "\n ",
    "empty lines": "\r\n\n\r\n\t",
}


@pytest.mark.parametrize("rule", BOMBS)
@pytest.mark.parametrize("fold", FOLDS.values(), ids=FOLDS)
def test_a_folded_zone_is_judged_like_any_other(fold: str, rule: str) -> None:
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset(), zone=None)
    budget = Budget()

    [entry] = reader.entries(
        in_own_zone(2, rule, fold=fold), "/x.ics", within=JANUARY, budget=budget
    )

    assert entry.problem
    assert budget.spent < 1_000
