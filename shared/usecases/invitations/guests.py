"""The guests of a session: people without an account who are invited by mail."""

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
from shared.domain.role import Role
from shared.parallel import together
from shared.ports import EventStore, InviteStore

TRIES = 25
COACHING, GROUP = "coaching", "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """An address to invite, as it was given."""

    email: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestReport:
    """The guests of a session and how the invitation of each fared, by their order."""

    guest_list: GuestList
    statuses: tuple[DeliveryState, ...]


class Guests:
    """The operations on guests."""

    def __init__(self, *, events: EventStore, invites: InviteStore) -> None:
        self._events = events
        self._invites = invites

    def read(self, caller: Caller, session_id: str) -> GuestReport:
        """Return the guests of a session; without an event, Admin and every Coach may ask.

        Raises:
            NotFound: when there is no such session that this caller may see.
        """
        [event], [guest_list], [invites] = together(
            [partial(self._events.find, session_id)],
            [partial(self._invites.guest_list, session_id)],
            [partial(self._invites.invites, session_id)],
        )
        if event is None and not _may_prepare(caller):
            raise _unseen(session_id)
        _check_visible(caller, event, session_id)
        return _view(guest_list or _none_yet(session_id, event), invites)

    def replace(
        self,
        caller: Caller,
        session_id: str,
        *,
        session_type: str,
        guests: Sequence[Guest],
        now: datetime,
    ) -> GuestReport:
        """Keep these guests and no others; who stays keeps the time they were added.

        The same address twice counts once, as it was first given. Mail follows after the answer,
        when there is a scheduled event.

        Raises:
            NotFound: when the session has an event that this caller may not see.
            Forbidden: when it has none, and the caller is neither Admin nor Coach.
        """
        event = self._events.find(session_id)
        if event is None and not _may_prepare(caller):
            raise Forbidden("A session without an event is for Admin and Coach to prepare.")
        _check_visible(caller, event, session_id)

        def changed(kept: GuestList) -> GuestList:
            attendees = _attendees(kept, guests, now=now)
            return replace(kept, session_type=session_type, attendees=attendees)

        saved = self._save(session_id, changed, now=now)
        return _view(saved, self._invites.invites(session_id))

    def _save(
        self, session_id: str, changed: Callable[[GuestList], GuestList], *, now: datetime
    ) -> GuestList:
        for _ in range(TRIES):
            found = self._invites.guest_list(session_id)
            kept = found or _none_yet(session_id, None)
            after = changed(kept)
            if found and after == kept:
                return kept
            try:
                return self._invites.save_guest_list(replace(after, unsynced_since=now))
            except LostRace:
                continue
        raise LostRace(f"others keep writing the attendees of {session_id}; ask again later")


def _may_prepare(caller: Caller) -> bool:
    return caller.is_admin or Role.COACH in caller.roles


def _check_visible(caller: Caller, event: Event | None, session_id: str) -> None:
    if event is not None and not caller.may_see(event):
        raise _unseen(session_id)


def _unseen(session_id: str) -> NotFound:
    return NotFound(f"There is no session {session_id} that you take part in.")


def _none_yet(session_id: str, event: Event | None) -> GuestList:
    is_group = event is not None and max(len(event.coach_ids), len(event.learner_ids)) > 1
    return GuestList(session_id=session_id, session_type=GROUP if is_group else COACHING)


def _attendees(
    kept: GuestList, guests: Sequence[Guest], *, now: datetime
) -> tuple[ExternalAttendee, ...]:
    since = {invite_id(each.email): each.added_at for each in kept.attendees}
    first: dict[str, Guest] = {}
    for guest in guests:
        first.setdefault(invite_id(guest.email), guest)
    return tuple(
        ExternalAttendee(email=guest.email, name=guest.name, added_at=since.get(key, now))
        for key, guest in first.items()
    )


def _view(guest_list: GuestList, invites: Sequence[Invite]) -> GuestReport:
    known = {each.id: each for each in invites}
    statuses = tuple(_status(known, each) for each in guest_list.attendees)
    return GuestReport(guest_list=guest_list, statuses=statuses)


def _status(known: Mapping[str, Invite], attendee: ExternalAttendee) -> DeliveryState:
    """That of the invitation: what became of a cancellation before it is another matter."""
    invite = known.get(invite_id(attendee.email))
    newest = invite.newest if invite else None
    if newest is None or newest.content.method is InviteMethod.CANCEL:
        return DeliveryState.PENDING
    return newest.status
