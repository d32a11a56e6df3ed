"""Create, change, approve and cancel events; each decision is committed in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from shared.domain.agenda import AgendaDay
from shared.domain.caller import Caller
from shared.domain.copy_content import copy_views
from shared.domain.draft import EventChange, EventDraft, check_not_past, check_owner_is
from shared.domain.errors import (
    EventCancelled,
    EventExists,
    Forbidden,
    NotFound,
    SlotTaken,
    VersionConflict,
)
from shared.domain.event import Event, EventStatus
from shared.domain.person import Person
from shared.domain.retry import Pause, retries_lost_races
from shared.domain.role import Role
from shared.parallel import together
from shared.ports import Bookings, EventStore, Meter, Metric, PeopleStore
from shared.usecases.booking.conflicts import ConflictCheck
from shared.usecases.booking.views import EventView, EventViews
from shared.usecases.invitations.audience import AudienceReader

_retried = retries_lost_races(
    partial(
        SlotTaken,
        "Too many concurrent bookings for these participants. Retry in a few seconds.",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    """The result of one wave of reads: the stored event, the agendas and the participants."""

    caller: Caller
    event: Event | None
    agendas: tuple[AgendaDay, ...]
    persons: dict[str, Person]


class Events:
    """The operations on events.

    `pause` waits before try number n after a lost race. An operation that keeps losing races raises
    `SlotTaken`.
    """

    def __init__(
        self,
        *,
        events: EventStore,
        bookings: Bookings,
        people: PeopleStore,
        check: ConflictCheck,
        audiences: AudienceReader,
        pause: Pause,
        meter: Meter,
    ) -> None:
        self._events = events
        self._bookings = bookings
        self._people = people
        self._check = check
        self._views = EventViews(events=events, people=people, audiences=audiences)
        self._pause = pause
        self._meter = meter

    def read(self, caller: Caller, event_id: str) -> EventView:
        """Return an event with the state of each copy.

        Raises:
            NotFound: when there is no event with that id that the caller may see.
        """
        return self._views.of(self._visible(caller, event_id))

    @_retried
    def create(self, caller: Caller, draft: EventDraft, *, now: datetime) -> EventView:
        """Book a session. Repeating the call with the same draft returns the same event.

        Raises:
            InvalidRequest, Forbidden, EventExists, SlotTaken, CalendarUnreadable.
        """
        event = draft.event(now=now)
        check_owner_is(caller, event)
        _check_may_force(caller, draft.allow_conflicts)
        snapshot = self._snapshot(event, caller)
        if snapshot.event is not None:
            _check_same_request(snapshot.event, event)
            return self._views.of(snapshot.event)
        check_not_past(event, now=now)
        view = self._book(event, None, snapshot, allow_conflicts=draft.allow_conflicts, now=now)
        self._meter.count(Metric.SESSIONS_BOOKED, status=event.status.value)
        return replace(view, created=True)

    @_retried
    def update(self, caller: Caller, change: EventChange, *, now: datetime) -> EventView:
        """Change an event. A new time or new participants follow the rules for creation.

        Raises:
            InvalidRequest, Forbidden, NotFound, EventCancelled, VersionConflict, SlotTaken,
            CalendarUnreadable.
        """
        change.check_owner()
        _check_may_force(caller, change.allow_conflicts)
        before = self._changeable(caller, change.session_id)
        if change.expected_version not in {None, before.version}:
            raise VersionConflict(
                f"The event is at version {before.version}. Read it again and repeat the change."
            )
        after = change.apply(before, now=now)
        if "owner" in change.fields:
            check_owner_is(caller, after)
        if after is before:
            return self._views.of(before)
        if _needs_the_same_times(before, after):
            self._bookings.commit(after, previous=before)
            return self._views.of(after)
        snapshot = self._snapshot(after, caller)
        return self._book(after, before, snapshot, allow_conflicts=change.allow_conflicts, now=now)

    @_retried
    def approve(
        self, caller: Caller, event_id: str, *, allow_conflicts: bool, now: datetime
    ) -> EventView:
        """Schedule a pending event after another conflict check. A scheduled event stays as it is.

        Raises:
            Forbidden, NotFound, EventCancelled, SlotTaken, CalendarUnreadable.
        """
        caller.require(Role.ADMIN)
        before = self._changeable(caller, event_id)
        if before.status is EventStatus.SCHEDULED:
            return self._views.of(before)
        after = _next_version(before, EventStatus.SCHEDULED, now=now)
        snapshot = self._snapshot(after, caller)
        return self._book(after, before, snapshot, allow_conflicts=allow_conflicts, now=now)

    @_retried
    def cancel(self, caller: Caller, event_id: str, *, now: datetime) -> EventView:
        """Cancel an event and free its time. A cancelled event stays as it is.

        Raises:
            NotFound: when there is no event with that id that the caller may see.
        """
        before = self._visible(caller, event_id)
        if before.is_cancelled:
            return self._views.of(before)
        after = _next_version(before, EventStatus.CANCELLED, now=now)
        after = replace(after, sequence=before.sequence + 1)
        self._bookings.commit(after, previous=before)
        return self._views.of(after)

    def _snapshot(self, event: Event, caller: Caller) -> _Snapshot:
        [stored], [agendas], people = together(
            [partial(self._events.find, event.id)],
            [partial(self._bookings.agendas, event.participants, event.interval)],
            [partial(self._people.person, user) for user in event.participants],
        )
        persons = {person.user_id: person for person in people}
        return _Snapshot(caller=caller, event=stored, agendas=agendas, persons=persons)

    def _book(
        self,
        event: Event,
        previous: Event | None,
        snapshot: _Snapshot,
        *,
        allow_conflicts: bool,
        now: datetime,
    ) -> EventView:
        report = self._check.sessions(event, snapshot.agendas)
        if allow_conflicts or not report.taken:
            report += self._check.calendars(event, snapshot.persons)
        warnings = self._check.decide(event, report, allow_conflicts=allow_conflicts, now=now)
        self._save_address(snapshot)
        guarded = () if allow_conflicts else tuple(user for user, _ in event.consulted)
        self._bookings.commit(event, previous=previous, guarded=guarded, seen=snapshot.agendas)
        if previous is None:
            view = EventView(event=event, copies=copy_views(event, (), snapshot.persons))
        else:
            view = self._views.with_persons(event, snapshot.persons)
        return replace(view, warnings=warnings)

    def _save_address(self, snapshot: _Snapshot) -> None:
        """Save the caller's e-mail before the commit: the invitation worker may start at once."""
        caller, person = snapshot.caller, snapshot.persons.get(snapshot.caller.user_id)
        if person and caller.email and caller.email != person.email:
            self._people.save_profile(caller.user_id, email=caller.email, roles=caller.roles)

    def _visible(self, caller: Caller, event_id: str) -> Event:
        event = self._events.find(event_id)
        if event is None or not caller.may_see(event):
            raise NotFound(f"There is no event {event_id} that you take part in.")
        return event

    def _changeable(self, caller: Caller, event_id: str) -> Event:
        event = self._visible(caller, event_id)
        if event.is_cancelled:
            raise EventCancelled("The event was cancelled. Create an event with a new sessionId.")
        return event


def _check_same_request(stored: Event, event: Event) -> None:
    if stored.request_digest != event.request_digest:
        raise EventExists(
            f"Session {event.id} already has an event created from a different request body. "
            "Change it with PUT /api/v1/events."
        )


def _check_may_force(caller: Caller, allow_conflicts: bool) -> None:  # noqa: FBT001 - the flag is what is checked
    if allow_conflicts and not caller.is_admin:
        raise Forbidden("Only an Admin may send allowConflicts. Remove it from the request.")


def _next_version(event: Event, status: EventStatus, *, now: datetime) -> Event:
    return replace(event, status=status, version=event.version + 1, updated_at=now)


def _needs_the_same_times(before: Event, after: Event) -> bool:
    """Whether the change leaves the time, the participants and the consulted as they were."""
    return (before.interval, before.participants, before.consulted) == (
        after.interval,
        after.participants,
        after.consulted,
    )
