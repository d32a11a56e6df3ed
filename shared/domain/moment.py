"""The status of one person at one instant, by the slot rules."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.interval import EPOCH, Interval, to_utc
from shared.domain.slot_rules import MINUTE, ConsultedPerson, SlotRules, SlotStatus
from shared.domain.slot_runs import slot_runs
from shared.domain.zones import zone

_NONE = timedelta(0)


def minute_of(instant: datetime) -> Interval:
    """Return the whole UTC minute that contains the instant; slots have no finer resolution.

    Raises:
        ValueError: when it is naive.
    """
    start = to_utc(instant).replace(second=0, microsecond=0)
    return Interval(start, start + MINUTE)


def status_at(instant: datetime, person: ConsultedPerson, rules: SlotRules) -> SlotStatus | None:
    """Return the status of a one-minute slot at the instant, None outside the windows.

    Buffers apply as for any slot. The current time and the minimum notice are ignored, so no
    instant is past.

    Raises:
        ValueError: when `instant` is naive or a zone is unknown.
    """
    start = minute_of(instant).start
    minutes = replace(rules, length=MINUTE, step=MINUTE, minimum_notice=_NONE)
    day = start.date()
    second = int((start - EPOCH).total_seconds())
    for run in slot_runs((day, day), zone("UTC"), (person,), minutes, now=start):
        if second in run.starts:
            return run.status
    return None
