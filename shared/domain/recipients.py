"""How participants and guests are notified: participants by copies or mail, guests by mail."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from shared.domain.address import normalise
from shared.domain.connection import Connection
from shared.domain.copy import Copy, CopyState
from shared.domain.event import Event
from shared.domain.invite import (
    DeliveryState,
    ExternalAttendee,
    GuestList,
    Invite,
    InviteKind,
    InviteMethod,
    invite_id,
)
from shared.domain.person import Person

_NOT_DELIVERED = {DeliveryState.FAILED, DeliveryState.REJECTED, DeliveryState.BOUNCED}


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

    def __post_init__(self) -> None:
        """Compute the derived fields once, because they are read often."""
        users = self.event.participants if self.has_mail else ()
        mailed = frozenset(each for each in users if self._was_mailed(each))
        without_calendar = (each for each in users if self._needs_mail(each))
        object.__setattr__(self, "mailed", mailed)
        object.__setattr__(self, "on_mail", mailed.union(without_calendar))
        object.__setattr__(self, "recipients", self._recipients())

    @property
    def guests(self) -> tuple[ExternalAttendee, ...]:
        """The guests on the list, if it counts for the event."""
        return self.guest_list.of_event(self.event).attendees if self.guest_list else ()

    def _was_mailed(self, user: str) -> bool:
        return any(each.attempts for each in self._invites_of(user))

    def _needs_mail(self, user: str) -> bool:
        has_address = bool(addresses(self.event, self.persons[user]))
        return has_address and all(self._is_broken(each) for each in self.persons[user].connections)

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
        if self.event.is_cancelled:
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
        """Return the address that was invited already, else the best known one.

        An invited address stays, unless it came from a contact and the user has given another one
        since. A change of address sends a cancellation to the old one.
        """
        invites = self._invites_of(user)
        proven = proven_addresses(self.persons[user])
        invited = [each for each in invites if _is_invited(each)]
        own_ids = set(map(invite_id, proven))
        best = (
            *(each.address for each in invited if each.id in own_ids),
            *proven,
            *(each.address for each in invited),
            *addresses(self.event, self.persons[user]),
        )
        return next(iter(best), invites[0].address if invites else "")


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


def _is_invited(invite: Invite) -> bool:
    newest = invite.newest
    return (
        newest is not None
        and newest.content.method is InviteMethod.REQUEST
        and newest.status not in _NOT_DELIVERED
    )


def inviter(event: Event) -> str | None:
    """Return the name of the coach who invites guests, None if no coach is known by name.

    The coach who created the event comes first. The name of a learner does not count: learners
    write it themselves, and guests are strangers to them.
    """
    creator = event.created_by.actor_id if event.created_by else None
    coaches = sorted(event.coach_ids, key=lambda each: each != creator)
    names = {each.user_id: each.public_name for each in event.contacts}
    return next((name for each in coaches if (name := names.get(each))), None)
