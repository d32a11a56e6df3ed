"""Whether one person is free at one instant, by the rules of slots."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.interval import EPOCH, Interval, to_utc
from shared.domain.slot_rules import MINUTE, ConsultedPerson, SlotRules, SlotStatus
from shared.domain.slot_runs import slot_runs
from shared.domain.zones import zone

_NONE = timedelta(0)


def minute_of(instant: datetime) -> Interval:
    """Return the whole minute of UTC that holds the instant; nothing here is finer than that.

    Raises:
        ValueError: when it is naive.
    """
    start = to_utc(instant).replace(second=0, microsecond=0)
    return Interval(start, start + MINUTE)


def status_at(instant: datetime, person: ConsultedPerson, rules: SlotRules) -> SlotStatus | None:
    """Return the status of the slot that is just the minute of the instant, None outside windows.

    Buffers count as for any slot. No instant is past here: neither the clock nor the minimum
    notice has a say.

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
