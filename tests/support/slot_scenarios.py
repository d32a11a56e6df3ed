"""Hypothesis strategies for slot finding: people, rules and days, with many clock changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from shared.domain.interval import EPOCH, Interval, busy_spans, merge
from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.domain.slots import ConsultedPerson, SlotRules
from shared.domain.week import Window
from shared.domain.zones import zone, zone_names

ODD_DAYS = (
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Apia", date(2011, 12, 29)),
    ("Pacific/Kwajalein", date(2024, 8, 20)),
    ("Asia/Beirut", date(2025, 3, 30)),
    ("Asia/Beirut", date(2025, 10, 25)),
    ("Africa/Cairo", date(2025, 4, 25)),
    ("Africa/Cairo", date(2025, 10, 30)),
    ("America/Santiago", date(2025, 9, 7)),
    ("America/Santiago", date(2025, 4, 5)),
    ("America/Havana", date(2025, 3, 9)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2018, 2, 17)),
    ("Australia/Lord_Howe", date(2025, 4, 6)),
    ("Australia/Lord_Howe", date(2025, 10, 5)),
    ("Pacific/Chatham", date(2025, 4, 6)),
    ("Pacific/Chatham", date(2025, 9, 28)),
    ("Asia/Kathmandu", date(2025, 6, 1)),
    ("Africa/Casablanca", date(2025, 2, 23)),
    ("Africa/Casablanca", date(2025, 4, 6)),
    ("America/St_Johns", date(2000, 10, 28)),
    ("America/St_Johns", date(2000, 10, 29)),
    ("America/St_Johns", date(2006, 4, 2)),
    ("America/Goose_Bay", date(2005, 10, 30)),
    ("America/New_York", date(2025, 3, 9)),
    ("America/New_York", date(2025, 11, 2)),
    ("Europe/Dublin", date(2025, 10, 26)),
    ("Antarctica/Troll", date(2025, 3, 30)),
    ("Asia/Pyongyang", date(2018, 5, 4)),
    ("America/Caracas", date(2016, 5, 1)),
)

_ZONES = sorted(zone_names())
_ODD_ZONES = sorted({name for name, _ in ODD_DAYS} | {"UTC", "Asia/Kolkata", "Europe/London"})
zones = st.sampled_from(_ODD_ZONES) | st.sampled_from(_ZONES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The input of `find_slots`."""

    day: date
    viewer: ZoneInfo
    consulted: tuple[ConsultedPerson, ...]
    rules: SlotRules
    now: datetime


def any_day() -> st.SearchStrategy[tuple[str, date]]:
    """Return any zone with any date of 2000 to 2035."""
    return st.tuples(zones, st.dates(date(2000, 1, 1), date(2035, 12, 31)))


def odd_days() -> st.SearchStrategy[tuple[str, date]]:
    """Return the days of `ODD_DAYS` and the days next to them."""
    return st.tuples(st.sampled_from(ODD_DAYS), st.integers(-1, 1)).map(
        lambda drawn: (drawn[0][0], drawn[0][1] + timedelta(days=drawn[1]))
    )


@st.composite
def days_of_change(draw: st.DrawFn) -> tuple[str, date]:
    """Return a day on which the clock of a zone changes, or a day next to it."""
    name, year = draw(zones), draw(st.integers(2000, 2035))
    changes = _changes(name, year) or _changes("Europe/Paris", year)
    return name, draw(st.sampled_from(changes)) + timedelta(days=draw(st.integers(-1, 1)))


@st.composite
def scenarios(draw: st.DrawFn, days: st.SearchStrategy[tuple[str, date]]) -> Scenario:
    """Return a scenario for a drawn day, viewed from its zone or from another."""
    name, day = draw(days)
    viewer = name if draw(st.booleans()) else draw(zones)
    nearby = (name, viewer, draw(zones))
    people = tuple(_person(drawn, day, nearby) for drawn in draw(_PEOPLE))
    now = _utc(day) + timedelta(minutes=draw(_NOW), microseconds=draw(_MICROSECONDS))
    return Scenario(day=day, viewer=zone(viewer), consulted=people, rules=draw(_RULES), now=now)


