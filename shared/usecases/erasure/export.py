"""Export what is stored about one user, a page of sessions at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from shared.domain.audit import AuditEntry
from shared.domain.caller import Caller
from shared.domain.connection import Provider
from shared.domain.copy import Copy
from shared.domain.erasure import EXPORT_SCOPE
from shared.domain.event import Contact, Event
from shared.domain.invite import Invite, invite_id
from shared.domain.person import Person
from shared.domain.recipients import proven_addresses
from shared.parallel import together
from shared.ports import (
    DisconnectedAccount,
    EventStore,
    InviteStore,
    PeopleStore,
    UserRecords,
)

PAGE = 50
"""How many agenda days, or records of one session, a page covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionExport:
    """What a session contains about the user; nothing about its other participants."""

    event: Event
    role: str | None
    contact: Contact | None
    audit: tuple[AuditEntry, ...]
    copies: tuple[Copy, ...]
    invites: tuple[Invite, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserExport:
    """One page. `cursor` continues it, None if this is the last page.

    `disconnected` are the accounts that the user has disconnected.
    """

    person: Person
    disconnected: tuple[tuple[Provider, DisconnectedAccount], ...]
    at: datetime
    sessions: tuple[SessionExport, ...]
    cursor: str | None


class UserExports:
    """The export of a user's data, for a service of the platform."""

    def __init__(
        self,
        *,
        records: UserRecords,
        people: PeopleStore,
        events: EventStore,
        invites: InviteStore,
    ) -> None:
        self._records = records
        self._people = people
        self._events = events
        self._invites = invites

    def page(self, caller: Caller, user_id: str, *, after: str | None, now: datetime) -> UserExport:
        """Return the user's data with the sessions after the cursor of an earlier page.

        An unknown user has no data. A session may be on two pages.

        Raises:
            Forbidden: for a token without the scope.
        """
        caller.require_scope(EXPORT_SCOPE)
        person = self._people.person(user_id)
        mentions = self._records.mentions(user_id, after=after or "", at_most=PAGE)
        as_guest = () if after else self._as_guest(person)
        named = (event_id for mention in mentions for event_id in mention.event_ids)
        event_ids = dict.fromkeys((*named, *as_guest))
        sessions = together([partial(self._session, person, each) for each in event_ids])
        return UserExport(
            person=person,
            disconnected=self._records.disconnected_accounts(user_id),
            at=now,
            sessions=tuple(each for each in sessions if each),
            cursor=mentions[-1].key if len(mentions) == PAGE else None,
        )

    def _as_guest(self, person: Person) -> list[str]:
        """Return the sessions to which an address of the user is invited as a guest."""
        keys = [f"address#{invite_id(each)}" for each in proven_addresses(person)]
        found = (self._records.mentions(key, at_most=PAGE) for key in keys)
        return [each for mentions in found for mention in mentions for each in mention.event_ids]

    def _session(self, person: Person, event_id: str) -> SessionExport | None:
        event, copies = self._events.find_with_copies(event_id)
        if event is None:
            return None
        user_id = person.user_id
        return SessionExport(
            event=event,
            role=_role(event, user_id),
            contact=next((each for each in event.contacts if each.user_id == user_id), None),
            audit=tuple(each for each in event.audit if each.actor_id == user_id),
            copies=tuple(each for each in copies if each.user_id == user_id),
            invites=_own(person, self._invites.invites(event_id)),
        )


def _role(event: Event, user_id: str) -> str | None:
    if user_id == event.admin_id:
        return "Admin"
    return next((str(role.value) for user, role in event.attendees if user == user_id), None)


def _own(person: Person, invites: Iterable[Invite]) -> tuple[Invite, ...]:
    ids = set(map(invite_id, proven_addresses(person)))
    user_id = person.user_id
    return tuple(
        each
        for each in invites
        if each.user_id == user_id or (each.user_id is None and each.id in ids)
    )
