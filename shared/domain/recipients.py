"""Who is reached how: each participant by copies or by mail, never both, and guests by mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.domain.address import normalised
from shared.domain.connection import Connection
from shared.domain.copy import Copy, CopyState
from shared.domain.event import Event
from shared.domain.invite import (
    DeliveryState,
    GuestList,
    Invite,
    InviteKind,
    InviteMethod,
    invite_id,
)
from shared.domain.person import Person

_NEVER_ARRIVED = {DeliveryState.FAILED, DeliveryState.REJECTED, DeliveryState.BOUNCED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody an event invites by mail; `user_id` is None for a guest."""

    address: str
    kind: InviteKind
    name: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """All that decides how the people of an event are reached, as read at one time."""

    event: Event
    persons: Mapping[str, Person]
    copies: tuple[Copy, ...] = ()
    invites: tuple[Invite, ...] = ()
    guest_list: GuestList | None = None
    has_mail: bool = True
    """Whether this stack sends mail at all."""

    mailed: frozenset[str] = field(init=False)
    """The participants who were mailed, perhaps, so that they get no copies any more."""

    on_mail: frozenset[str] = field(init=False)
    """The participants who get mail: those, and whoever no calendar takes a copy for."""

    recipients: Mapping[str, Recipient] = field(init=False)
    """Whom the event invites by mail, by invite id; nobody once it is cancelled."""

    def __post_init__(self) -> None:
        """Decide once: all is asked for again and again."""
        users = self.event.participants if self.has_mail else ()
        mailed = frozenset(each for each in users if self._was_mailed(each))
        needy = (each for each in users if self._needs_mail(each))
        object.__setattr__(self, "mailed", mailed)
        object.__setattr__(self, "on_mail", mailed.union(needy))
        object.__setattr__(self, "recipients", self._recipients())

    def _was_mailed(self, user: str) -> bool:
        return any(each.attempts for each in self._invites_of(user))

    def _needs_mail(self, user: str) -> bool:
        has_address = bool(addresses(self.event, self.persons[user]))
        return has_address and all(self._is_broken(each) for each in self.persons[user].connections)

    def _is_broken(self, connection: Connection) -> bool:
        copy = next((each for each in self.copies if each.connection_id == connection.id), None)
        failed = copy is not None and copy.state_for(self.event.version) is CopyState.FAILED
        return failed or not connection.is_active

    def _invites_of(self, user: str) -> list[Invite]:
        """Those to the user, also from before the guest was known to be one."""
        known = {each.lower() for each in addresses(self.event, self.persons[user])}
        return [
            each
            for each in self.invites
            if each.user_id == user or (each.user_id is None and each.address.lower() in known)
        ]

    def _recipients(self) -> dict[str, Recipient]:
        if self.event.is_cancelled:
            return {}
        found: dict[str, Recipient] = {}
        served: set[str] = set()
        for user in self.event.participants:
            if user in self.on_mail:
                recipient = self._participant(user)
                found.setdefault(invite_id(recipient.address), recipient)
            else:
                served.update(map(invite_id, addresses(self.event, self.persons[user])))
        for guest in self.guest_list.attendees if self.guest_list else ():
            if invite_id(guest.email) not in served:
                recipient = Recipient(
                    address=guest.email, kind=InviteKind.EXTERNAL, name=guest.name
                )
                found.setdefault(invite_id(guest.email), recipient)
        return found

    def _participant(self, user: str) -> Recipient:
        name = next((each.name for each in self.event.contacts if each.user_id == user), None)
        return Recipient(
            address=self._address(user), kind=InviteKind.PARTICIPANT, name=name, user_id=user
        )

    def _address(self, user: str) -> str:
        """The address that holds the invitation already, else the best one known.

        Changing it would cancel in the calendar behind both what it has just accepted.
        """
        invites = self._invites_of(user)
        holding = [each.address for each in invites if _holds_invitation(each)]
        known = addresses(self.event, self.persons[user])
        return next(iter((*holding, *known)), invites[0].address if invites else "")


def addresses(event: Event, person: Person) -> tuple[str, ...]:
    """Return every address known of a participant that mail can be sent to, the best first."""
    known = (
        person.email,
        *(each.email for each in person.connections),
        *(each.email for each in event.contacts if each.user_id == person.user_id),
    )
    return tuple(dict.fromkeys(each for each in map(_usable, known) if each))


def _usable(address: str | None) -> str | None:
    try:
        return normalised(address or "")
    except ValueError:
        # A provider may name an account by what is no address of ours to send to.
        return None


def _holds_invitation(invite: Invite) -> bool:
    newest = invite.newest
    return (
        newest is not None
        and newest.content.method is InviteMethod.REQUEST
        and newest.status not in _NEVER_ARRIVED
    )
