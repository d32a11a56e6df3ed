"""Many calendars are asked side by side, and one that hangs costs nobody else's answer."""

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
from tests.support.calendar_fakes import Shelf
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
SOON = timedelta(milliseconds=500)
BUSY_AT_TEN = CalendarEntry(
    external_id="e-1", title="Dentist", interval=hours(10, day=TUESDAY), all_day=False, busy=True
)


@dataclass(slots=True)
class Meeting(Shelf):
    """Answers only once eight calendars are being asked; asked in turn, all would fail."""

    gate: Barrier = field(default_factory=lambda: Barrier(EIGHT, timeout=10))

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return what overlaps `within`, together with the others."""
        self.gate.wait()
        return Shelf.entries(self, account, within, timeout=timeout)


@dataclass(slots=True)
class Hanging(Shelf):
    """One calendar never answers before it is released."""

    hangs: str = ""
    released: Event = field(default_factory=Event)

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return what overlaps `within`, unless this is the one that hangs."""
        if account.connection.id == self.hangs:
            self.released.wait(20)
        return Shelf.entries(self, account, within, timeout=timeout)


def connected(who: User, number: int) -> list[str]:
    """Connect so many calendars of somebody and return their ids."""
    ids = [fresh_id("c") for _ in range(number)]
    for each in ids:
        made = connection(each, user_id=who.id, status=ConnectionStatus.ACTIVE)
        wiring.people().save_connection(made)
    return ids


def slots(
    shelf: Shelf, who: User, other: User, *, deadline: timedelta = timedelta(seconds=30)
) -> SlotDay:
    query = SlotQuery(
        day=TUESDAY, role=Role.COACH, coach_ids=(who.id,), learner_ids=(other.id,), zone="UTC"
    )
    return slots_over(calendars_over(shelf, deadline=deadline)).on(query, now=NOW)


def day(shelf: Shelf, who: User, *, deadline: timedelta = timedelta(seconds=30)) -> DayView:
    days = days_over(calendars_over(shelf, deadline=deadline))
    return days.on(Caller(user_id=who.id), day=TUESDAY, user_id=None, zone_name="UTC")


def states(view: SlotDay | DayView) -> dict[str, SourceState]:
    return {each.connection_id: each.state for each in view.sources}


def test_slots_ask_eight_calendars_side_by_side() -> None:
    who, other = coach(), learner()
    ids = [*connected(who, 4), *connected(other, 4)]

    found = slots(Meeting(), who, other)

    assert dict.fromkeys(ids, SourceState.OK) == states(found)


def test_a_day_asks_eight_calendars_side_by_side() -> None:
    who = coach()
    ids = connected(who, EIGHT)

    view = day(Meeting(), who)

    assert dict.fromkeys(ids, SourceState.OK) == states(view)


def test_slots_of_whose_calendar_hangs_are_unverified_but_where_others_are_known_busy() -> None:
    who, other = coach(), learner()
    hanging, *answering = [*connected(who, 4), *connected(other, 4)]
    shelf = Hanging((BUSY_AT_TEN,), hangs=hanging)

    found = slots(shelf, who, other, deadline=SOON)
    shelf.released.set()

    assert {
        hanging: SourceState.UNAVAILABLE,
        **dict.fromkeys(answering, SourceState.OK),
    } == states(found)
    told = {each.local_start.time(): each.status for each in found.slots}
    busy = {each for each, status in told.items() if status is SlotStatus.BUSY}
    assert {time(9, 30), time(10), time(10, 30)} == busy
    assert {SlotStatus.BUSY, SlotStatus.UNVERIFIED} == set(told.values())


def test_a_day_with_a_calendar_that_hangs_shows_all_the_others() -> None:
    who = coach()
    hanging, *answering = connected(who, EIGHT)
    shelf = Hanging((BUSY_AT_TEN,), hangs=hanging)

    view = day(shelf, who, deadline=SOON)
    shelf.released.set()

    assert {
        hanging: SourceState.UNAVAILABLE,
        **dict.fromkeys(answering, SourceState.OK),
    } == states(view)
    assert sorted(answering) == sorted(str(each.connection_id) for each in view.entries)
