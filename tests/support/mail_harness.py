"""A `SyncHarness` with e-mail addresses and guests."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from typing_extensions import override

from shared.domain.connection import Connection, Provider
from shared.domain.copy_content import copy_content
from shared.domain.errors import MailRejected, MailUnavailable
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
from shared.usecases.people.limits import NO_LIMITS, Limits
from tests.support.fake_mail import MailFault
from tests.support.request_faults import ProcessKilled
from tests.support.sync_harness import MAIL_DOMAIN, SyncHarness

THROTTLED = MailFault(lambda: MailUnavailable("throttled"))
TIMED_OUT_SENT = MailFault(lambda: MailUnavailable("no response in time"), is_sent=True)
REJECTED = MailFault(lambda: MailRejected("address rejected"))
KILLED_BEFORE = MailFault(ProcessKilled)
KILLED_AFTER = MailFault(ProcessKilled, is_sent=True)


class MailHarness(SyncHarness):
    """Every user has an address at example.com, which the contacts of their events contain."""

    def __init__(
        self,
        *,
        limits: Limits = NO_LIMITS,
        reply_address: Callable[[], str] | None = None,
    ) -> None:
        super().__init__(has_mail=True, limits=limits, reply_address=reply_address)

    def book(self, event_id: str = "s1", users: Sequence[str] = ("ann",), **changes: Any) -> Event:
        """Write a new scheduled event whose contacts name every learner."""
        contacts = {"contacts": tuple(Contact(each, address(each)) for each in users)}
        return super().book(event_id, users, **{**contacts, **changes})

    @override
    def connect(self, user: str, name: str, *, provider: Provider = Provider.APPLE) -> Connection:
        """Connect a calendar with a token that has the user's address."""
        self.people.save_profile(user, email=address(user), roles=frozenset())
        return super().connect(user, name, provider=provider)

    def invite_guests(self, *names: str, event_id: str = "s1", **changes: Any) -> None:
        """Replace the guests of a session."""
        current = self.invites.guest_list(event_id) or GuestList(
            session_id=event_id, session_type="group"
        )
        guests = tuple(
            ExternalAttendee(email=address(each), name=None, added_at=self.at) for each in names
        )
        fields: dict[str, Any] = {"attendees": guests, "unsynced_since": self.at, **changes}
        self.invites.save_guest_list(replace(current, **fields))

    def move(self, event_id: str = "s1") -> Event:
        """Write the event an hour later than before."""
        before, hour = self.event(event_id), timedelta(hours=1)
        moved = Interval(before.interval.start + hour, before.interval.end + hour)
        return self.change(event_id, interval=moved, sequence=before.sequence + 1)

    def cancel(self, event_id: str = "s1") -> Event:
        """Write the event as cancelled."""
        sequence = self.event(event_id).sequence + 1
        return self.change(event_id, status=EventStatus.CANCELLED, sequence=sequence)

    def mails_to(self, name: str) -> list[str]:
        """Return METHOD and SEQUENCE of each mail to a person, in order."""
        mails = self.mail.to(address(name))
        return [f"{each.content.method.value} {each.content.sequence}" for each in mails]

    def shows(self, name: str, event_id: str = "s1") -> bool:
        """Whether the mail sent to a person shows the current event in their calendar."""
        entry = self.mail.entry(address(name), f"{event_id}@{MAIL_DOMAIN}")
        current = mail_content(self.event(event_id), InviteMethod.REQUEST)
        assert entry is None or entry.content.digest == current.digest
        return entry is not None

    def entries(self, name: str, event_id: str = "s1") -> int:
        """Return how often a person sees the event in mail and in working calendars."""
        connections = [
            each
            for each in self.people.person(name).connections
            if self.has_working_credential(each)
        ]
        return int(self.shows(name, event_id)) + sum(
            len(self.copy_titles(each.id, event_id)) for each in connections
        )

    def shown_in_unreachable_calendar(self, name: str, event_id: str = "s1") -> bool:
        """Whether a calendar with a bad credential shows the current event."""
        return any(
            copy_content(self.event(event_id), each.id).digest == copy.digest
            for each in self.people.person(name).connections
            if not self.has_working_credential(each)
            for copy in self.calendar.copies(each.id, event_id)
        )

    def invite_of(self, name: str, event_id: str = "s1") -> Invite:
        """Return the stored invite of a person."""
        return self.memory.invites[event_id, invite_id(address(name))]

    def attempt_of(self, name: str, event_id: str = "s1") -> Attempt:
        """Return the newest mail attempt of a person."""
        newest = self.invite_of(name, event_id).newest
        assert newest is not None
        return newest

    def record_delivery(
        self, name: str, state: DeliveryState, *, bounce_type: str | None = None
    ) -> None:
        """Store the delivery status of the newest mail to a person."""
        invite = self.invite_of(name)
        attempt = replace(self.attempt_of(name), status=state, bounce_type=bounce_type)
        self.invites.save_invite(replace(invite, attempts=(*invite.attempts[:-1], attempt)))

    def request_resend(self, name: str) -> None:
        """Request another mail to a person."""
        invite = replace(self.invite_of(name), resend=True, resend_since=self.at)
        self.invites.save_invite(invite)


def session_of_ann() -> MailHarness:
    """Return a harness with one session of Ann, who has no connected calendar."""
    harness = MailHarness()
    harness.book()
    return harness


def address(name: str) -> str:
    """Return the e-mail address of a person."""
    return f"{name}@example.com"
