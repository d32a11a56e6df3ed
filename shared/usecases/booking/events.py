"""The life of events; each decision is committed in one transaction."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from shared.domain import transitions
from shared.domain.caller import Caller
from shared.domain.draft import DEFAULTS, BookingDefaults, EventDraft, check_not_past
from shared.domain.errors import SlotTaken
from shared.domain.event import Event, EventStatus
from shared.domain.event_change import EventChange
from shared.domain.policy import Policy, Right
from shared.domain.retry import Pause, retries_lost_races
from shared.ports import Bookings, EventStore, Meter, Metric, PeopleStore
from shared.usecases.booking.booker import Booker
from shared.usecases.booking.conflicts import ConflictCheck
from shared.usecases.booking.permissions import Permissions
from shared.usecases.booking.session_limits import SessionLimits
from shared.usecases.booking.views import EventView, EventViews
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.people.limits import Limits

_retried = retries_lost_races(
    partial(
        SlotTaken,
        "Too many concurrent bookings for these participants. Retry in a few seconds.",
    )
)


class Events:
    """The operations on events. The policy decides who may do what.

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
        policy: Policy,
        limits: Limits,
        audiences: AudienceReader,
        pause: Pause,
        meter: Meter,
        defaults: BookingDefaults = DEFAULTS,
    ) -> None:
        self._policy = policy
        self._defaults = defaults
        self._permissions = Permissions(events=events, policy=policy)
        self._views = EventViews(events=events, people=people, audiences=audiences, policy=policy)
        self._limits = SessionLimits(limits)
        self._booker = Booker(
            events=events,
            bookings=bookings,
            people=people,
            check=check,
            limits=self._limits,
            views=self._views,
        )
        self._pause = pause
        self._meter = meter

    def read(self, caller: Caller, event_id: str, *, now: datetime) -> EventView:
        """Return an event with the state of each copy.

        Raises:
            NotFound: when there is no event with that id that the caller may see.
        """
        return self._views.of(caller, self._permissions.visible(caller, event_id, now=now))

    @_retried
    def create(self, caller: Caller, draft: EventDraft, *, now: datetime) -> EventView:
        """Book a session. Repeating the call with the same draft returns the same event.

        An event with the same id may be reopened or replaced; see `Permissions.successor`.

        Raises:
            InvalidRequest, Forbidden, EventExists, EventCancelled, SlotTaken,
            OutsideAvailability, CalendarUnreadable, TooManyPending, TooManySessions.
        """
        event = transitions.created(draft, caller, now=now, defaults=self._defaults)
        self._permissions.check_creation(caller, draft, event)
        snapshot = self._booker.snapshot_for_creation(event, caller, now=now)
        stored = snapshot.event
        if stored is not None:
            current = stored.at(now)
            if self._is_repeated(caller, event, current):
                return self._views.of(caller, current)
            event = self._permissions.successor(caller, current, event, reopen=draft.reopen)
        check_not_past(event, now=now)
        self._limits.check_creation(caller, event, snapshot.upcoming, now=now)
        view = self._booker.book(
            event, stored, snapshot, held=None, allow_conflicts=draft.allow_conflicts, now=now
        )
        self._meter.count(Metric.SESSIONS_BOOKED, status=event.status.value)
        return replace(view, created=True)

    @_retried
    def update(self, caller: Caller, change: EventChange, *, now: datetime) -> EventView:
        """Change an event. New time and newly required people follow the rules for creation.

        Raises:
            InvalidRequest, Forbidden, NotFound, EventCancelled, EventEnded, VersionConflict,
            SlotTaken, OutsideAvailability, CalendarUnreadable, TooManySessions.
        """
        change.check_owner()
        if change.allow_conflicts:
            self._policy.require_possible(Right.ALLOW_CONFLICTS, caller)
        before = self._permissions.visible(caller, change.session_id, now=now)
        change = self._permissions.permitted(caller, change, before)
        transitions.check_open(before)
        transitions.check_version(before, change.expected_version)
        after = transitions.changed(before, change, caller, now=now)
        if after is before:
            return self._views.of(caller, before)
        transitions.check_not_ended(before, now=now)
        if (before.interval, before.participants) == (after.interval, after.participants):
            return self._committed(caller, after, before)
        snapshot = self._booker.snapshot(after, caller, now=now)
        return self._booker.book(
            after,
            before,
            snapshot,
            held=before,
            allow_conflicts=change.allow_conflicts,
            now=now,
        )

    @_retried
    def approve(
        self,
        caller: Caller,
        event_id: str,
        *,
        allow_conflicts: bool,
        now: datetime,
        expected_version: int | None = None,
    ) -> EventView:
        """Schedule a pending event after another conflict check. A scheduled event stays as it is.

        Raises:
            Forbidden, NotFound, EventCancelled, VersionConflict, SlotTaken, CalendarUnreadable.
        """
        before = self._permissions.event_for(Right.APPROVE, caller, event_id, now=now)
        transitions.check_open(before)
        if not transitions.was_approved(before, expected_version):
            transitions.check_version(before, expected_version)
        if before.status is EventStatus.SCHEDULED:
            return self._views.of(caller, before)
        after = transitions.approved(before, caller, now=now)
        snapshot = self._booker.snapshot(after, caller, now=now)
        return self._booker.approve(
            after, before, snapshot, allow_conflicts=allow_conflicts, now=now
        )

    @_retried
    def decline(
        self,
        caller: Caller,
        event_id: str,
        *,
        now: datetime,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> EventView:
        """Decline a pending event and free its time. A declined event stays as it is.

        Raises:
            Forbidden, NotFound, EventCancelled, NotPending, VersionConflict.
        """
        before = self._permissions.event_for(Right.DECLINE, caller, event_id, now=now)
        if before.status is EventStatus.DECLINED:
            return self._views.of(caller, before)
        transitions.check_open(before)
        transitions.check_version(before, expected_version)
        after = transitions.declined(before, caller, now=now, reason=reason)
        return self._committed(caller, after, before)

    @_retried
    def cancel(
        self,
        caller: Caller,
        event_id: str,
        *,
        now: datetime,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> EventView:
        """Cancel an event and free its time. A closed event stays as it is.

        Raises:
            Forbidden, NotFound, VersionConflict.
        """
        before = self._permissions.event_for(Right.CANCEL, caller, event_id, now=now)
        if before.is_closed:
            return self._views.of(caller, before)
        transitions.check_version(before, expected_version)
        after = transitions.cancelled(before, caller, now=now, reason=reason)
        return self._committed(caller, after, before)

    @_retried
    def leave(
        self, caller: Caller, event_id: str, *, now: datetime, expected_version: int | None = None
    ) -> EventView:
        """Remove the caller, a learner, from a group session. The others keep it.

        Raises:
            InvalidRequest, Forbidden, NotFound, EventCancelled, EventEnded, VersionConflict.
        """
        before = self._permissions.event_for(Right.LEAVE, caller, event_id, now=now)
        transitions.check_open(before)
        transitions.check_not_ended(before, now=now)
        transitions.check_version(before, expected_version)
        return self._committed(caller, transitions.left(before, caller, now=now), before)

    def _committed(self, caller: Caller, after: Event, before: Event) -> EventView:
        """Commit a version that takes no new time, and return its view."""
        self._booker.commit(after, before)
        return self._views.of(caller, after)

    def _is_repeated(self, caller: Caller, event: Event, stored: Event) -> bool:
        """Whether an open event is from the same request, and the caller may still see it."""
        is_same = stored.request_digest == event.request_digest and not stored.is_closed
        return is_same and self._policy.allowed(Right.READ, caller, stored)
