"""Bookings in memory: commits are serialized and check the versions they have seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from typing_extensions import override

from shared.domain.agenda import AgendaDay, days_touching, session_heading
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
            for day in days_touching(event.interval):
                if versions[user, day] != self._day(user, day).version:
                    raise LostRace(f"the agenda of {user} on {day} has changed")

    def _write(self, event: Event | None, *, holds: bool) -> None:
        if event is None or event.is_cancelled:
            return
        for user in event.participants:
            day = self._day(user, event.interval.start.date())
            sessions, headings = dict(day.sessions), dict(day.headings)
            sessions.pop(event.id, None)
            headings.pop(event.id, None)
            if holds:
                sessions[event.id] = event.interval
                headings[event.id] = session_heading(event)
            self._memory.agendas[user, day.day] = replace(
                day, version=day.version + 1, sessions=sessions, headings=headings
            )

    def _day(self, user: str, day: date) -> AgendaDay:
        return self._memory.agendas.get((user, day), AgendaDay(user_id=user, day=day))
