"""The guests of a session: external attendees without an account, invited by mail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from shared.domain.caller import Caller
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.domain.guest_policy import check_prepare, may_prepare, owns_prepared
from shared.domain.invite import (
    COACHING,
    DeliveryState,
    ExternalAttendee,
    GuestList,
    Invite,
    InviteMethod,
    empty_guest_list,
    invite_id,
)
from shared.domain.limits import GUESTS_BY_USER, GUESTS_OF_SESSION
from shared.domain.policy import Policy, Right, not_found
from shared.domain.retry import Pause, retry_lost_races
from shared.parallel import together
from shared.ports import EventStore, InviteStore
from shared.usecases.people.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """An address to invite, as the client sent it."""

    email: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestReport:
    """The guests of a session, and the delivery status of each in the same order."""

    guest_list: GuestList
    statuses: tuple[DeliveryState, ...]


class Guests:
    """The operations on guests.

    `pause` waits before try number n of a write that lost a race.
    """

    def __init__(
        self,
        *,
        events: EventStore,
        invites: InviteStore,
        policy: Policy,
        limits: Limits,
        pause: Pause,
    ) -> None:
        self._events = events
        self._policy = policy
        self._invites = invites
        self._limits = limits
        self._pause = pause

    def read(self, caller: Caller, session_id: str) -> GuestReport:
        """Return the guests of a session.

        Without an event, every Admin and Coach may ask, but a list that another user has prepared
        looks like none.

        Raises:
            NotFound: when there is no session with that id that the caller may see.
            Forbidden: when the caller may see the session, but not its guests.
        """
        [event], [stored], [invites] = together(
            [partial(self._events.find, session_id)],
            [partial(self._invites.guest_list, session_id)],
            [partial(self._invites.invites, session_id)],
        )
        if event is None:
            return _report(_prepared_list(caller, session_id, stored), invites)
        self._policy.require(Right.MANAGE_GUESTS, caller, event)
        return _report(_list_of_event(event, stored), invites)

    def replace(
        self,
        caller: Caller,
        session_id: str,
        *,
        session_type: str,
        guests: Sequence[Guest],
        now: datetime,
    ) -> GuestReport:
        """Replace the guest list. A guest who was on it before keeps the time they were added.

        Of duplicate addresses, only the first one counts. If the event is scheduled, mail is sent
        after the response.

        Raises:
            NotFound: when the session has an event that the caller may not see.
            Forbidden: when the caller may not manage its guests, or it has no event and the caller
                may not prepare guests or another user has done so.
            TooManyRequests: when the session has, or the caller adds, too many guests.
        """

        def changed(before: GuestList) -> GuestList:
            attendees = _attendees(before, guests, now=now)
            return replace(before, session_type=session_type, attendees=attendees)

        saved = retry_lost_races(
            partial(self._save, caller, session_id, changed, now=now),
            pause=self._pause,
            error=LostRace(
                f"Too many concurrent writes to the guests of {session_id}. Retry later."
            ),
        )
        return _report(saved, self._invites.invites(session_id))

    def _save(
        self,
        caller: Caller,
        session_id: str,
        changed: Callable[[GuestList], GuestList],
        *,
        now: datetime,
    ) -> GuestList:
        """Save the changed list if it differs; each try checks the rights again."""
        [event], [stored] = together(
            [partial(self._events.find, session_id)],
            [partial(self._invites.guest_list, session_id)],
        )
        if event is None:
            check_prepare(caller, stored)
            before = _prepared_by(caller, stored or _nothing_prepared(session_id))
        else:
            self._policy.require(Right.MANAGE_GUESTS, caller, event)
            before = replace(_list_of_event(event, stored), event_version=event.first_version)
        after = changed(before)
        if stored and after == stored:
            return stored
        return self._save_counted(caller, before, replace(after, unsynced_since=now), now=now)

    def _save_counted(
        self, caller: Caller, before: GuestList, after: GuestList, *, now: datetime
    ) -> GuestList:
        """Save the list and count the added guests, unless an Admin or a service adds them."""
        self._limits.check(GUESTS_OF_SESSION, len(after.attendees))
        added = 0 if caller.manages_events else _number_added(before, after)
        self._limits.take(GUESTS_BY_USER, caller.user_id, number=added, now=now)
        try:
            return self._invites.save_guest_list(after)
        except LostRace:
            self._limits.give_back(GUESTS_BY_USER, caller.user_id, number=added, now=now)
            raise


def _prepared_list(caller: Caller, session_id: str, stored: GuestList | None) -> GuestList:
    """Return the list of a session without an event, as the caller may see it."""
    if not may_prepare(caller):
        raise not_found(session_id)
    return stored if stored and owns_prepared(caller, stored) else _nothing_prepared(session_id)


def _prepared_by(caller: Caller, guest_list: GuestList) -> GuestList:
    return replace(guest_list, prepared_by=caller.user_id, prepared_by_admin=caller.manages_events)


def _nothing_prepared(session_id: str) -> GuestList:
    return GuestList(session_id=session_id, session_type=COACHING)


def _list_of_event(event: Event, stored: GuestList | None) -> GuestList:
    return stored.of_event(event) if stored else empty_guest_list(event)


def _attendees(
    before: GuestList, guests: Sequence[Guest], *, now: datetime
) -> tuple[ExternalAttendee, ...]:
    added_at = {invite_id(each.email): each.added_at for each in before.attendees}
    first: dict[str, Guest] = {}
    for guest in guests:
        first.setdefault(invite_id(guest.email), guest)
    return tuple(
        ExternalAttendee(email=guest.email, name=guest.name, added_at=added_at.get(key, now))
        for key, guest in first.items()
    )


def _number_added(before: GuestList, after: GuestList) -> int:
    known = {invite_id(each.email) for each in before.attendees}
    return sum(invite_id(each.email) not in known for each in after.attendees)


def _report(guest_list: GuestList, invites: Sequence[Invite]) -> GuestReport:
    by_id = {invite.id: invite for invite in invites}
    statuses = tuple(_status(by_id, attendee) for attendee in guest_list.attendees)
    return GuestReport(guest_list=guest_list, statuses=statuses)


def _status(by_id: Mapping[str, Invite], attendee: ExternalAttendee) -> DeliveryState:
    """Return the status of the invitation; that of an earlier cancellation does not count."""
    invite = by_id.get(invite_id(attendee.email))
    newest = invite.newest if invite else None
    if newest is None or newest.content.method is InviteMethod.CANCEL:
        return DeliveryState.PENDING
    return newest.status
