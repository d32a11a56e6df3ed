"""Invitations by mail: composing, sending and storing them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.domain.errors import CalendarServiceError
from shared.domain.event import Event
from shared.domain.invite import GuestList, Invite, MailContent, Shown


class CancelCause(StrEnum):
    """Why a recipient gets a cancellation."""

    SESSION_CANCELLED = "session_cancelled"
    REMOVED = "removed"
    REPLACED = "replaced"
    """The user still takes part, and has the session in a calendar or at another address."""


class ReplyUnreadable(CalendarServiceError):
    """An incoming mail is not a reply, or exceeds a bound: a retry fails too."""


class RecordRejected(CalendarServiceError):
    """The store rejects a record, for example because it is too large: a retry fails too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteMail:
    """The input of one mail.

    `stamp` is DTSTAMP, `sent_at` the date of the mail, and `uid` is constant for the life of the
    session. `is_update` is true when the recipient may hold an invitation with other content, and
    `before` is what that one showed, if known. `zone` is the recipient's own time zone, None if it
    is not known. `inviter` is the name of who invites, if known. `cause` matters for a cancellation
    only, and `reason` is the text that the user who cancelled gave. `reply_address` receives the
    recipient's answers; None if this service does not receive them.
    """

    event: Event
    content: MailContent
    uid: str
    address: str
    name: str | None
    stamp: datetime
    sent_at: datetime
    is_update: bool = False
    before: Shown | None = None
    zone: str | None = None
    inviter: str | None = None
    is_guest: bool = False
    cause: CancelCause = CancelCause.SESSION_CANCELLED
    reason: str | None = None
    reply_address: str | None = None


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
            MailRefused: worth a retry later, and the mail has certainly not been sent.
            MailRejected: retrying is pointless.
        """
        ...


class IncomingMails(Protocol):
    """The mails that SES has received and stored."""

    def read(self, message_id: str) -> bytes:
        """Return the mail as it arrived.

        Raises:
            ReplyUnreadable: when it is larger than any reply.
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

    def record_recipient(self, invite: Invite) -> None:
        """Record that the event names this recipient; called before an invite is first saved.

        The erasure of a user finds the event by it.
        """
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
