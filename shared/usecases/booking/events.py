"""Booking, changing, approving and cancelling sessions: one transaction decides each."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from shared.domain.agenda import AgendaDay
from shared.domain.caller import Caller
from shared.domain.copy_content import copies_of
from shared.domain.draft import EventChange, EventDraft, check_not_past, check_owner_is
from shared.domain.errors import (
    EventCancelled,
    EventExists,
    Forbidden,
    LostRace,
    NotFound,
    SlotTaken,
    VersionConflict,
)
from shared.domain.event import Event, EventStatus
from shared.domain.person import Person
from shared.domain.role import Role
from shared.parallel import together
from shared.ports import Bookings, EventStore, Meter, Metric, PeopleStore
from shared.usecases.booking.conflicts import ConflictCheck
from shared.usecases.booking.views import EventView, EventViews
from shared.usecases.invitations.audience import AudienceReader

TRIES = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What one wave of reads found, and for whom."""

    caller: Caller
    event: Event | None
    agendas: tuple[AgendaDay, ...]
    persons: dict[str, Person]


class Events:
    """The operations on events.

    `pause` waits a little before try number n after a lost race.
    """

    def __init__(
        self,
        *,
        events: EventStore,
        bookings: Bookings,
        people: PeopleStore,
        check: ConflictCheck,
        audiences: AudienceReader,
        pause: Callable[[int], None],
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
            NotFound: when there is none that this caller may see.
        """
        return self._views.of(_visible(caller, event_id, self._events.find(event_id)))

    def create(self, caller: Caller, draft: EventDraft, *, now: datetime) -> EventView:
        """Book a session, once however often it is asked with the same draft.

        Raises:
            InvalidRequest, Forbidden, EventExists, SlotTaken, CalendarUnreadable.
        """
        event = draft.event(now=now)
        check_owner_is(caller, event)
        _check_may_force(caller, draft.allow_conflicts)
        return self._until_won(
            partial(self._create, caller, event, allow_conflicts=draft.allow_conflicts, now=now)
        )

    def update(self, caller: Caller, change: EventChange, *, now: datetime) -> EventView:
        """Change an event; a new time or other people are booked under the rules of creation.

        Raises:
            InvalidRequest, Forbidden, NotFound, EventCancelled, VersionConflict, SlotTaken,
            CalendarUnreadable.
        """
        change.check_owner()
        _check_may_force(caller, change.allow_conflicts)
        return self._until_won(partial(self._update, caller, change, now))

    def approve(
        self, caller: Caller, event_id: str, *, allow_conflicts: bool, now: datetime
    ) -> EventView:
        """Schedule a pending event, its time checked again; approving again changes nothing.

        Raises:
            Forbidden, NotFound, EventCancelled, SlotTaken, CalendarUnreadable.
        """
        caller.require(Role.ADMIN)
        return self._until_won(
            partial(self._approve, caller, event_id, allow_conflicts=allow_conflicts, now=now)
        )

    def cancel(self, caller: Caller, event_id: str, *, now: datetime) -> EventView:
        """Cancel an event and free its time; cancelling again changes nothing.

        Raises:
            NotFound: when there is none that this caller may see.
        """
        return self._until_won(partial(self._cancel, caller, event_id, now))

    def _create(
        self, caller: Caller, event: Event, *, allow_conflicts: bool, now: datetime
    ) -> EventView:
        seen = self._look(event, caller)
        if seen.event is None:
            check_not_past(event, now=now)
            view = self._book(event, None, seen, allow_conflicts=allow_conflicts, now=now)
            self._meter.count(Metric.SESSIONS_BOOKED, status=event.status.value)
            return replace(view, created=True)
        if seen.event.request_digest != event.request_digest:
            raise EventExists(
                f"Session {event.id} has an event created from another body; "
                "change it with PUT /api/v1/events."
            )
        return self._views.of(seen.event)

    def _update(self, caller: Caller, change: EventChange, now: datetime) -> EventView:
        before = self._changeable(caller, change.session_id)
        if change.expected_version not in {None, before.version}:
            raise VersionConflict(
                f"The event is at version {before.version}; read it again and decide anew."
            )
        after = change.apply(before, now=now)
        if "owner" in change.fields:
            check_owner_is(caller, after)
        if after is before:
            return self._views.of(before)
        if _holds_the_same(before, after):
            self._bookings.commit(after, previous=before)
            return self._views.of(after)
        seen = self._look(after, caller)
        return self._book(after, before, seen, allow_conflicts=change.allow_conflicts, now=now)

    def _approve(
        self, caller: Caller, event_id: str, *, allow_conflicts: bool, now: datetime
    ) -> EventView:
        before = self._changeable(caller, event_id)
        if before.status is EventStatus.SCHEDULED:
            return self._views.of(before)
        after = _next(before, EventStatus.SCHEDULED, now=now)
        return self._book(
            after, before, self._look(after, caller), allow_conflicts=allow_conflicts, now=now
        )

    def _cancel(self, caller: Caller, event_id: str, now: datetime) -> EventView:
        before = _visible(caller, event_id, self._events.find(event_id))
        if before.is_cancelled:
            return self._views.of(before)
        after = replace(_next(before, EventStatus.CANCELLED, now=now), sequence=before.sequence + 1)
        self._bookings.commit(after, previous=before)
        return self._views.of(after)

    def _look(self, event: Event, caller: Caller) -> _Seen:
        [found], [agendas], people = together(
            [partial(self._events.find, event.id)],
            [partial(self._bookings.agendas, event.participants, event.interval)],
            [partial(self._people.person, user) for user in event.participants],
        )
        persons = {each.user_id: each for each in people}
        return _Seen(caller=caller, event=found, agendas=agendas, persons=persons)

    def _book(
        self,
        event: Event,
        previous: Event | None,
        seen: _Seen,
        *,
        allow_conflicts: bool,
        now: datetime,
    ) -> EventView:
        findings = self._check.sessions(event, seen.agendas)
        if allow_conflicts or not findings.taken:
            findings += self._check.calendars(event, seen.persons)
        warnings = self._check.judge(event, findings, allow_conflicts=allow_conflicts, now=now)
        self._remember_address(seen)
        guarded = () if allow_conflicts else tuple(user for user, _ in event.consulted)
        self._bookings.commit(event, previous=previous, guarded=guarded, seen=seen.agendas)
        if previous is None:
            view = EventView(event=event, copies=copies_of(event, (), seen.persons))
        else:
            view = self._views.with_persons(event, seen.persons)
        return replace(view, warnings=warnings)

    def _remember_address(self, seen: _Seen) -> None:
        """Before the event is there: whoever invites its people must find the caller's address."""
        caller, person = seen.caller, seen.persons.get(seen.caller.user_id)
        if person and caller.email and caller.email != person.email:
            self._people.remember(caller.user_id, email=caller.email, roles=caller.roles)

    def _until_won(self, attempt: Callable[[], EventView]) -> EventView:
        for number in range(TRIES):
            if number:
                self._pause(number)
            try:
                return attempt()
            except LostRace:
                continue
        raise SlotTaken("Others keep booking these people's time just now; try again.")

    def _changeable(self, caller: Caller, event_id: str) -> Event:
        event = _visible(caller, event_id, self._events.find(event_id))
        if event.is_cancelled:
            raise EventCancelled("The event was cancelled; create a new one for a new sessionId.")
        return event


def _visible(caller: Caller, event_id: str, event: Event | None) -> Event:
    if event is None or not caller.may_see(event):
        raise NotFound(f"There is no event {event_id} that you take part in.")
    return event


def _check_may_force(caller: Caller, allow_conflicts: bool) -> None:  # noqa: FBT001 - it is the question
    if allow_conflicts and not caller.is_admin:
        raise Forbidden("allowConflicts is for Admin only; leave it out.")


def _next(event: Event, status: EventStatus, *, now: datetime) -> Event:
    return replace(event, status=status, version=event.version + 1, updated_at=now)


def _holds_the_same(before: Event, after: Event) -> bool:
    """Whether the change touches neither the time nor who must be free or takes part."""
    return (before.interval, before.participants, before.consulted) == (
        after.interval,
        after.participants,
        after.consulted,
    )
