"""Book the time of participants: read, check for conflicts, commit in one transaction."""

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from shared.domain.agenda import AgendaDay
from shared.domain.caller import Caller
from shared.domain.copy_content import copy_views
from shared.domain.event import Event
from shared.domain.person import Person
from shared.parallel import together
from shared.ports import Bookings, EventStore, PeopleStore
from shared.usecases.booking.conflicts import ConflictCheck
from shared.usecases.booking.session_limits import SessionLimits
from shared.usecases.booking.views import EventView, EventViews

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The result of one wave of reads: the stored event, the agendas and the participants."""

    caller: Caller
    event: Event | None
    agendas: tuple[AgendaDay, ...]
    persons: dict[str, Person]
    upcoming: tuple[AgendaDay, ...] = ()


class Booker:
    """Commits new versions of events. Each commit is logged with its audit entry."""

    def __init__(
        self,
        *,
        events: EventStore,
        bookings: Bookings,
        people: PeopleStore,
        check: ConflictCheck,
        limits: SessionLimits,
        views: EventViews,
    ) -> None:
        self._events = events
        self._bookings = bookings
        self._people = people
        self._check = check
        self._limits = limits
        self._views = views

    def snapshot(self, event: Event, caller: Caller) -> Snapshot:
        """Read everything that a booking of the event depends on."""
        return self._snapshot(event, caller, upcoming_from=None)

    def snapshot_for_creation(self, event: Event, caller: Caller, *, now: datetime) -> Snapshot:
        """Read in addition, for the limits on users, the caller's agenda from today on."""
        return self._snapshot(
            event, caller, upcoming_from=None if caller.manages_events else now.date()
        )

    def _snapshot(self, event: Event, caller: Caller, *, upcoming_from: date | None) -> Snapshot:
        agenda_reads = [partial(self._bookings.agendas, event.participants, event.interval)]
        if upcoming_from:
            read = partial(self._people.agenda, caller.user_id, upcoming_from, date.max)
            agenda_reads.append(read)
        [stored], [agendas, *upcoming], people = together(
            [partial(self._events.find, event.id)],
            agenda_reads,
            [partial(self._people.person, user) for user in event.participants],
        )
        return Snapshot(
            caller=caller,
            event=stored,
            agendas=agendas,
            persons={person.user_id: person for person in people},
            upcoming=tuple(day for days in upcoming for day in days),
        )

    def book(
        self,
        event: Event,
        previous: Event | None,
        snapshot: Snapshot,
        *,
        allow_conflicts: bool,
        now: datetime,
    ) -> EventView:
        """Commit the event if everyone who must be free is free.

        Raises:
            SlotTaken, CalendarUnreadable, TooManySessions, LostRace.
        """
        self._limits.check_day(snapshot.caller, event, previous, snapshot.agendas)
        required = event.required_for(snapshot.caller)
        report = self._check.sessions(event, snapshot.agendas, required)
        if allow_conflicts or not report.taken:
            report += self._check.calendars(event, snapshot.persons, required)
        warnings = self._check.decide(
            event, report, required, allow_conflicts=allow_conflicts, now=now
        )
        self._save_address(snapshot)
        guarded = () if allow_conflicts else tuple(user for user, _ in required)
        self._bookings.commit(event, previous=previous, guarded=guarded, seen=snapshot.agendas)
        _log_commit(event)
        return replace(self._view(event, previous, snapshot), warnings=warnings)

    def commit(self, event: Event, previous: Event) -> None:
        """Commit a version that takes no new time.

        Raises:
            LostRace: when the event has changed.
        """
        self._bookings.commit(event, previous=previous)
        _log_commit(event)

    def _view(self, event: Event, previous: Event | None, snapshot: Snapshot) -> EventView:
        if previous is None:
            copies = copy_views(event, (), snapshot.persons)
            return self._views.for_caller(snapshot.caller, event, copies)
        return self._views.with_persons(snapshot.caller, event, snapshot.persons)

    def _save_address(self, snapshot: Snapshot) -> None:
        """Save the caller's e-mail before the commit: the invitation worker may start at once."""
        caller, person = snapshot.caller, snapshot.persons.get(snapshot.caller.user_id)
        if person and caller.email and caller.email != person.email:
            self._people.save_profile(caller.user_id, email=caller.email, roles=caller.roles)


def _log_commit(event: Event) -> None:
    entry = event.audit[-1]
    log.info(
        "event committed",
        extra={
            "event_id": event.id,
            "version": event.version,
            "action": entry.action.value,
            "actor_id": entry.actor_id,
            "actor_role": entry.role,
            "note": entry.note,
        },
    )
