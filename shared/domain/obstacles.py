"""Why a person is not available at a time; booking and the explanation of slots ask here.

The slot engine (shared/domain/slot_runs.py) computes the same for many times at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.interval import EPOCH, Interval
from shared.domain.localtime import DAY, day_number, shown, stretches
from shared.domain.slot_rules import ConsultedPerson, Obstacle, SlotRules
from shared.domain.week import Window, open_spans
from shared.domain.zones import zone

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTime:
    """A person with their sessions and the busy times of their calendars, without buffers."""

    person: ConsultedPerson
    sessions: tuple[Interval, ...] = ()
    entries: tuple[Interval, ...] = ()


def obstacles(
    time: Interval, person_time: PersonTime, rules: SlotRules, *, now: datetime
) -> tuple[Obstacle, ...]:
    """Return every reason why the person is not available then, in a fixed order.

    Raises:
        ValueError: when a zone is unknown or `now` is naive.
    """
    person = person_time.person
    found = {
        *outside(time, person),
        *taken(time, person_time, rules),
        *unread(person, rules),
        *too_soon(time.start, rules, now=now),
    }
    return tuple(each for each in Obstacle if each in found)


def outside(time: Interval, person: ConsultedPerson) -> tuple[Obstacle, ...]:
    """Return whether the time is outside the windows or touches a holiday."""
    is_inside = covers(person.windows, time)
    found = () if is_inside else (Obstacle.OUTSIDE_WINDOWS,)
    return (*found, Obstacle.HOLIDAY) if _is_on_holiday(time, person) else found


def taken(time: Interval, person_time: PersonTime, rules: SlotRules) -> tuple[Obstacle, ...]:
    """Return whether a session or a calendar entry overlaps the time or is too close to it."""
    sessions, entries = person_time.sessions, person_time.entries
    with_buffers = rules.around_session(time)
    around = time.widened(rules.buffer_before, rules.buffer_after)
    found = {
        Obstacle.SESSION: _any_overlaps(sessions, time),
        Obstacle.CALENDAR: _any_overlaps(entries, time),
        Obstacle.BUFFER: _any_is_near(sessions, time, with_buffers)
        or _any_is_near(entries, time, around),
    }
    return tuple(each for each, is_found in found.items() if is_found)


def unread(person: ConsultedPerson, rules: SlotRules) -> tuple[Obstacle, ...]:
    """Return whether one of the person's calendars could not be read, if that counts."""
    return (Obstacle.UNVERIFIED,) if person.unread and not rules.unverified_is_available else ()


def too_soon(start: datetime, rules: SlotRules, *, now: datetime) -> tuple[Obstacle, ...]:
    """Return whether the start is before the end of the minimum notice."""
    return (Obstacle.NOTICE,) if start < now + rules.minimum_notice else ()


def covers(windows: tuple[Window, ...], time: Interval) -> bool:
    """Return whether the whole time is inside the windows."""
    start, end = _seconds(time)
    return open_spans(windows, start, end) == ((start, end),)


def _is_on_holiday(time: Interval, person: ConsultedPerson) -> bool:
    around = stretches(zone(person.zone), *_seconds(time))
    return any(
        shown(around, day_number(each.first) * DAY, (day_number(each.last) + 1) * DAY)
        for each in person.holidays
    )


def _any_overlaps(busy: Iterable[Interval], time: Interval) -> bool:
    return any(each.overlaps(time) for each in busy)


def _any_is_near(busy: Iterable[Interval], time: Interval, around: Interval) -> bool:
    return any(each.overlaps(around) and not each.overlaps(time) for each in busy)


def _seconds(time: Interval) -> tuple[int, int]:
    """Return the smallest whole seconds around the interval."""
    return (time.start - EPOCH) // _SECOND, -((EPOCH - time.end) // _SECOND)