@st.composite
def with_more_busy(
    draw: st.DrawFn, days: st.SearchStrategy[tuple[str, date]]
) -> tuple[Scenario, Scenario]:
    """Return a scenario and the same scenario with more busy time."""
    before = draw(scenarios(days))
    more = tuple((start, start + length) for start, length in draw(_BUSY))
    midnight = (_utc(before.day) - EPOCH) // timedelta(minutes=1)
    shifted = [(midnight + start, midnight + end) for start, end in more]
    fuller = tuple(replace(each, busy=merge([*each.busy, *shifted])) for each in before.consulted)
    return before, replace(before, consulted=fuller)


# Everything below is drawn relative to the day, so that the strategies are built only once.
_NOW = st.sampled_from([-(10**6), -90_000, -600, 0, 600, 10**6])
_MICROSECONDS = st.sampled_from([0, 1])
_ZONE = st.integers(0, 2)
_WINDOWS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 6, 5, 3]),
        st.sampled_from(range(0, 1440, 30)) | st.integers(0, 1439),
        st.sampled_from(range(0, 1441, 30)) | st.integers(0, 1440),
        _ZONE,
    ),
    min_size=1,
    max_size=4,
)
_HOLIDAYS = st.lists(
    st.tuples(st.sampled_from([-400, -3, -1, 0, 1, 2, 3]), st.sampled_from([0, 0, 0, 1, 401])),
    max_size=2,
)
_BUSY = st.lists(
    st.tuples(
        st.sampled_from(range(-840, 2400, 15)) | st.integers(-840, 2400),
        st.sampled_from([0, 1, 15, 30, 60, 240]),
    ),
    max_size=4,
)
_PEOPLE = st.lists(
    st.tuples(
        st.sampled_from([Role.COACH, Role.LEARNER, None]),
        _ZONE,
        _WINDOWS,
        st.booleans(),
        _HOLIDAYS,
        _BUSY,
        st.sampled_from([False, False, True]),
    ),
    min_size=1,
    max_size=3,
)


def _minutes(*several: int) -> st.SearchStrategy[timedelta]:
    return st.sampled_from([timedelta(minutes=each) for each in several])


_RULES = st.builds(
    SlotRules,
    length=_minutes(5, 30, 45, 60, 90, 480)
    | st.integers(5, 480).map(lambda each: timedelta(minutes=each)),
    step=_minutes(5, 15, 20, 30, 30, 60, 7, 11, 50, 100, 1440),
    buffer_before=_minutes(0, 0, 5, 30, 61),
    buffer_after=_minutes(0, 0, 10, 30, 125),
    minimum_notice=_minutes(0, 0, 60, 1440),
    unverified_is_available=st.booleans(),
)


def _person(drawn: Any, day: date, nearby: Sequence[str]) -> ConsultedPerson:
    role, home, windows, whole_week, holidays, busy, unread = drawn
    always = [Window(n, 0, 1440, nearby[home]) for n in range(7)] if whole_week else []
    return ConsultedPerson(
        role=role,
        zone=nearby[home],
        windows=(
            *(Window((day.weekday() + n) % 7, a, b, nearby[where]) for n, a, b, where in windows),
            *always,
        ),
        holidays=tuple(_holiday(day + timedelta(days=n), days) for n, days in holidays),
        busy=busy_spans(
            Interval(
                _utc(day) + timedelta(minutes=start), _utc(day) + timedelta(minutes=start + length)
            )
            for start, length in busy
        ),
        unread=unread,
    )


def _holiday(first: date, days: int) -> Holiday:
    return Holiday(
        id="holiday",
        name="Away",
        role=Role.COACH,
        first=first,
        last=first + timedelta(days=days),
        created_at=_utc(first),
    )


def _utc(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@cache
def _changes(name: str, year: int) -> tuple[date, ...]:
    """Return the UTC dates of a year after which the zone's offset differs."""
    where = ZoneInfo(name)
    days = [_utc(date(year, 1, 1)) + timedelta(days=n) for n in range(366)]
    offsets = [each.astimezone(where).utcoffset() for each in days]
    return tuple(
        day.date()
        for day, offset, following in zip(days, offsets, offsets[1:], strict=False)
        if offset != following
    )
