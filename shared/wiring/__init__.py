"""The composition root: cached functions that build the use-cases of this process."""

from functools import cache

from shared.settings import settings
from shared.usecases.availability import Availability
from shared.usecases.availability_check import AvailabilityCheck
from shared.usecases.calendar_sync import CalendarSync
from shared.usecases.calendars import Calendars
from shared.usecases.connections import Connections
from shared.usecases.consultation import Consultation
from shared.usecases.day import DayList
from shared.usecases.events import Events
from shared.usecases.holidays import Holidays
from shared.usecases.oauth import OAuthConnect
from shared.usecases.slots import Slots
from shared.usecases.tokens import Tokens
from shared.usecases.turns import Turns
from shared.wiring.adapters import (
    bookings,
    event_store,
    organization,
    people,
    secrets,
    slot_rules,
    states,
    sync_queue,
    tables,
    token_store,
    turns,
    vault,
)
from shared.wiring.clock import jitter, now, pause, set_clock
from shared.wiring.providers import LazyCalendars, LazyOAuth, caldav

__all__ = [
    "availability",
    "bookings",
    "calendar_sync",
    "connections",
    "day_list",
    "event_store",
    "events",
    "holidays",
    "now",
    "oauth_connect",
    "organization",
    "people",
    "secrets",
    "set_clock",
    "slot_rules",
    "slots",
    "sync_queue",
    "tables",
    "token_store",
    "tokens",
    "vault",
]


@cache
def tokens() -> Tokens:
    """Accounts whose access token is good."""
    return Tokens(
        people=people(),
        tokens=token_store(),
        vault=vault(),
        oauth=LazyOAuth(),
        now=now,
        pause=pause,
    )


@cache
def _calendars() -> Calendars:
    return Calendars(providers=LazyCalendars(), tokens=tokens())


@cache
def _consultation() -> Consultation:
    return Consultation(people=people(), calendars=_calendars(), organization=organization())


@cache
def slots() -> Slots:
    """Finding times that suit."""
    return Slots(consultation=_consultation(), organization=organization(), rules=slot_rules())


@cache
def events() -> Events:
    """The operations on events."""
    check = AvailabilityCheck(
        calendars=_calendars(), consultation=_consultation(), rules=slot_rules()
    )
    return Events(
        events=event_store(), bookings=bookings(), people=people(), check=check, pause=pause
    )


@cache
def day_list() -> DayList:
    """One local date of a user."""
    return DayList(
        people=people(),
        events=event_store(),
        calendars=_calendars(),
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
        tokens=token_store(),
        vault=vault(),
        oauth=LazyOAuth(),
        discovery=caldav,
        redirects=settings().redirect_allow_list,
    )


@cache
def oauth_connect() -> OAuthConnect:
    """Connecting Google and Microsoft calendars."""
    return OAuthConnect(
        states=states(),
        vault=vault(),
        oauth=LazyOAuth(),
        connections=connections(),
        public_base_url=settings().public_base_url,
    )


@cache
def calendar_sync() -> CalendarSync:
    """Making calendars match events."""
    return CalendarSync(
        events=event_store(),
        bookings=bookings(),
        people=people(),
        providers=LazyCalendars(),
        tokens=tokens(),
        turns=Turns(turns=turns(), now=now, pause=pause),
        jitter=jitter,
    )
