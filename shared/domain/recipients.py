"""How participants and guests are notified: participants by copies or mail, guests by mail."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from shared.domain.address import normalise
from shared.domain.audit import AuditAction
from shared.domain.connection import Connection
from shared.domain.copy import Copy, CopyState
from shared.domain.event import Event
from shared.domain.invite import (
    ExternalAttendee,
    GuestList,
    Invite,
    InviteKind,
    invite_id,
)
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.zones import is_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A recipient of invitations to an event; `user_id` is None for a guest."""

    address: str
    kind: InviteKind
    name: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Everything that decides how participants and guests of an event are notified."""

    event: Event
    persons: Mapping[str, Person]
    copies: tuple[Copy, ...] = ()
    invites: tuple[Invite, ...] = ()
    guest_list: GuestList | None = None
    has_mail: bool = True
    """Whether this stack sends mail at all."""

    mailed: frozenset[str] = field(init=False)
    """The participants who were or may have been mailed; they get no further copies."""

    on_mail: frozenset[str] = field(init=False)
    """The participants who get mail: `mailed`, and those without a working calendar."""

    recipients: Mapping[str, Recipient] = field(init=False)
    """The recipients of invitations by invite id; empty once the event is cancelled."""

    left_over: Mapping[str, int] = field(init=False)
    """The invite ids of those whose calendar may have a copy that should go and cannot be removed,
    each with the event version of that copy."""

    informed: Mapping[str, Recipient] = field(init=False)
    """Those people by invite id, who are informed by mail."""

    def __post_init__(self) -> None:
        """Compute the derived fields once, because they are read often."""
        users = self.event.participants if self.has_mail else ()
        mailed = frozenset(each for each in users if self._was_mailed(each))
        without_calendar = (each for each in users if self._needs_mail(each))
        object.__setattr__(self, "mailed", mailed)
        object.__setattr__(self, "on_mail", mailed.union(without_calendar))
        object.__setattr__(self, "recipients", self._recipients())
        stuck = self._stuck_copies() if self.has_mail else {}
        informed = {user: self._participant(user) for user in stuck}
        by_id = {invite_id(each.address): each for each in informed.values() if each.address}
        object.__setattr__(self, "informed", by_id)
        versions = {key: stuck[each.user_id or ""] for key, each in by_id.items()}
        object.__setattr__(self, "left_over", versions)

    @property
    def guests(self) -> tuple[ExternalAttendee, ...]:
        """The guests on the list, if it counts for the event."""
        return self.guest_list.of_event(self.event).attendees if self.guest_list else ()

    @property
    def unreachable(self) -> tuple[str, ...]:
        """The participants without a working calendar and without an address that takes mail."""
        if self.event.is_closed or not self.has_mail:
            return ()
        return tuple(each for each in self.event.participants if self._is_unreachable(each))

    def _is_unreachable(self, user: str) -> bool:
        if any(not self._is_broken(each) for each in self.persons[user].connections):
            return False
        failed = {each.id for each in self.invites if _has_failed(each)}
        return failed.issuperset(map(invite_id, addresses(self.event, self.persons[user])))

    def _stuck_copies(self) -> dict[str, int]:
        """Return the users whose calendar may show the session although it should not."""
        return {
            copy.user_id: copy.applied_version
            for copy in self.copies
            if self._is_stuck(copy) and addresses(self.event, self.persons[copy.user_id])
        }

    def _is_stuck(self, copy: Copy) -> bool:
        """Whether a copy cannot be removed, as far as is known for this version of the event."""
        state = copy.state_for(self.event.version)
        is_wanted = copy.user_id in self.event.participants and not self.event.is_closed
        return (
            not is_wanted
            and copy.ref is not None
            and state in {CopyState.FAILED, CopyState.RECONNECT_REQUIRED}
        )

    def _was_mailed(self, user: str) -> bool:
        return any(each.held for each in self._invites_of(user))

    def _needs_mail(self, user: str) -> bool:
        has_address = bool(addresses(self.event, self.persons[user]))
        return has_address and all(map(self._is_broken, self.persons[user].connections))

    def _is_broken(self, connection: Connection) -> bool:
        copy = next((each for each in self.copies if each.connection_id == connection.id), None)
        failed = copy is not None and copy.state_for(self.event.version) is CopyState.FAILED
        return failed or not (connection.is_active or connection.is_unavailable)

    def _invites_of(self, user: str) -> list[Invite]:
        """Return the invites to the user, including those sent when the user was only a guest.

        Only a proven address shows that an earlier guest is this user.
        """
        own_ids = set(map(invite_id, proven_addresses(self.persons[user])))
        return [
            each
            for each in self.invites
            if each.user_id == user or (each.user_id is None and each.id in own_ids)
        ]

    def _recipients(self) -> dict[str, Recipient]:
        if self.event.is_closed:
            return {}
        recipients: dict[str, Recipient] = {}
        reached: set[str] = set()  # invite ids of the proven addresses of people who get copies
        # Of participants who share an address, it belongs first to the one who has proven it.
        for user in sorted(self.event.participants, key=self._has_no_proof):
            if user in self.on_mail:
                recipient = self._participant(user)
                recipients.setdefault(invite_id(recipient.address), recipient)
            else:
                reached.update(map(invite_id, proven_addresses(self.persons[user])))
        for guest in self.guests:
            if invite_id(guest.email) not in reached:
                recipient = Recipient(
                    address=guest.email, kind=InviteKind.EXTERNAL, name=guest.name
                )
                recipients.setdefault(invite_id(guest.email), recipient)
        return recipients

    def _has_no_proof(self, user: str) -> bool:
        return not proven_addresses(self.persons[user])

    def _participant(self, user: str) -> Recipient:
        name = next((each.name for each in self.event.contacts if each.user_id == user), None)
        return Recipient(
            address=self._address(user), kind=InviteKind.PARTICIPANT, name=name, user_id=user
        )

    def _address(self, user: str) -> str:
        """Return the best known address: one that the user has proven, else one from a contact.

        Of several proven ones, the invited one stays. An address that mail did not reach gives way
        to another known one. A change of address sends a cancellation to the old one, if it may
        have an invitation.
        """
        invites = self._invites_of(user)
        proven = proven_addresses(self.persons[user])
        held = [each.address for each in invites if each.held]
        own_ids = set(map(invite_id, proven))
        best = (
            *(each for each in held if invite_id(each) in own_ids),
            *addresses(self.event, self.persons[user]),
            *held,
            *(each.address for each in invites),
        )
        failed = {each.id for each in invites if _has_failed(each)}
        reached = (each for each in best if invite_id(each) not in failed)
        return next(reached, next(iter(best), ""))


def addresses(event: Event, person: Person) -> tuple[str, ...]:
    """Return every known address of a participant that SES accepts, the best first.

    A contact may come from another user, so it counts less than what the person has proven.
    """
    contacts = _usable(each.email for each in event.contacts if each.user_id == person.user_id)
    return tuple(dict.fromkeys((*proven_addresses(person), *contacts)))


def proven_addresses(person: Person) -> tuple[str, ...]:
    """Return the addresses that SES accepts from the person's token and provider accounts.

    The user name of a CalDAV account, the address of an auto-provisioned connection and one that
    the provider has not verified prove nothing: a user could otherwise receive, or keep from being
    sent, the mail of another person.
    """
    known = (person.email, *(each.proven_email for each in person.connections))
    return tuple(dict.fromkeys(_usable(known)))


def _usable(texts: Iterable[str | None]) -> list[str]:
    """Return the texts that are usable addresses; a provider may use another account name."""
    usable: list[str] = []
    for text in texts:
        with suppress(ValueError):
            usable.append(normalise(text or ""))
    return usable


def _has_failed(invite: Invite) -> bool:
    """Whether mail to the address has failed for good."""
    return invite.newest is not None and invite.newest.has_failed_for_good


def reason_for(event: Event, kind: InviteKind) -> str | None:
    """Return why the event was cancelled or declined, as far as a recipient is shown it.

    What a learner wrote is not for guests, who are strangers to them.
    """
    closing = {AuditAction.CANCELLED, AuditAction.DECLINED}
    by_learner = any(each.action in closing and each.role == Role.LEARNER for each in event.audit)
    return None if by_learner and kind is InviteKind.EXTERNAL else event.reason


def usable_calendars(persons: Iterable[Person]) -> frozenset[str]:
    """Return the ids of the connections that a copy can be written to, now or later."""
    return frozenset(
        each.id
        for person in persons
        for each in person.connections
        if each.is_active or each.is_unavailable
    )


def inviter(event: Event, *, user_id: str | None) -> str | None:
    """Return the name of the coach who invites this recipient; None if it is not known.

    The coach who created the event comes first. A coach is not invited by a coach. The name of a
    learner does not count: learners write it themselves.
    """
    if user_id in event.coach_ids:
        return None
    creator = event.created_by.actor_id if event.created_by else None
    coaches = sorted(event.coach_ids, key=lambda each: each != creator)
    names = {each.user_id: each.public_name for each in event.contacts}
    return next((name for each in coaches if (name := names.get(each))), None)


def mail_zone(audience: Audience, user_id: str | None) -> str | None:
    """Return the zone in which a recipient reads times; None if only the session's is known.

    A participant's own zone comes from the weekly windows or a calendar. A session whose zone is
    UTC has none of a place, so guests of it, and participants without a zone, get the host's.
    """
    own = _own_zone(audience, user_id) if user_id else None
    if own or audience.event.zone != "UTC":
        return own
    hosts = (_own_zone(audience, each) for each, _ in audience.event.attendees)
    return next(filter(None, hosts), None)


def _own_zone(audience: Audience, user_id: str) -> str | None:
    person = audience.persons.get(user_id)
    if person is None:
        return None
    roles = dict(audience.event.attendees)
    zones = (each.zone for each in person.connections if each.is_active and each.zone)
    from_calendar = next(filter(is_zone, zones), "")
    return person.zone(roles.get(user_id, Role.COACH), from_calendar) or None
