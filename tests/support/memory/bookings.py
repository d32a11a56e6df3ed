"""Bookings in memory: commits are serialized and check the versions they have seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from typing_extensions import override

from shared.domain.agenda import (
    AgendaDay,
    check_room,
    days_touching,
    is_optional,
    is_own,
    session_heading,
)
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.ports import Bookings
from tests.support.memory.tables import Memory


class MemoryBookings(Bookings):
    """Bookings; the next `lost` commits and `unsettled` releases raise LostRace."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.lost = 0
        self.unsettled = 0
        self.commits = 0

    @override
    def agendas(self, user_ids: Sequence[str], interval: Interval) -> tuple[AgendaDay, ...]:
        with self._memory.lock:
            return tuple(
                self._day(user, day) for user in user_ids for day in days_touching(interval)
            )

    @override
    def commit(
        self,
        event: Event,
        *,
        previous: Event | None,
        guarded: Sequence[str] = (),
        seen: Sequence[AgendaDay] = (),
    ) -> None:
        with self._memory.lock:
            self.commits += 1
            if self.lost:
                self.lost -= 1
                raise LostRace("another writer was first")
            stored = self._memory.events.get(event.id)
            if (stored and stored.version) != (previous and previous.version):
                raise LostRace(f"event {event.id} has changed")
            self._check(event, guarded, seen)
            start_day = event.interval.start.date()
            check_room(event, [self._day(user, start_day) for user in event.participants])
            self._write(previous, holds=False)
            self._write(event, holds=True)
            self._memory.events[event.id] = event
            self._memory.unsynced[event.id] = event.updated_at

    @override
    def release_stale_holds(self, event_id: str) -> None:
        if self.unsettled:
            self.unsettled -= 1
            raise LostRace(f"other writers keep changing the stale holds of {event_id}")

    def _check(self, event: Event, guarded: Sequence[str], seen: Sequence[AgendaDay]) -> None:
        versions = {(each.user_id, each.day): each.version for each in seen}
        for user in guarded:
            read = {day for reader, day in versions if reader == user}
            for day in read.union(days_touching(event.interval)):
                if versions[user, day] != self._day(user, day).version:
                    raise LostRace(f"the agenda of {user} on {day} has changed")

    def _write(self, event: Event | None, *, holds: bool) -> None:
        if event is None:
            return
        for user in event.participants:
            day = self._day(user, event.interval.start.date())
            kept = _without(day, event.id)
            self._memory.agendas[user, day.day] = _with(kept, event) if holds else kept

    def _day(self, user: str, day: date) -> AgendaDay:
        return self._memory.agendas.get((user, day), AgendaDay(user_id=user, day=day))


def _without(day: AgendaDay, event_id: str) -> AgendaDay:
    return replace(
        day,
        version=day.version + 1,
        sessions={key: each for key, each in day.sessions.items() if key != event_id},
        headings={key: each for key, each in day.headings.items() if key != event_id},
        pending_until={key: each for key, each in day.pending_until.items() if key != event_id},
        own=day.own - {event_id},
        optional=day.optional - {event_id},
    )


def _with(day: AgendaDay, event: Event) -> AgendaDay:
    day = replace(day, headings={**day.headings, event.id: session_heading(event)})
    if event.is_closed:
        return day
    until = {event.id: event.pending_until} if event.pending_until else {}
    return replace(
        day,
        sessions={**day.sessions, event.id: event.interval},
        pending_until={**day.pending_until, **until},
        own=day.own | ({event.id} if is_own(event, day.user_id) else set()),
        optional=day.optional | ({event.id} if is_optional(event, day.user_id) else set()),
    )
