"""Book the time of participants: read, check for conflicts, commit in one transaction."""

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from shared.domain.agenda import AgendaDay
from shared.domain.caller import Caller
from shared.domain.checked_people import checked_people
from shared.domain.copy_content import copy_views
from shared.domain.event import Event
from shared.domain.person import Person
from shared.parallel import together
from shared.ports import Bookings, EventStore, PeopleStore
from shared.usecases.booking.conflicts import CheckRequest, ConflictCheck
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

    def snapshot(self, event: Event, caller: Caller, *, now: datetime) -> Snapshot:
        """Read everything that a booking of the event depends on."""
        return self._snapshot(event, caller, upcoming_from=None, now=now)

    def snapshot_for_creation(self, event: Event, caller: Caller, *, now: datetime) -> Snapshot:
        """Read in addition, for the limits on users, the caller's agenda from today on."""
        return self._snapshot(
            event, caller, upcoming_from=None if caller.manages_events else now.date(), now=now
        )

    def _snapshot(
        self, event: Event, caller: Caller, *, upcoming_from: date | None, now: datetime
    ) -> Snapshot:
        reach = self._check.reach(event)
        agenda_reads = [partial(self._bookings.agendas, event.participants, reach)]
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
            agendas=tuple(day.at(now) for day in agendas),
            persons={person.user_id: person for person in people},
            upcoming=tuple(day.at(now) for days in upcoming for day in days),
        )

    def book(
        self,
        event: Event,
        previous: Event | None,
        snapshot: Snapshot,
        *,
        held: Event | None,
        allow_conflicts: bool,
        now: datetime,
    ) -> EventView:
        """Commit a new event, or a change of one, if everyone who must be free is free.

        Only people and time that `held`, the version before a change, does not have are checked.

        Raises:
            SlotTaken, OutsideAvailability, CalendarUnreadable, TooManySessions, LostRace.
        """
        people = checked_people(event, held, snapshot.caller)
        return self._book(
            event,
            previous,
            snapshot,
            CheckRequest(
                caller=snapshot.caller,
                event=event,
                people=people,
                agendas=snapshot.agendas,
                persons=snapshot.persons,
                has_new_start=held is None or event.interval.start != held.interval.start,
                are_rules_binding=self._check.bind(snapshot.caller, event),
                allow_conflicts=allow_conflicts,
                now=now,
            ),
        )

    def approve(
        self,
        event: Event,
        previous: Event,
        snapshot: Snapshot,
        *,
        allow_conflicts: bool,
        now: datetime,
    ) -> EventView:
        """Commit an approved event if everyone who must be free still is. Booking rules only warn.

        Raises:
            SlotTaken, CalendarUnreadable, TooManySessions, LostRace.
        """
        return self._book(
            event,
            previous,
            snapshot,
            CheckRequest(
                caller=snapshot.caller,
                event=event,
                people=checked_people(event, None, snapshot.caller),
                agendas=snapshot.agendas,
                persons=snapshot.persons,
                has_new_start=False,
                are_rules_binding=False,
                allow_conflicts=allow_conflicts,
                now=now,
            ),
        )

    def _book(
        self, event: Event, previous: Event | None, snapshot: Snapshot, request: CheckRequest
    ) -> EventView:
        self._limits.check_day(snapshot.caller, event, previous, snapshot.agendas)
        warnings = self._check.warnings(request)
        self._save_address(snapshot)
        required = [each.user_id for each in request.people if each.must_be_free]
        guarded = () if request.allow_conflicts else tuple(required)
        self._bookings.commit(event, previous=previous, guarded=guarded, seen=snapshot.agendas)
        log_commit(event)
        unreachable = self._views.unreachable(event, _with_address(snapshot))
        view = self._view(event, previous, snapshot)
        return replace(view, warnings=(*warnings, *unreachable))

    def commit(self, event: Event, previous: Event) -> None:
        """Commit a version that takes no new time.

        Raises:
            LostRace: when the event has changed.
        """
        self._bookings.commit(event, previous=previous)
        log_commit(event)

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


def log_commit(event: Event) -> None:
    """Log a committed version with its audit entry."""
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


def _with_address(snapshot: Snapshot) -> dict[str, Person]:
    """Return the participants; the caller has the address of the token, which was saved."""
    email = snapshot.caller.email
    own = snapshot.persons.get(snapshot.caller.user_id)
    known = {own.user_id: replace(own, email=email)} if own and email else {}
    return {**snapshot.persons, **known}
