"""Why each time of a date is available or not, for each person consulted."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from shared.domain.caller import Caller
from shared.domain.interval import EPOCH, Interval, busy_spans
from shared.domain.localtime import date_pieces, instant
from shared.domain.obstacles import PersonTime, obstacles
from shared.domain.role import Role
from shared.domain.slot_rules import MINUTE, Obstacle, SlotRules
from shared.domain.zones import zone
from shared.usecases.finding.calendars import Reading
from shared.usecases.finding.slots import QueryTimes, SlotDay, SlotQuery, Slots


class SlotReason(NamedTuple):
    """One reason why a time is not available; `role` is None for the default windows."""

    role: Role | None
    obstacle: Obstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedTime:
    """A time on the grid of a date with every reason why it is not available."""

    interval: Interval
    local_start: datetime
    reasons: tuple[SlotReason, ...]


class Explanations:
    """Explains slots, from the same reads as the slots themselves."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots

    def on(
        self, caller: Caller, query: SlotQuery, *, now: datetime
    ) -> tuple[SlotDay, tuple[ExplainedTime, ...]]:
        """Return the slots of a date, and every time of its grid with its reasons.

        A time is available exactly if it has no reasons.

        Raises:
            InvalidRequest, Forbidden, NotFound: as `Slots.on`.
        """
        times = self._slots.times(caller, query, now=now)
        day = self._slots.day(caller, query, times, now=now)
        return day, explained(query.day, times.viewer, person_times(times), times.rules, now=now)


def person_times(times: QueryTimes) -> tuple[PersonTime, ...]:
    """Return the people of a query with their sessions and calendar entries apart."""
    if not times.consulted:
        return tuple(PersonTime(person=each) for each in times.people)
    return tuple(
        PersonTime(
            person=person,
            sessions=_merged(times.persons[user].sessions(leaving_out=times.moving)),
            entries=_merged(entries_of(user, times.readings, times.persons[user].known_sessions)),
        )
        for (user, _), person in zip(times.consulted, times.people, strict=True)
    )


def entries_of(
    user_id: str, readings: Sequence[Reading], sessions: Collection[str]
) -> tuple[Interval, ...]:
    """Return the busy times of a user's calendars, without the copies of these sessions."""
    return tuple(
        busy
        for reading in readings
        if reading.connection.user_id == user_id
        for busy in reading.busy(sessions)
    )


def explained(
    day: date,
    viewer: str,
    people: Sequence[PersonTime],
    rules: SlotRules,
    *,
    now: datetime,
) -> tuple[ExplainedTime, ...]:
    """Return every time of the grid that starts on the viewer's date, in order."""
    times = (Interval(start, start + rules.length) for start in _grid(day, viewer, rules))
    return tuple(
        ExplainedTime(
            interval=time,
            local_start=time.start.astimezone(zone(viewer)),
            reasons=tuple(_reasons(time, people, rules, now=now)),
        )
        for time in times
    )


def _reasons(
    time: Interval, people: Sequence[PersonTime], rules: SlotRules, *, now: datetime
) -> Iterator[SlotReason]:
    for each in people:
        for obstacle in obstacles(time, each, rules, now=now):
            yield SlotReason(each.person.role, obstacle)


def _grid(day: date, viewer: str, rules: SlotRules) -> Iterator[datetime]:
    step = int(rules.step.total_seconds())
    for low, high, midnight, _ in date_pieces(zone(viewer), day, day):
        first = midnight - (midnight - low) // step * step
        yield from map(instant, range(first, high, step))


def _merged(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """Return the whole minutes that the intervals cover, as slots count them."""
    return tuple(
        Interval(EPOCH + start * MINUTE, EPOCH + end * MINUTE)
        for start, end in busy_spans(intervals)
    )
