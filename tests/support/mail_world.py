"""A `SyncWorld` in which people have addresses, and guests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.domain.copy_content import content_of
from shared.domain.errors import MailRefused, MailUnavailable
from shared.domain.event import Contact, Event, EventStatus
from shared.domain.interval import Interval
from shared.domain.invite import (
    Attempt,
    DeliveryState,
    ExternalAttendee,
    GuestList,
    Invite,
    InviteMethod,
    invite_id,
    mail_content,
)
from tests.support.faults import Killed
from tests.support.mailbox import Failure
from tests.support.sync_world import MAIL_DOMAIN, SyncWorld

THROTTLED = Failure(lambda: MailUnavailable("throttled"))
TIMED_OUT_SENT = Failure(lambda: MailUnavailable("no answer in time"), is_sent=True)
REFUSED = Failure(lambda: MailRefused("address refused"))
KILLED_BEFORE = Failure(Killed)
KILLED_AFTER = Failure(Killed, is_sent=True)


class MailWorld(SyncWorld):
    """A user's address is their name at example.com, known from the event's contacts at least."""

    def __init__(self) -> None:
        super().__init__(has_mail=True)

    def book(self, event_id: str = "s1", users: Sequence[str] = ("ann",), **changes: Any) -> Event:
        """Write a new scheduled event whose contacts name every learner."""
        contacts = {"contacts": tuple(Contact(each, address(each)) for each in users)}
        return super().book(event_id, users, **{**contacts, **changes})

    def invite_guests(self, *names: str, event_id: str = "s1") -> None:
        """Replace the guests of a session."""
        kept = self.invites.guest_list(event_id) or GuestList(
            session_id=event_id, session_type="group"
        )
        guests = tuple(
            ExternalAttendee(email=address(each), name=None, added_at=self.at) for each in names
        )
        self.invites.save_guest_list(replace(kept, attendees=guests, unsynced_since=self.at))

    def move(self, event_id: str = "s1") -> Event:
        """Write the event an hour later than before."""
        before, hour = self.event(event_id), timedelta(hours=1)
        moved = Interval(before.interval.start + hour, before.interval.end + hour)
        return self.change(event_id, interval=moved, sequence=before.sequence + 1)

    def cancel(self, event_id: str = "s1") -> Event:
        """Write the event as cancelled."""
        sequence = self.event(event_id).sequence + 1
        return self.change(event_id, status=EventStatus.CANCELLED, sequence=sequence)

    def said(self, name: str) -> list[str]:
        """Return method and SEQUENCE of each mail to somebody, in order."""
        mails = self.mail.to(address(name))
        return [f"{each.content.method.value} {each.content.sequence}" for each in mails]

    def shows(self, name: str, event_id: str = "s1") -> bool:
        """Whether the calendar behind somebody's address shows the event as it is now."""
        entry = self.mail.entry(address(name), f"{event_id}@{MAIL_DOMAIN}")
        present = mail_content(self.event(event_id), InviteMethod.REQUEST)
        assert entry is None or entry.content.digest == present.digest
        return entry is not None

    def entries(self, name: str, event_id: str = "s1") -> int:
        """Return how often somebody has the event where this service can still write."""
        connections = [each for each in self.people.person(name).connections if self.works(each)]
        return int(self.shows(name, event_id)) + sum(
            len(self.held(each.id, event_id)) for each in connections
        )

    def is_right_beyond_reach(self, name: str, event_id: str = "s1") -> bool:
        """Whether a calendar this service cannot write to shows the event as it is now."""
        return any(
            content_of(self.event(event_id), each.id).digest == held.digest
            for each in self.people.person(name).connections
            if not self.works(each)
            for held in self.calendar.copies(each.id, event_id)
        )

    def invite_of(self, name: str, event_id: str = "s1") -> Invite:
        """Return the record of the invite to somebody."""
        return self.memory.invites[event_id, invite_id(address(name))]

    def attempt_of(self, name: str, event_id: str = "s1") -> Attempt:
        """Return the newest mail on record."""
        newest = self.invite_of(name, event_id).newest
        assert newest is not None
        return newest

    def notify(self, name: str, state: DeliveryState, *, bounce_type: str | None = None) -> None:
        """Put on record what became of the newest mail to somebody."""
        invite = self.invite_of(name)
        grown = replace(self.attempt_of(name), status=state, bounce_type=bounce_type)
        self.invites.save_invite(replace(invite, attempts=(*invite.attempts[:-1], grown)))

    def ask_again(self, name: str) -> None:
        """Ask for one more mail to somebody."""
        asked = replace(self.invite_of(name), resend=True, resend_since=self.at)
        self.invites.save_invite(asked)


def session_of_ann() -> MailWorld:
    """Return a world with one session of Ann, who has no calendar connected."""
    world = MailWorld()
    world.book()
    return world


def address(name: str) -> str:
    """Return somebody's address."""
    return f"{name}@example.com"
