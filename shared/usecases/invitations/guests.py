"""The guests of a session: external attendees without an account, invited by mail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from shared.domain.caller import Caller
from shared.domain.errors import FieldProblem, InvalidRequest, LostRace
from shared.domain.event import Event
from shared.domain.guest_policy import check_prepare, may_prepare, owns_prepared
from shared.domain.invite import (
    COACHING,
    DeliveryState,
    ExternalAttendee,
    GuestList,
    InviteMethod,
    empty_guest_list,
    invite_id,
)
from shared.domain.limits import GUESTS_BY_USER, GUESTS_OF_SESSION
from shared.domain.policy import Policy, Right, not_found
from shared.domain.recipients import Audience
from shared.domain.retry import Pause, retry_lost_races
from shared.domain.transitions import check_not_ended
from shared.parallel import together
from shared.ports import EventStore, InviteStore
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.people.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """An address to invite, as the client sent it."""

    email: str
    name: str | None = None


class GuestStatus(StrEnum):
    """The delivery status of the newest mail to a guest, or why there is none."""

    PENDING = DeliveryState.PENDING
    SENT = DeliveryState.SENT
    DELAYED = DeliveryState.DELAYED
    DELIVERED = DeliveryState.DELIVERED
    FAILED = DeliveryState.FAILED
    REJECTED = DeliveryState.REJECTED
    BOUNCED = DeliveryState.BOUNCED
    COMPLAINT = DeliveryState.COMPLAINT
    NOT_NEEDED = "not_needed"
    """No mail is due: the session is off, or the guest takes part and has a calendar copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestReport:
    """The guests of a session, and the delivery status of each in the same order."""

    guest_list: GuestList
    statuses: tuple[GuestStatus, ...]


class Guests:
    """The operations on guests.

    `organizer` is the address that sends the invitations, empty if none are sent. `pause` waits
    before try number n of a write that lost a race.
    """

    def __init__(
        self,
        *,
        events: EventStore,
        invites: InviteStore,
        audiences: AudienceReader,
        policy: Policy,
        limits: Limits,
        organizer: str,
        pause: Pause,
    ) -> None:
        self._events = events
        self._organizer = organizer
        self._audiences = audiences
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
        audience = self._audiences.of(session_id)
        if audience is None:
            stored = self._invites.guest_list(session_id)
            return _report(_prepared_list(caller, session_id, stored), None)
        self._policy.require(Right.MANAGE_GUESTS, caller, audience.event)
        return _report(_list_of_event(audience.event, audience.guest_list), audience)

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
            EventEnded: when the session is over.
            TooManyRequests: when the session has, or the caller adds, too many guests.
            InvalidRequest: when a guest has the address of the organizer.
        """
        self._check_addresses(guests)

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
        return _report(saved, self._audiences.of(session_id))

    def _check_addresses(self, guests: Sequence[Guest]) -> None:
        """Reject the organizer's address: calendars show it no buttons to answer."""
        problems = [
            FieldProblem(f"attendees.{number}", "is the address that sends the invitations")
            for number, each in enumerate(guests)
            if self._organizer and invite_id(each.email) == invite_id(self._organizer)
        ]
        if problems:
            raise InvalidRequest("Leave out the organizer of the invitations.", problems)

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
        if event is not None:
            check_not_ended(event, now=now)
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


def _report(guest_list: GuestList, audience: Audience | None) -> GuestReport:
    """Return the guests with statuses; without an event all mail is pending."""
    statuses = (
        _status(audience, attendee) if audience else GuestStatus.PENDING
        for attendee in guest_list.attendees
    )
    return GuestReport(guest_list=guest_list, statuses=tuple(statuses))


def _status(audience: Audience, attendee: ExternalAttendee) -> GuestStatus:
    """Return the status of the invitation; after it, that of its cancellation."""
    key = invite_id(attendee.email)
    newest = next((each.newest for each in audience.invites if each.id == key), None)
    if key not in audience.recipients:
        return GuestStatus(newest.status) if newest else GuestStatus.NOT_NEEDED
    if newest is None or newest.content.method is InviteMethod.CANCEL:
        return GuestStatus.PENDING
    return GuestStatus(newest.status)
