"""Calendars are read in parallel, and one that hangs does not affect the others."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from threading import Barrier, Event

import pytest

from shared import wiring
from shared.domain.caller import Caller
from shared.domain.connection import ConnectionStatus
from shared.domain.copy import CalendarEntry
from shared.domain.interval import Interval
from shared.domain.role import Role
from shared.domain.slot_rules import SlotStatus
from shared.ports import Account
from shared.usecases.finding.calendars import SourceState
from shared.usecases.finding.days import DayView
from shared.usecases.finding.slots import SlotDay, SlotQuery
from tests.support.calendar_stubs import ReadOnlyCalendar
from tests.support.service import (
    NOW,
    User,
    calendars_over,
    coach,
    days_over,
    fresh_id,
    learner,
    slots_over,
)
from tests.support.store_samples import connection, hours

pytestmark = pytest.mark.usefixtures("service")

TUESDAY = date(2026, 11, 24)
EIGHT = 8
ADMIN = Caller(user_id="boss", roles=frozenset({Role.ADMIN}))
SOON = timedelta(milliseconds=500)
BUSY_AT_TEN = CalendarEntry(
    external_id="e-1", title="Dentist", interval=hours(10, day=TUESDAY), all_day=False, busy=True
)


@dataclass(slots=True)
class ParallelCalendars(ReadOnlyCalendar):
    """Returns only once eight calendars are being read; sequential reads would all fail."""

    gate: Barrier = field(default_factory=lambda: Barrier(EIGHT, timeout=10))

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return the entries that overlap `within`, once all reads have started."""
        self.gate.wait()
        return ReadOnlyCalendar.entries(self, account, within, timeout=timeout)


@dataclass(slots=True)
class HangingCalendar(ReadOnlyCalendar):
    """One calendar does not respond until it is released."""

    hangs: str = ""
    released: Event = field(default_factory=Event)

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return the entries that overlap `within`; the hanging calendar blocks."""
        if account.connection.id == self.hangs:
            self.released.wait(20)
        return ReadOnlyCalendar.entries(self, account, within, timeout=timeout)


def connected(who: User, number: int) -> list[str]:
    """Connect `number` calendars of a user and return their ids."""
    ids = [fresh_id("c") for _ in range(number)]
    for each in ids:
        made = connection(each, user_id=who.id, status=ConnectionStatus.ACTIVE)
        wiring.people_store().save_connection(made)
    return ids


def slots(
    provider: ReadOnlyCalendar,
    who: User,
    other: User,
    *,
    deadline: timedelta = timedelta(seconds=30),
) -> SlotDay:
    query = SlotQuery(
        day=TUESDAY, role=Role.COACH, coach_ids=(who.id,), learner_ids=(other.id,), zone="UTC"
    )
    return slots_over(calendars_over(provider, deadline=deadline)).on(ADMIN, query, now=NOW)


def day(
    provider: ReadOnlyCalendar, who: User, *, deadline: timedelta = timedelta(seconds=30)
) -> DayView:
    days = days_over(calendars_over(provider, deadline=deadline))
    return days.on(Caller(user_id=who.id), day=TUESDAY, user_id=None, zone_name="UTC", now=NOW)


def states(view: SlotDay | DayView) -> dict[str | None, SourceState]:
    return {each.connection_id: each.state for each in view.sources}


def test_slots_read_eight_calendars_in_parallel() -> None:
    who, other = coach(), learner()
    ids = [*connected(who, 4), *connected(other, 4)]

    day_slots = slots(ParallelCalendars(), who, other)

    assert dict.fromkeys(ids, SourceState.OK) == states(day_slots)


def test_a_day_reads_eight_calendars_in_parallel() -> None:
    who = coach()
    ids = connected(who, EIGHT)

    view = day(ParallelCalendars(), who)

    assert dict.fromkeys(ids, SourceState.OK) == states(view)


def test_a_hanging_calendar_makes_slots_unverified_except_those_known_to_be_busy() -> None:
    who, other = coach(), learner()
    hanging, *responding_with = [*connected(who, 4), *connected(other, 4)]
    provider = HangingCalendar((BUSY_AT_TEN,), hangs=hanging)

    day_slots = slots(provider, who, other, deadline=SOON)
    provider.released.set()

    assert {
        hanging: SourceState.UNAVAILABLE,
        **dict.fromkeys(responding_with, SourceState.OK),
    } == states(day_slots)
    statuses = {each.local_start.time(): each.status for each in day_slots.slots}
    busy = {each for each, status in statuses.items() if status is SlotStatus.BUSY}
    assert {time(9, 30), time(10), time(10, 30)} == busy
    assert {SlotStatus.BUSY, SlotStatus.UNVERIFIED} == set(statuses.values())


def test_a_day_with_a_hanging_calendar_lists_all_other_calendars() -> None:
    who = coach()
    hanging, *responding_with = connected(who, EIGHT)
    provider = HangingCalendar((BUSY_AT_TEN,), hangs=hanging)

    view = day(provider, who, deadline=SOON)
    provider.released.set()

    assert {
        hanging: SourceState.UNAVAILABLE,
        **dict.fromkeys(responding_with, SourceState.OK),
    } == states(view)
    assert sorted(responding_with) == sorted(str(each.connection_id) for each in view.entries)
