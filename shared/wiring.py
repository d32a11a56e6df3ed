"""The composition root: cached functions that build the use-cases of this process."""

import random
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from shared.aws.clients import Clients
from shared.aws.encryption import KmsVault
from shared.aws.queue import SqsSyncQueue
from shared.aws.secrets import SecretValues
from shared.domain.connection import Provider
from shared.domain.errors import ProviderNotConfigured
from shared.domain.organization import Organization
from shared.domain.slot_rules import SlotRules
from shared.ports import (
    Bookings,
    CalendarProvider,
    Clock,
    EventStore,
    PeopleStore,
    SyncQueue,
    Vault,
)
from shared.settings import settings
from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.people import DynamoPeople
from shared.stores.tables import Tables
from shared.usecases.availability import Availability
from shared.usecases.availability_check import AvailabilityCheck
from shared.usecases.calendar_sync import CalendarSync
from shared.usecases.calendars import Calendars
from shared.usecases.connections import Connections
from shared.usecases.consultation import Consultation
from shared.usecases.day import DayList
from shared.usecases.events import Events
from shared.usecases.holidays import Holidays
from shared.usecases.slots import Slots

if TYPE_CHECKING:
    from shared.providers.apple.client import CaldavProvider

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# SnapStart copies the state of the module's own generator into every restored process.
_random = random.SystemRandom()


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


_clocks: list[Clock] = [SystemClock()]


def set_clock(clock: Clock | None) -> None:
    """Use another clock in this process, or with None the real one; for runs on one machine."""
    _clocks[:] = [clock or SystemClock()]


def now() -> datetime:
    """Return the present instant by this process's clock."""
    return _clocks[0].now()


@cache
def organization() -> Organization:
    """The defaults of the platform."""
    hours = settings().default_availability
    return Organization(
        zone=settings().default_timezone,
        hours=tuple(
            (number, _minutes(start), _minutes(end))
            for number, day in enumerate(_DAYS)
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
def clients() -> Clients:
    """The AWS clients of this process."""
    return Clients()


@cache
def secrets() -> SecretValues:
    """The values of Secrets Manager."""
    return SecretValues(clients())


@cache
def vault() -> Vault:
    """Credentials, sealed with the stack's key."""
    return KmsVault(settings().token_key_id, clients())


@cache
def sync_queue() -> SyncQueue:
    """The queue of events whose calendars may be behind."""
    return SqsSyncQueue(settings().sync_queue_url, clients())


@cache
def _tables() -> Tables:
    return Tables(events=settings().events_table, connections=settings().connections_table)


@cache
def people() -> PeopleStore:
    """Users, in the connections table."""
    return DynamoPeople(_tables())


@cache
def event_store() -> EventStore:
    """Events and their copies, in the events table."""
    return DynamoEvents(_tables())


@cache
def bookings() -> Bookings:
    """The transaction across both tables."""
    return DynamoBookings(_tables())


class LazyProviders:
    """Loads a provider's libraries when it is first asked for, and only its own."""

    def get(self, provider: Provider) -> CalendarProvider:
        """Return the client of a provider.

        Raises:
            ProviderNotConfigured: when this stack does not know the provider.
        """
        if provider is Provider.APPLE:
            return _caldav()
        raise ProviderNotConfigured(f"This stack has no client id for {provider}.")


@cache
def _caldav() -> "CaldavProvider":
    from shared.providers.apple.client import CaldavProvider  # noqa: PLC0415 - loaded when used

    return CaldavProvider(
        settings().caldav_allowed_hosts, traffic_dump=settings().python_caldav_commdump
    )


@cache
def calendars() -> Calendars:
    """Reading connected calendars."""
    return Calendars(providers=LazyProviders(), vault=vault(), people=people())


@cache
def consultation() -> Consultation:
    """Gathering what decides about people's time."""
    return Consultation(people=people(), calendars=calendars(), organization=organization())


@cache
def slots() -> Slots:
    """Finding times that suit."""
    return Slots(consultation=consultation(), organization=organization(), rules=slot_rules())


@cache
def events() -> Events:
    """The operations on events."""
    check = AvailabilityCheck(
        calendars=calendars(), consultation=consultation(), rules=slot_rules()
    )
    return Events(
        events=event_store(), bookings=bookings(), people=people(), check=check, pause=_pause
    )


@cache
def day_list() -> DayList:
    """One local date of a user."""
    return DayList(
        people=people(),
        events=event_store(),
        calendars=calendars(),
        public_details=settings().public_event_details,
    )


@cache
def availability() -> Availability:
    """Weekly windows."""
    return Availability(people=people(), organization=organization())


@cache
def holidays() -> Holidays:
    """Time off."""
    return Holidays(people=people(), organization=organization())


@cache
def connections() -> Connections:
    """Calendar accounts."""
    return Connections(
        people=people(),
        vault=vault(),
        discovery=_caldav,
        redirects=settings().redirect_allow_list,
    )


@cache
def calendar_sync() -> CalendarSync:
    """Making calendars match events."""
    return CalendarSync(
        events=event_store(),
        bookings=bookings(),
        people=people(),
        providers=LazyProviders(),
        vault=vault(),
        jitter=lambda longest: longest * _random.random(),
    )


def _pause(number: int) -> None:
    time.sleep(_random.uniform(0, min(0.02 * 2**number, 0.3)))


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
