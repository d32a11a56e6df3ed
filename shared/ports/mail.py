"""Invitations by mail: writing, sending and keeping them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.event import Event
from shared.domain.invite import GuestList, Invite, MailContent


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteMail:
    """What one mail is made from; `stamp` is DTSTAMP, `uid` stays for the life of the session.

    `is_update` tells the reader that they were told something else before.
    """

    event: Event
    content: MailContent
    uid: str
    address: str
    name: str | None
    stamp: datetime
    is_update: bool = False


class InviteWriter(Protocol):
    """Writes invitations as raw MIME."""

    def write(self, mail: InviteMail) -> bytes:
        """Return the whole message, 7-bit, CRLF.

        Raises:
            ValueError: when a text holds line breaks or control characters, or the address is none.
        """
        ...


class Mailer(Protocol):
    """Hands mail to SES, one recipient at a time."""

    def send(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> str:
        """Return SES's message id.

        Raises:
            MailUnavailable: worth another try, later.
            MailRefused: never, however often it is asked.
        """
        ...


class InviteStore(Protocol):
    """Invites and external attendees, in the partition of their event. Every read is consistent."""

    def invites(self, event_id: str) -> tuple[Invite, ...]:
        """Return the invite of every address of the event, in one request."""
        ...

    def invite(self, event_id: str, invite_id: str) -> Invite | None:
        """Return one, or None."""
        ...

    def save_invite(self, invite: Invite) -> Invite:
        """Keep the record and return it with its next `row_version`.

        Raises:
            LostRace: when the record has changed since `invite.row_version` was read.
        """
        ...

    def by_message(self, message_id: str) -> tuple[str, str] | None:
        """Return (event id, invite id) of the mail SES gave that id, from an index that may lag."""
        ...

    def guest_list(self, session_id: str) -> GuestList | None:
        """Return the ad-hoc attendees of a session, or None when none were ever set."""
        ...

    def save_guest_list(self, guest_list: GuestList) -> GuestList:
        """Replace the whole set at once and return it with its next `row_version`.

        Raises:
            LostRace: when it has changed since `guest_list.row_version` was read.
        """
        ...

    def mark_guests_synced(self, guest_list: GuestList) -> None:
        """Note that everybody was told what follows from these guests, unless they have changed."""
        ...
