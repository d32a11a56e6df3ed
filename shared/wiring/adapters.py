"""What the use-cases rest on: the organization's rules, the stores and AWS."""

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from shared.domain.organization import Organization
from shared.domain.slot_rules import SlotRules
from shared.domain.week import WEEKDAYS, minutes_of
from shared.ports import (
    Bookings,
    EventStore,
    InviteStore,
    Meter,
    PeopleStore,
    StateStore,
    SyncQueue,
    TokenStore,
    UnsyncedEvents,
    Vault,
    WriteLockStore,
)
from shared.settings import settings

if TYPE_CHECKING:
    from shared.aws.clients import Clients
    from shared.aws.secrets import SecretValues
    from shared.stores.tables import Tables


@cache
def organization() -> Organization:
    """The defaults of the platform."""
    hours = settings().default_availability
    return Organization(
        zone=settings().default_timezone,
        hours=tuple(
            (number, minutes_of(start), minutes_of(end))
            for number, day in enumerate(WEEKDAYS)
            for start, end in hours.get(day, [])
        ),
    )


@cache
def slot_rules() -> SlotRules:
    """The organization's rules for slots."""
    these = settings()
    return SlotRules(
        length=timedelta(minutes=these.slot_minutes),
        step=timedelta(minutes=these.slot_step_minutes),
        buffer_before=timedelta(minutes=these.buffer_before_minutes),
        buffer_after=timedelta(minutes=these.buffer_after_minutes),
        minimum_notice=timedelta(minutes=these.min_notice_minutes),
        unverified_is_available=these.on_unreadable == "allow",
    )


@cache
def clients() -> "Clients":
    """The AWS clients of this process."""
    from shared.aws.clients import Clients

    return Clients()


@cache
def secrets() -> "SecretValues":
    """The values of Secrets Manager."""
    from shared.aws.secrets import SecretValues

    return SecretValues(clients())


@cache
def vault() -> Vault:
    """Credentials, sealed with the stack's key."""
    from shared.aws.encryption import KmsVault

    return KmsVault(settings().token_key_id, clients())


@cache
def sync_queue() -> SyncQueue:
    """The queue of events whose calendars may be behind."""
    from shared.aws.queue import SqsSyncQueue

    return SqsSyncQueue(settings().sync_queue_url, clients())


@cache
def tables() -> "Tables":
    """Both tables, over one client."""
    from shared.stores.tables import Tables

    return Tables(events=settings().events_table, connections=settings().connections_table)


@cache
def people() -> PeopleStore:
    """Users, in the connections table."""
    from shared.stores.people import DynamoPeople

    return DynamoPeople(tables())


@cache
def event_store() -> EventStore:
    """Events and their copies, in the events table."""
    from shared.stores.events import DynamoEvents

    return DynamoEvents(tables())


@cache
def invite_store() -> InviteStore:
    """Invites and external attendees, in the events table."""
    from shared.stores.invites import DynamoInvites

    return DynamoInvites(tables())


@cache
def unsynced_events() -> UnsyncedEvents:
    """What waits for its calendars and mail, in the events table."""
    from shared.stores.unsynced import DynamoUnsynced

    return DynamoUnsynced(tables())


@cache
def meter() -> Meter:
    """The metrics of this stage."""
    from shared.aws.metrics import EmfMeter

    return EmfMeter(settings().stage)


@cache
def bookings() -> Bookings:
    """The transaction across both tables."""
    from shared.stores.bookings import DynamoBookings

    return DynamoBookings(tables())


@cache
def token_store() -> TokenStore:
    """Tokens of connections, in the connections table."""
    from shared.stores.tokens import DynamoTokens

    return DynamoTokens(tables())


@cache
def turns() -> WriteLockStore:
    """Whose turn it is to write to a calendar, in the connections table."""
    from shared.stores.write_locks import DynamoWriteLocks

    return DynamoWriteLocks(tables())


@cache
def states() -> StateStore:
    """OAuth states, in the connections table."""
    from shared.stores.states import DynamoStates

    return DynamoStates(tables())
