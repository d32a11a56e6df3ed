"""The organization's defaults, the stores and the AWS adapters that use cases depend on."""

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from shared.domain.organization import Organization
from shared.domain.policy import Policy, PolicySettings
from shared.domain.slot_rules import SlotRules
from shared.domain.week import WEEKDAYS, minutes_of
from shared.ports import (
    Bookings,
    ChangeList,
    EventStore,
    InviteStore,
    Meter,
    ParkedEvents,
    ParkedGrantStore,
    PendingEvents,
    PeopleStore,
    StateStore,
    SuppressionStore,
    SyncQueue,
    TokenStore,
    UnsyncedEvents,
    Vault,
    WriteLockStore,
)
from shared.settings import settings
from shared.wiring.clock import pause

if TYPE_CHECKING:
    from shared.aws.clients import Clients
    from shared.aws.secrets import SecretValues
    from shared.domain.draft import BookingDefaults
    from shared.stores.tables import Tables


@cache
def organization() -> Organization:
    """The organization's default time zone and windows."""
    hours = settings().default_availability
    return Organization(
        zone=settings().default_timezone,
        hours=tuple(
            (number, minutes_of(start), minutes_of(end))
            for number, day in enumerate(WEEKDAYS)
            for start, end in hours.get(day, [])
        ),
        unset_learner_is_free=settings().unset_learner == "any",
    )


@cache
def policy() -> Policy:
    """Who may do what with a session."""
    return Policy(
        PolicySettings(
            auto_approval_roles=frozenset(settings().auto_approval_roles),
            learners_may_move=settings().learners_may_move,
            learners_may_cancel=settings().learners_may_cancel,
        )
    )


@cache
def booking_defaults() -> "BookingDefaults":
    """The organization's choices for new events."""
    from shared.domain.draft import BookingDefaults

    hours = settings().pending_expires_hours
    return BookingDefaults(
        pending_expires=timedelta(hours=hours) if hours else None,
        admin_attends=settings().admin_attends,
    )


@cache
def slot_rules() -> SlotRules:
    """The organization's slot rules."""
    config = settings()
    return SlotRules(
        length=timedelta(minutes=config.slot_minutes),
        step=timedelta(minutes=config.slot_step_minutes),
        buffer_before=timedelta(minutes=config.buffer_before_minutes),
        buffer_after=timedelta(minutes=config.buffer_after_minutes),
        minimum_notice=timedelta(minutes=config.min_notice_minutes),
        unverified_is_available=config.on_unreadable == "allow",
    )


@cache
def clients() -> "Clients":
    """The AWS clients of this process."""
    from shared.aws.clients import Clients

    return Clients()


@cache
def secrets() -> "SecretValues":
    """The reader of Secrets Manager."""
    from shared.aws.secrets import SecretValues

    return SecretValues(clients())


@cache
def vault() -> Vault:
    """The encryption of credentials with the stack's KMS key."""
    from shared.aws.encryption import KmsVault

    return KmsVault(settings().token_key_id, clients())


@cache
def sync_queue() -> SyncQueue:
    """The queue of events to reconcile."""
    from shared.aws.queue import SqsSyncQueue

    return SqsSyncQueue(settings().sync_queue_url, clients())


@cache
def tables() -> "Tables":
    """Both DynamoDB tables, with one client."""
    from shared.stores.tables import Tables

    days = settings().retention_days
    return Tables(
        events=settings().events_table,
        connections=settings().connections_table,
        retention=timedelta(days=days) if days else None,
    )


@cache
def people_store() -> PeopleStore:
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
    """Invites and guests, in the events table."""
    from shared.stores.invites import DynamoInvites

    return DynamoInvites(tables())


@cache
def change_list() -> ChangeList:
    """The change list, in the events table."""
    from shared.stores.change_list import DynamoChangeList

    return DynamoChangeList(tables(), pause=pause)


@cache
def suppressions() -> SuppressionStore:
    """Addresses that have complained, in the events table."""
    from shared.stores.suppressions import DynamoSuppressions

    return DynamoSuppressions(tables())


@cache
def unsynced_events() -> UnsyncedEvents:
    """The index of unsynced events, in the events table."""
    from shared.stores.unsynced import DynamoUnsynced

    return DynamoUnsynced(tables())


@cache
def pending_events() -> PendingEvents:
    """The index of pending events, in the events table."""
    from shared.stores.pending import DynamoPending

    return DynamoPending(tables())


@cache
def parked_events() -> ParkedEvents:
    """Events that the sweeper has parked, in the events table."""
    from shared.stores.unsynced import DynamoParked

    return DynamoParked(tables())


@cache
def meter() -> Meter:
    """The CloudWatch metrics of this stage."""
    from shared.aws.metrics import EmfMeter

    return EmfMeter(settings().stage)


@cache
def bookings() -> Bookings:
    """The booking transaction across both tables."""
    from shared.stores.bookings import DynamoBookings

    return DynamoBookings(tables(), pause=pause)


@cache
def token_store() -> TokenStore:
    """Tokens of connections, in the connections table."""
    from shared.stores.tokens import DynamoTokens

    return DynamoTokens(tables())


@cache
def write_locks() -> WriteLockStore:
    """The write locks of calendars, in the connections table."""
    from shared.stores.write_locks import DynamoWriteLocks

    return DynamoWriteLocks(tables())


@cache
def parked_grants() -> ParkedGrantStore:
    """Parked grants, in the connections table."""
    from shared.stores.parked_grants import DynamoParkedGrants

    return DynamoParkedGrants(tables())


@cache
def states() -> StateStore:
    """OAuth states, in the connections table."""
    from shared.stores.states import DynamoStates

    return DynamoStates(tables())
