"""A slow and simple second implementation of slot finding, to test the real engine against.

It steps through instants, reads the wall clocks from zoneinfo at each, and shares only the input
types with the engine.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from shared.domain.role import Role
from shared.domain.slots import ConsultedPerson, SlotRules, SlotStatus
from shared.domain.week import Window

OracleSlot: TypeAlias = tuple[datetime, SlotStatus, tuple[Role, ...]]
Wall: TypeAlias = tuple[date, int, int]
"""A wall clock reading: the date, its weekday from Monday = 0, and the second of the day."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = 3600


def slots_by_definition(
    day: date,
    viewer: ZoneInfo,
    consulted: Sequence[ConsultedPerson],
    rules: SlotRules,
    *,
    now: datetime,
    tick: int = 60,
) -> list[OracleSlot]:
    """Return start, status and blocked roles of every slot that starts on `day` for the viewer.

    `tick` is the step in seconds: 60 is exact if every clock differs from UTC by whole minutes and
    changes on whole minutes, 1 is always exact.
    """
    noon = round((datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - _EPOCH).total_seconds())
    # Clocks differ from UTC by less than 16 hours, so the date is within noon +- 28 hours.
    seen = range(noon - 28 * _HOUR, noon + 28 * _HOUR, tick)
    today = [
        (t, second)
        for t, (shown, _, second) in zip(seen, walls(viewer, seen), strict=True)
        if shown == day
    ]
    if not today:
        return []
    length, step = (round(each.total_seconds()) for each in (rules.length, rules.step))
    walked = range(today[0][0], today[-1][0] + tick + length, tick)
    working = bytes(map(all, zip(*(_working(each, walked) for each in consulted), strict=True)))
    holidays = [_on_holiday(each, walked) for each in consulted]
    result = []
    for t, second in today:
        if second % step:
            continue
        at, count = (t - walked.start) // tick, length // tick
        if 0 in working[at : at + count]:
            continue
        off = [1 in each[at : at + count] for each in holidays]
        start = _EPOCH + timedelta(seconds=t)
        result.append((start, *_status(start, consulted, off, rules, now)))
    return result


def walls(zone: ZoneInfo, instants: range) -> Iterator[Wall]:
    """Yield the zone's wall clock reading at each instant; `instants` step by one tick."""
    hour, within = divmod(instants.start, _HOUR)
    skipped, left = within // instants.step, len(instants)
    while left > 0:
        part = _hour(zone, hour, instants.step)[skipped:][:left]
        yield from part
        hour, skipped, left = hour + 1, 0, left - len(part)


@lru_cache(maxsize=20_000)
def _hour(zone: ZoneInfo, hour: int, tick: int) -> tuple[Wall, ...]:
    """Return the readings of one hour; without a clock change they are counted from the first."""
    instants = range(hour * _HOUR, (hour + 1) * _HOUR, tick)
    (day, weekday, second), last = _wall(zone, instants[0]), _wall(zone, instants[-1])
    if last == (day, weekday, second + _HOUR - tick):
        return tuple((day, weekday, second + n * tick) for n in range(len(instants)))
    return tuple(_wall(zone, t) for t in instants)


def _wall(zone: ZoneInfo, t: int) -> Wall:
    shown = datetime.fromtimestamp(t, zone)
    return shown.date(), shown.weekday(), shown.hour * _HOUR + shown.minute * 60 + shown.second


def _working(person: ConsultedPerson, walked: range) -> bytes:
    """Return one byte per instant: whether it is inside a window of the person."""
    clocks = {
        name: list(walls(ZoneInfo(name), walked)) for name in {each.zone for each in person.windows}
    }
    insides = [_inside(each, clocks[each.zone]) for each in person.windows]
    return bytes(map(any, zip(*insides, strict=True))) if insides else bytes(len(walked))


def _inside(window: Window, clock: Sequence[Wall]) -> list[bool]:
    start, end, day = window.start * 60, window.end * 60, window.weekday
    if start < end:
        return [weekday == day and start <= second < end for _, weekday, second in clock]
    following = (day + 1) % 7
    return [
        (weekday == day and second >= start) or (weekday == following and second < end)
        for _, weekday, second in clock
    ]


def _on_holiday(person: ConsultedPerson, walked: range) -> bytes:
    if not person.holidays:
        return bytes(len(walked))
    days = [day for day, _, _ in walls(ZoneInfo(person.zone), walked)]
    off = {
        day for day in set(days) if any(each.first <= day <= each.last for each in person.holidays)
    }
    return bytes(day in off for day in days)


def _status(
    start: datetime,
    consulted: Sequence[ConsultedPerson],
    off: Sequence[bool],
    rules: SlotRules,
    now: datetime,
) -> tuple[SlotStatus, tuple[Role, ...]]:
    busy = [_is_busy(each, start, rules) for each in consulted]
    if start < now + rules.minimum_notice:
        return SlotStatus.PAST, ()
    if any(off):
        return SlotStatus.HOLIDAY, _roles(consulted, off)
    if any(busy):
        return SlotStatus.BUSY, _roles(consulted, busy)
    if any(each.unread for each in consulted):
        return SlotStatus.UNVERIFIED, ()
    return SlotStatus.AVAILABLE, ()


def _is_busy(person: ConsultedPerson, start: datetime, rules: SlotRules) -> bool:
    first, last = start - rules.buffer_before, start + rules.length + rules.buffer_after
    return any(
        first < _EPOCH + timedelta(minutes=end) and _EPOCH + timedelta(minutes=begin) < last
        for begin, end in person.busy
    )


def _roles(consulted: Sequence[ConsultedPerson], taken: Sequence[bool]) -> tuple[Role, ...]:
    named = {each.role for each, is_taken in zip(consulted, taken, strict=True) if is_taken}
    return tuple(role for role in (Role.COACH, Role.LEARNER) if role in named)
