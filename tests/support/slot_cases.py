"""People and rules for simple slot finding cases on a Monday, and short forms of the results."""

from datetime import UTC, date, datetime, timedelta

from shared.domain.interval import Interval, busy_spans
from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.domain.slots import ConsultedPerson, Slot, SlotRules, find_slots
from shared.domain.week import Window
from shared.domain.zones import zone

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
MONDAY = date(2026, 3, 2)
HOURLY = SlotRules(length=HOUR, step=HOUR)


def at(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    """Return a time of the day in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def every_day(start: int, end: int, zone: str = "UTC") -> tuple[Window, ...]:
    """Return a window between two hours on every weekday."""
    return tuple(Window(day, start * 60, end * 60, zone) for day in range(7))


def coach(**changes: object) -> ConsultedPerson:
    """Return a coach who works from 9 to 12 UTC every day."""
    fields = {"role": Role.COACH, "zone": "UTC", "windows": every_day(9, 12), **changes}
    return ConsultedPerson(**fields)  # type: ignore[arg-type]  # tests pass field names


def learner(**changes: object) -> ConsultedPerson:
    """Return a learner with the same hours."""
    return coach(**{"role": Role.LEARNER, **changes})


def busy(*intervals: tuple[datetime, datetime]) -> tuple[tuple[int, int], ...]:
    """Return busy time for pairs of start and end."""
    return busy_spans(Interval(start, end) for start, end in intervals)


def holiday(first: date, last: date) -> Holiday:
    """Return a holiday of a coach."""
    return Holiday(
        id="1", name="Away", role=Role.COACH, first=first, last=last, created_at=LONG_AGO
    )


def slots(
    *people: ConsultedPerson,
    day: date = MONDAY,
    viewer: str = "UTC",
    rules: SlotRules = HOURLY,
    now: datetime = LONG_AGO,
) -> tuple[Slot, ...]:
    """Return the slots of a day when all of these people must be free."""
    return find_slots(day, zone(viewer), people, rules, now=now)


def clock(result: tuple[Slot, ...]) -> list[str]:
    """Return the start of each slot on the viewer's clock."""
    return [each.local_start.strftime("%H:%M") for each in result]


def statuses(result: tuple[Slot, ...]) -> list[str]:
    """Return the status of each slot."""
    return [each.status.value for each in result]
