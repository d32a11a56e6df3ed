"""Events, people and their calendars around a `CopySync`, with a clock that is set by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.connection import Connection, Provider
from shared.domain.copy import Copy, CopyState, copy_key
from shared.domain.copy_content import content_of
from shared.domain.event import Event, EventStatus, Owner
from shared.domain.interval import Interval
from shared.usecases.copies.copy_sync import CopySync
from shared.usecases.copies.sweeper import Sweeper, SweepReport
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.invite_sync import InviteSync
from tests.support.calendars import FaultyCalendar, MemoryProviders, MemoryVault
from tests.support.faults import Killed
from tests.support.mailbox import FakeMail
from tests.support.memory import (
    Memory,
    MemoryBookings,
    MemoryEvents,
    MemoryInvites,
    MemoryPeople,
    MemoryQueue,
    MemoryUnsynced,
)
from tests.support.meter import FakeMeter
from tests.support.token_fakes import tokens_of, turns_of

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
MOST_ROUNDS = 80
MAIL_DOMAIN = "mail.example"


class SyncWorld:
    """`at` is the present; the account of a connection bears the connection's own name.

    Without `has_mail` whoever has no calendar that works is reached in no way.
    """

    def __init__(self, *, has_mail: bool = False) -> None:
        self.has_mail = has_mail
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
        self.turns = turns_of(lambda: self.at)
        self.sync = self.syncing()
        self._numbers = iter(range(10**6))

    def syncing(self, **others: Any) -> CopySync:
        """Return a worker of its own, with other parts where told."""
        stores: dict[str, Any] = {
            "events": others.get("events", self.events),
            "people": others.get("people", self.people),
        }
        invites: Any = others.pop("invites", self.invites)
        audiences = AudienceReader(**stores, invites=invites, has_mail=self.has_mail)
        parts: dict[str, Any] = {
            **stores,
            "bookings": self.bookings,
            "providers": self.providers,
            "tokens": tokens_of(stores["people"], self.vault, meter=self.meter),
            "turns": self.turns,
            "audiences": audiences,
            "invitations": InviteSync(
                audiences=audiences,
                invites=invites,
                writer=others.pop("writer", self.mail),
                mailer=others.pop("mailer", self.mail),
                mail_domain=MAIL_DOMAIN,
                jitter=lambda longest: longest,
                meter=self.meter,
            ),
            "meter": self.meter,
            "jitter": lambda longest: longest,
        }
        return CopySync(**{**parts, **others})

    def connect(self, user: str, name: str, *, provider: Provider = Provider.APPLE) -> Connection:
        """Connect a calendar, or connect it anew with a credential that works."""
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
        """Have the provider turn down the credential from now on."""
        connection = self.connection(user, name)
        if connection:
            sealed = connection.credential
            secret = self.vault.open(sealed, user_id=user, connection_id=name)
            self.calendar.dead_credentials.add(secret)

    def connection(self, user: str, name: str) -> Connection | None:
        """Return it as it is now."""
        connections = self.people.person(user).connections
        return next((each for each in connections if each.id == name), None)

    def works(self, connection: Connection) -> bool:
        """Whether the provider takes the stored credential."""
        secret = self.vault.open(
            connection.credential, user_id=connection.user_id, connection_id=connection.id
        )
        return connection.is_active and secret not in self.calendar.dead_credentials

    def book(self, event_id: str = "s1", users: Sequence[str] = ("ann",), **changes: Any) -> Event:
        """Write a new scheduled event with these learners."""
        fields: dict[str, Any] = {
            "id": event_id,
            "title": "Coaching",
            "interval": Interval(START + timedelta(days=1), START + timedelta(days=1, hours=1)),
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
        """Return the event as it is now."""
        found = self.events.find(event_id)
        assert found is not None
        return found

    def copy(self, name: str = "a1", event_id: str = "s1") -> Copy:
        """Return the record of the copy in that connection."""
        return self.memory.copies[event_id, name]

    def state(self, name: str = "a1", event_id: str = "s1") -> CopyState:
        """Return the state of that copy as of the present version."""
        return self.copy(name, event_id).state_for(self.event(event_id).version)

    def held(self, name: str = "a1", event_id: str = "s1") -> list[str]:
        """Return the titles of the copies that the calendar holds of the event."""
        return [each.title for each in self.calendar.copies(name, event_id)]

    def advance(self, wait: timedelta) -> None:
        """Move on in time; requests that can be no later are carried out on the way."""
        self.calendar.land(due_by=self.at + wait)
        self.at += wait

    def deliver(self, event_id: str = "s1") -> timedelta | None:
        """Hand a message over; a worker that is killed leaves it to come again."""
        try:
            return self.sync.reconcile(event_id, now=self.at)
        except Killed:
            return timedelta(seconds=30)

    def drain(self, event_id: str = "s1") -> list[timedelta]:
        """Deliver the message until it is done; return the waits in between."""
        waits: list[timedelta] = []
        while (wait := self.deliver(event_id)) is not None:
            waits.append(wait)
            assert len(waits) <= MOST_ROUNDS, "the work does not come to an end"
            self.advance(wait)
        return waits

    def sweep(self) -> SweepReport:
        """Let ten minutes go by and put back on the queue what waits."""
        self.advance(timedelta(minutes=10))
        sweeper = Sweeper(
            unsynced=MemoryUnsynced(self.memory), queue=MemoryQueue(), meter=self.meter
        )
        return sweeper.sweep(now=self.at)

    def check(self, event_id: str, user: str, name: str) -> None:
        """Assert that a calendar is right, or that its record says truly why it is not."""
        event, connection = self.event(event_id), self.connection(user, name)
        record = self.memory.copies.get((event_id, name))
        held = self.calendar.copies(name, event_id)
        state = record.state_for(event.version) if record else None
        wanted = event.status is EventStatus.SCHEDULED and user in event.participants
        assert len(held) <= 1, "nobody has two"
        assert {each.key for each in held} <= {copy_key(event_id, name)}
        if state is CopyState.SYNCED:
            assert [_shown(content_of(event, name))] == [_shown(each) for each in held]
        elif state is CopyState.REMOVED or state is None:
            assert not held
        else:
            assert state in {CopyState.FAILED, CopyState.RECONNECT_REQUIRED}
            assert record
            assert record.error
        if connection and self.works(connection) and state is not CopyState.FAILED:
            assert wanted == bool(held)
            assert state is (CopyState.SYNCED if wanted else state)
            assert state is not CopyState.RECONNECT_REQUIRED


def _shown(content: Any) -> str:
    return str(content.digest)
