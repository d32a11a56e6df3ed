"""Slot finding: the times of a date at which all people consulted could meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.interval import Interval
from shared.domain.localtime import DAY, EARLIEST, LATEST, date_pieces, day_number, instant
from shared.domain.role import Role
from shared.domain.slot_rules import ConsultedPerson, SlotRules, SlotStatus
from shared.domain.slot_runs import SlotRun, slot_runs

__all__ = [
    "ConsultedPerson",
    "Slot",
    "SlotRules",
    "SlotStatus",
    "find_slots",
    "nearest_free",
    "reach",
]

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time inside the windows of all people consulted, and whether it can be booked.

    `local_start` is the start on the viewer's clock. `blocked_by` has the roles that are not free,
    coach before learner, when the status is busy or holiday.
    """

    interval: Interval
    local_start: datetime
    status: SlotStatus
    available: bool
    blocked_by: tuple[Role, ...]


def find_slots(
    day: date,
    viewer: ZoneInfo,
    consulted: Sequence[ConsultedPerson],
    rules: SlotRules,
    *,
    now: datetime,
) -> tuple[Slot, ...]:
    """Return the slots that start on the viewer's date `day`, ordered by start.

    `consulted` must include every busy time within `reach` of the date.

    Raises:
        ValueError: when `consulted` is empty, a zone is unknown or `now` is naive.
    """
    return tuple(
        _slot(start, run, viewer, rules)
        for run in slot_runs((day, day), viewer, consulted, rules, now=now)
        for start in run.starts
    )


def nearest_free(
    viewer: ZoneInfo,
    consulted: Sequence[ConsultedPerson],
    rules: SlotRules,
    *,
    wanted: datetime,
    within: Interval,
    limit: int,
    now: datetime,
) -> tuple[Interval, ...]:
    """Return up to `limit` available slots that start in `within` and do not overlap, in order.

    They are the nearest ones to the start `wanted`; of two equally near ones, the later.

    Raises:
        ValueError: when `consulted` is empty, a zone is unknown or a time is naive.
    """
    # Where a clock goes back over midnight, an instant between two others can have an earlier or
    # later date than both.
    days = (
        within.start.astimezone(viewer).date() - _ONE_DAY,
        within.end.astimezone(viewer).date() + _ONE_DAY,
    )
    runs = slot_runs(days, viewer, consulted, rules, now=now)
    free = (start for run in runs if rules.can_book(run.status) for start in run.starts)
    starts = [start for start in map(instant, free) if within.start <= start < within.end]
    chosen: list[datetime] = []
    for start in sorted(starts, key=lambda each: (abs(each - wanted), each < wanted)):
        if len(chosen) < limit and all(abs(start - each) >= rules.length for each in chosen):
            chosen.append(start)
    return tuple(Interval(start, start + rules.length) for start in sorted(chosen))


def reach(days: tuple[date, date], viewer: ZoneInfo, rules: SlotRules) -> Interval:
    """Return the interval whose busy times can affect the slots of the viewer's dates `days`.

    It runs from the start of the first date to the end of the last, plus the length of a slot,
    widened by the buffers. It is never empty, even if the zone skipped all of the dates.
    """
    pieces = date_pieces(viewer, *days)
    midnight = min(max(EARLIEST, day_number(days[0]) * DAY), LATEST)
    start, end = (pieces[0].start, pieces[-1].end) if pieces else (midnight, midnight)
    starts = Interval(instant(start), instant(end))
    return starts.widened(rules.buffer_before, rules.length + rules.buffer_after)


def _slot(start: int, run: SlotRun, viewer: ZoneInfo, rules: SlotRules) -> Slot:
    begins = instant(start)
    return Slot(
        Interval(begins, begins + rules.length),
        begins.astimezone(viewer),
        run.status,
        rules.can_book(run.status),
        run.blocked_by,
    )
