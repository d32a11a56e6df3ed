"""A `CopySync` over stores, mail and calendars in memory, with a clock that tests set."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.connection import Connection, Provider
from shared.domain.copy import Copy, CopyState, copy_key
from shared.domain.copy_content import copy_content
from shared.domain.event import Event, EventStatus, Owner
from shared.domain.interval import Interval
from shared.usecases.copies.copy_sync import CopySync
from shared.usecases.copies.copy_writer import CopyWriter
from shared.usecases.copies.sweeper import Sweeper, SweepReport
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.invite_sender import InviteSender
from shared.usecases.invitations.invite_sync import InviteSync
from shared.usecases.invitations.mail_limits import MailLimits
from shared.usecases.people.limits import NO_LIMITS, Limits
from tests.support.fake_mail import FakeMail
from tests.support.faulty_calendar import FaultyCalendar, MemoryProviders, MemoryVault
from tests.support.limit_counts import MemorySuppressions
from tests.support.memory import (
    Memory,
    MemoryBookings,
    MemoryEvents,
    MemoryInvites,
    MemoryPeople,
    MemoryQueue,
    MemoryUnsynced,
    MemoryUserRecords,
)
from tests.support.meter import FakeMeter
from tests.support.request_faults import ProcessKilled
from tests.support.token_fakes import tokens_of, write_lock_of

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
MAX_ROUNDS = 80
MAIL_DOMAIN = "mail.example"


class SyncHarness:
    """Events, people and calendars; `at` is the current time.

    A connection and its account have the same name. Without `has_mail` no invitations are sent.
    """

    def __init__(
        self,
        *,
        has_mail: bool = False,
        limits: Limits = NO_LIMITS,
        reply_address: Callable[[], str] | None = None,
    ) -> None:
        self.has_mail = has_mail
        self.reply_address = reply_address
        self.limits = limits
        self.suppressions = MemorySuppressions()
        self.mail = FakeMail()
        self.at = START
        self.memory = Memory()
        self.people = MemoryPeople(self.memory)
        self.events = MemoryEvents(self.memory)
        self.bookings = MemoryBookings(self.memory)
        self.invites = MemoryInvites(self.memory)
        self.vault = MemoryVault()
        self.calendar = FaultyCalendar(now=lambda: self.at)
        self.providers = MemoryProviders({Provider.APPLE: self.calendar})
        self.meter = FakeMeter()
        self.write_lock = write_lock_of(lambda: self.at)
        self.sync = self.worker()
        self._numbers = iter(range(10**6))

    def worker(self, **others: Any) -> CopySync:
        """Return a new worker, with these parts replaced."""
        stores: dict[str, Any] = {
            "events": others.get("events", self.events),
            "people": others.get("people", self.people),
        }
        invites: Any = others.pop("invites", self.invites)
        audiences = AudienceReader(**stores, invites=invites, has_mail=self.has_mail)
        sender = InviteSender(
            writer=others.pop("writer", self.mail),
            mailer=others.pop("mailer", self.mail),
            mail_domain=MAIL_DOMAIN,
            organization="Acme",
            jitter=lambda longest: longest,
            meter=self.meter,
        )
        pause = others.pop("pause", lambda _: None)
        return CopySync(
            **stores,
            bookings=others.pop("bookings", self.bookings),
            records=others.pop("records", MemoryUserRecords(self.memory)),
            writer=self._copy_writer(stores, others),
            audiences=audiences,
            invite_sync=InviteSync(
                audiences=audiences,
                invites=invites,
                sender=sender,
                limits=MailLimits(
                    limits=others.pop("limits", self.limits),
                    suppressions=self.suppressions,
                    meter=self.meter,
                ),
                pause=pause,
                reply_address=self.reply_address,
            ),
            pause=pause,
            meter=self.meter,
        )

    def _copy_writer(self, stores: dict[str, Any], others: dict[str, Any]) -> CopyWriter:
        parts: dict[str, Any] = {
            "providers": self.providers,
            "tokens": tokens_of(
                stores["people"], self.vault, now=lambda: self.at, meter=self.meter
            ),
            "write_lock": self.write_lock,
            "jitter": lambda longest: longest,
            "meter": self.meter,
        }
        return CopyWriter(
            **stores, **{name: others.get(name, part) for name, part in parts.items()}
        )

    def connect(self, user: str, name: str, *, provider: Provider = Provider.APPLE) -> Connection:
        """Connect a calendar, or reconnect it with a valid credential."""
        credential = f"secret-{next(self._numbers)}"
        connection = Connection(
            id=name,
            user_id=user,
            provider=provider,
            account=name,
            email=f"{user}@example.com",
            calendar_id=name,
            calendar_name=None,
            zone=None,
            credential=self.vault.seal(credential, user_id=user, connection_id=name),
            created_at=START,
        )
        self.people.save_connection(connection)
        return connection

    def revoke(self, user: str, name: str) -> None:
        """Make the provider reject the stored credential from now on."""
        connection = self.connection(user, name)
        if connection:
            sealed = connection.credential
            secret = self.vault.open(sealed, user_id=user, connection_id=name)
            self.calendar.dead_credentials.add(secret)

    def connection(self, user: str, name: str) -> Connection | None:
        """Return the stored connection."""
        connections = self.people.person(user).connections
        return next((each for each in connections if each.id == name), None)

    def has_working_credential(self, connection: Connection) -> bool:
        """Whether the provider accepts the stored credential."""
        secret = self.vault.open(
            connection.credential, user_id=connection.user_id, connection_id=connection.id
        )
        return connection.is_active and secret not in self.calendar.dead_credentials

    def book(self, event_id: str = "s1", users: Sequence[str] = ("ann",), **changes: Any) -> Event:
        """Write a new scheduled event with these learners."""
        fields: dict[str, Any] = {
            "id": event_id,
            "title": "Coaching",
            "interval": Interval(START + timedelta(days=10), START + timedelta(days=10, hours=1)),
            "zone": "Europe/Berlin",
            "owner": Owner.COACHEE,
            "coach_ids": (),
            "learner_ids": tuple(users),
            "admin_id": None,
            "status": EventStatus.SCHEDULED,
            "created_at": START,
            "updated_at": START,
            "request_digest": "digest",
        }
        event = Event(**{**fields, **changes})
        self.bookings.commit(event, previous=None)
        return event

    def change(self, event_id: str = "s1", **changes: Any) -> Event:
        """Write the next version of an event."""
        before = self.event(event_id)
        after = replace(before, version=before.version + 1, updated_at=self.at, **changes)
        self.bookings.commit(after, previous=before)
        return after

    def cancel(self, event_id: str = "s1") -> Event:
        """Write the event as cancelled."""
        return self.change(event_id, status=EventStatus.CANCELLED)

    def event(self, event_id: str = "s1") -> Event:
        """Return the stored event."""
        event = self.events.find(event_id)
        assert event is not None
        return event

    def copy(self, name: str = "a1", event_id: str = "s1") -> Copy:
        """Return the record of the copy in that connection."""
        return self.memory.copies[event_id, name]

    def state(self, name: str = "a1", event_id: str = "s1") -> CopyState:
        """Return the state of that copy for the current version of the event."""
        return self.copy(name, event_id).state_for(self.event(event_id).version)

    def copy_titles(self, name: str = "a1", event_id: str = "s1") -> list[str]:
        """Return the titles of the event's copies in a calendar."""
        return [each.title for each in self.calendar.copies(name, event_id)]

    def advance(self, wait: timedelta) -> None:
        """Advance the clock, and apply the late requests whose delay ends meanwhile."""
        self.calendar.apply_late_requests(due_by=self.at + wait)
        self.at += wait

    def deliver(self, event_id: str = "s1") -> timedelta | None:
        """Deliver a message once; return when to retry, also if the worker was killed, or None."""
        try:
            return self.sync.reconcile(event_id, now=self.at)
        except ProcessKilled:
            return timedelta(seconds=30)

    def drain(self, event_id: str = "s1") -> list[timedelta]:
        """Deliver the message until no retry is due; return the waits in between."""
        waits: list[timedelta] = []
        while (wait := self.deliver(event_id)) is not None:
            waits.append(wait)
            assert len(waits) <= MAX_ROUNDS, "the worker keeps asking for a retry"
            self.advance(wait)
        return waits

    def sweep(self) -> SweepReport:
        """Advance ten minutes and re-queue unsynced events."""
        self.advance(timedelta(minutes=10))
        sweeper = Sweeper(
            unsynced=MemoryUnsynced(self.memory), queue=MemoryQueue(), meter=self.meter
        )
        return sweeper.sweep(now=self.at)

    def check(self, event_id: str, user: str, name: str) -> None:
        """Assert that a calendar is correct, or that its record states why it is not."""
        event, connection = self.event(event_id), self.connection(user, name)
        record = self.memory.copies.get((event_id, name))
        copies = self.calendar.copies(name, event_id)
        state = record.state_for(event.version) if record else None
        wanted = event.status is EventStatus.SCHEDULED and user in event.participants
        assert len(copies) <= 1, "a calendar has two copies"
        assert {each.key for each in copies} <= {copy_key(event_id, name)}
        if state is CopyState.SYNCED:
            assert [_digest(copy_content(event, name))] == [_digest(each) for each in copies]
        elif state is CopyState.REMOVED or state is None:
            assert not copies
        else:
            assert state in {CopyState.FAILED, CopyState.RECONNECT_REQUIRED}
            assert record
            assert record.error
        if connection and self.has_working_credential(connection) and state is not CopyState.FAILED:
            assert wanted == bool(copies)
            assert state is (CopyState.SYNCED if wanted else state)
            assert state is not CopyState.RECONNECT_REQUIRED


def _digest(content: Any) -> str:
    return str(content.digest)
