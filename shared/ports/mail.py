"""Invitations by mail: composing, sending and storing them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.errors import CalendarServiceError
from shared.domain.event import Event
from shared.domain.invite import GuestList, Invite, MailContent


class RecordRejected(CalendarServiceError):
    """The store rejects a record, for example because it is too large: a retry fails too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteMail:
    """The input of one mail; `stamp` is DTSTAMP, `uid` is constant for the life of the session.

    `is_update` is true when an earlier invitation to this address had other content. `inviter` is
    the name of who invites, in mails to guests.
    """

    event: Event
    content: MailContent
    uid: str
    address: str
    name: str | None
    stamp: datetime
    is_update: bool = False
    inviter: str | None = None


class InviteWriter(Protocol):
    """Composes invitations as raw MIME."""

    def write(self, mail: InviteMail) -> bytes:
        """Return the whole message: 7-bit, CRLF.

        Raises:
            ValueError: when a text contains line breaks or control characters, or the address is
                invalid.
        """
        ...


class Mailer(Protocol):
    """Sends mail through SES, one recipient at a time."""

    def send(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> str:
        """Return the SES message id.

        Raises:
            MailUnavailable: worth a retry later.
            MailRejected: retrying is pointless.
        """
        ...


class InviteStore(Protocol):
    """Invites and guest lists, in the partition of their event. Reads are consistent."""

    def invites(self, event_id: str) -> tuple[Invite, ...]:
        """Return the invites of every address of the event, in one request."""
        ...

    def invite(self, event_id: str, invite_id: str) -> Invite | None:
        """Return the invite, or None."""
        ...

    def save_invite(self, invite: Invite) -> Invite:
        """Store the invite and return it with its next `row_version`.

        Raises:
            LostRace: when the stored invite has changed since `invite.row_version` was read.
            RecordRejected: when the store does not accept the record; nothing was written.
        """
        ...

    def find_by_message(self, message_id: str) -> tuple[str, str] | None:
        """Return (event id, invite id) of the mail with that SES id, from an index that may lag."""
        ...

    def guest_list(self, session_id: str) -> GuestList | None:
        """Return the guests of a session, or None if none were ever set."""
        ...

    def save_guest_list(self, guest_list: GuestList) -> GuestList:
        """Replace the guest list and return it with its next `row_version`.

        Raises:
            LostRace: when it has changed since `guest_list.row_version` was read.
        """
        ...

    def mark_guests_synced(self, guest_list: GuestList) -> None:
        """Record that mail matches these guests, unless the list has changed since."""
        ...


class SuppressionStore(Protocol):
    """The addresses that get no mail because their recipient complained, by invite id."""

    def suppress_address(self, invite_id: str, *, since: datetime) -> None:
        """Store the address of that invite id."""
        ...

    def is_address_suppressed(self, invite_id: str) -> bool:
        """Return whether the address of that invite id is stored. The read is consistent."""
        ...

    def lift_suppression(self, invite_id: str) -> None:
        """Delete the address; it need not be stored."""
        ...
