"""Create, change, approve and cancel events; each decision is committed in one transaction."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from shared.domain import transitions
from shared.domain.caller import Caller
from shared.domain.draft import EventDraft, check_not_past
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
    ) -> None:
        self._policy = policy
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

    def read(self, caller: Caller, event_id: str) -> EventView:
        """Return an event with the state of each copy.

        Raises:
            NotFound: when there is no event with that id that the caller may see.
        """
        return self._views.of(caller, self._permissions.visible(caller, event_id))

    @_retried
    def create(self, caller: Caller, draft: EventDraft, *, now: datetime) -> EventView:
        """Book a session. Repeating the call with the same draft returns the same event.

        The draft of an Admin or a service replaces a pending event that blocks its id; see
        `transitions.replacing`.

        Raises:
            InvalidRequest, Forbidden, EventExists, SlotTaken, CalendarUnreadable, TooManyPending,
            TooManySessions.
        """
        event = transitions.created(draft, caller, now=now)
        self._permissions.check_creation(caller, draft, event)
        snapshot = self._booker.snapshot_for_creation(event, caller, now=now)
        stored = snapshot.event
        if stored is not None:
            if self._is_repeated(caller, event, stored):
                return self._views.of(caller, stored)
            event = transitions.replacing(stored, event, caller)
        check_not_past(event, now=now)
        self._limits.check_creation(caller, event, snapshot.upcoming, now=now)
        view = self._booker.book(
            event, stored, snapshot, allow_conflicts=draft.allow_conflicts, now=now
        )
        self._meter.count(Metric.SESSIONS_BOOKED, status=event.status.value)
        return replace(view, created=True)

    @_retried
    def update(self, caller: Caller, change: EventChange, *, now: datetime) -> EventView:
        """Change an event. A new time or new participants follow the rules for creation.

        Raises:
            InvalidRequest, Forbidden, NotFound, EventCancelled, VersionConflict, SlotTaken,
            CalendarUnreadable, TooManySessions.
        """
        change.check_owner()
        if change.allow_conflicts:
            self._policy.require_possible(Right.ALLOW_CONFLICTS, caller)
        before = self._permissions.visible(caller, change.session_id)
        change = self._permissions.permitted(caller, change, before)
        transitions.check_not_cancelled(before)
        transitions.check_version(before, change.expected_version)
        after = transitions.changed(before, change, caller, now=now)
        if after is before:
            return self._views.of(caller, before)
        if _takes_the_same_time(before, after, caller):
            self._booker.commit(after, before)
            return self._views.of(caller, after)
        snapshot = self._booker.snapshot(after, caller)
        return self._booker.book(
            after, before, snapshot, allow_conflicts=change.allow_conflicts, now=now
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
        before = self._permissions.event_for(Right.APPROVE, caller, event_id)
        transitions.check_not_cancelled(before)
        if not transitions.was_approved(before, expected_version):
            transitions.check_version(before, expected_version)
        if before.status is EventStatus.SCHEDULED:
            return self._views.of(caller, before)
        after = transitions.approved(before, caller, now=now)
        snapshot = self._booker.snapshot(after, caller)
        return self._booker.book(after, before, snapshot, allow_conflicts=allow_conflicts, now=now)

    @_retried
    def cancel(
        self, caller: Caller, event_id: str, *, now: datetime, expected_version: int | None = None
    ) -> EventView:
        """Cancel an event and free its time. A cancelled event stays as it is.

        Raises:
            Forbidden, NotFound, VersionConflict.
        """
        before = self._permissions.event_for(Right.CANCEL, caller, event_id)
        if before.is_cancelled:
            return self._views.of(caller, before)
        transitions.check_version(before, expected_version)
        after = transitions.cancelled(before, caller, now=now)
        self._booker.commit(after, before)
        return self._views.of(caller, after)

    def _is_repeated(self, caller: Caller, event: Event, stored: Event) -> bool:
        """Whether the event was created by the same request, and the caller may still see it."""
        is_same = stored.request_digest == event.request_digest
        return is_same and self._policy.allowed(Right.READ, caller, stored)


def _takes_the_same_time(before: Event, after: Event, caller: Caller) -> bool:
    """Whether the change leaves the time, the participants and who must be free as they were."""
    return (before.interval, before.participants, before.required_for(caller)) == (
        after.interval,
        after.participants,
        after.required_for(caller),
    )
