"""The guests of a session: external attendees without an account, invited by mail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from shared.domain.caller import Caller
from shared.domain.errors import Forbidden, LostRace, NotFound
from shared.domain.event import Event
from shared.domain.invite import (
    DeliveryState,
    ExternalAttendee,
    GuestList,
    Invite,
    InviteMethod,
    invite_id,
)
from shared.domain.retry import Pause, retry_lost_races
from shared.domain.role import Role
from shared.parallel import together
from shared.ports import EventStore, InviteStore

COACHING, GROUP = "coaching", "group"


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

    def __init__(self, *, events: EventStore, invites: InviteStore, pause: Pause) -> None:
        self._events = events
        self._invites = invites
        self._pause = pause

    def read(self, caller: Caller, session_id: str) -> GuestReport:
        """Return the guests of a session. If it has no event, every Admin and Coach may read them.

        Raises:
            NotFound: when there is no session with that id that the caller may see.
        """
        [event], [guest_list], [invites] = together(
            [partial(self._events.find, session_id)],
            [partial(self._invites.guest_list, session_id)],
            [partial(self._invites.invites, session_id)],
        )
        if event is None and not _may_prepare(caller):
            raise _not_found(session_id)
        _check_visible(caller, event, session_id)
        return _report(guest_list or _empty_list(session_id, event), invites)

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
            Forbidden: when it has no event, and the caller is neither Admin nor Coach.
        """
        event = self._events.find(session_id)
        if event is None and not _may_prepare(caller):
            raise Forbidden(
                "Only an Admin or Coach may set guests before the session has an event."
            )
        _check_visible(caller, event, session_id)

        def changed(before: GuestList) -> GuestList:
            attendees = _attendees(before, guests, now=now)
            return replace(before, session_type=session_type, attendees=attendees)

        saved = retry_lost_races(
            partial(self._save, session_id, changed, now=now),
            pause=self._pause,
            error=LostRace(
                f"Too many concurrent writes to the guests of {session_id}. Retry later."
            ),
        )
        return _report(saved, self._invites.invites(session_id))

    def _save(
        self, session_id: str, changed: Callable[[GuestList], GuestList], *, now: datetime
    ) -> GuestList:
        stored = self._invites.guest_list(session_id)
        before = stored or _empty_list(session_id, None)
        after = changed(before)
        if stored and after == before:
            return stored
        return self._invites.save_guest_list(replace(after, unsynced_since=now))


def _may_prepare(caller: Caller) -> bool:
    return caller.is_admin or Role.COACH in caller.roles


def _check_visible(caller: Caller, event: Event | None, session_id: str) -> None:
    if event is not None and not caller.may_see(event):
        raise _not_found(session_id)


def _not_found(session_id: str) -> NotFound:
    return NotFound(f"There is no session {session_id} that you take part in.")


def _empty_list(session_id: str, event: Event | None) -> GuestList:
    is_group = event is not None and max(len(event.coach_ids), len(event.learner_ids)) > 1
    return GuestList(session_id=session_id, session_type=GROUP if is_group else COACHING)


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
