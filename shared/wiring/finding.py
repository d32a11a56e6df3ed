"""People and their time: what finds slots, and what people tell the service of themselves."""

from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters
from shared.wiring.clock import now, pause
from shared.wiring.providers import LazyCalendars, LazyOAuth, caldav

if TYPE_CHECKING:
    from shared.usecases.availability import Availability
    from shared.usecases.calendars import Calendars
    from shared.usecases.connections import Connections
    from shared.usecases.consultation import Consultation
    from shared.usecases.day import DayList
    from shared.usecases.holidays import Holidays
    from shared.usecases.months import Months
    from shared.usecases.oauth import OAuthConnect
    from shared.usecases.provisioning import Provisioning
    from shared.usecases.slots import Slots
    from shared.usecases.tokens import Tokens


@cache
def tokens() -> "Tokens":
    """Accounts whose access token is good."""
    from shared.usecases.tokens import Tokens

    return Tokens(
        people=adapters.people(),
        tokens=adapters.token_store(),
        vault=adapters.vault(),
        oauth=LazyOAuth(),
        now=now,
        pause=pause,
        meter=adapters.meter(),
    )


@cache
def calendars() -> "Calendars":
    """Reading connected calendars."""
    from shared.usecases.calendars import Calendars

    return Calendars(providers=LazyCalendars(), tokens=tokens(), meter=adapters.meter())


@cache
def consultation() -> "Consultation":
    """Gathering what decides about people's time."""
    from shared.usecases.consultation import Consultation

    return Consultation(
        people=adapters.people(), calendars=calendars(), organization=adapters.organization()
    )


@cache
def slots() -> "Slots":
    """Finding times that suit."""
    from shared.usecases.slots import Slots

    return Slots(
        consultation=consultation(),
        organization=adapters.organization(),
        rules=adapters.slot_rules(),
        meter=adapters.meter(),
    )


@cache
def months() -> "Months":
    """Months at a glance."""
    from shared.usecases.months import Months

    return Months(
        consultation=consultation(),
        events=adapters.event_store(),
        organization=adapters.organization(),
        rules=adapters.slot_rules(),
    )


@cache
def day_list() -> "DayList":
    """One local date of a user."""
    from shared.usecases.day import DayList

    return DayList(
        people=adapters.people(),
        events=adapters.event_store(),
        calendars=calendars(),
        public_details=settings().public_event_details,
    )


@cache
def availability() -> "Availability":
    """Weekly windows."""
    from shared.usecases.availability import Availability

    return Availability(people=adapters.people(), organization=adapters.organization())


@cache
def holidays() -> "Holidays":
    """Time off."""
    from shared.usecases.holidays import Holidays

    return Holidays(people=adapters.people(), organization=adapters.organization())


@cache
def connections() -> "Connections":
    """Calendar accounts."""
    from shared.usecases.connections import Connections

    return Connections(
        people=adapters.people(),
        tokens=adapters.token_store(),
        vault=adapters.vault(),
        oauth=LazyOAuth(),
        discovery=caldav,
        redirects=settings().redirect_allow_list,
    )


@cache
def provisioning() -> "Provisioning":
    """Calendars handed over by the platform's sign-in."""
    from shared.usecases.provisioning import Provisioning

    return Provisioning(people=adapters.people(), oauth=LazyOAuth(), connections=connections())


@cache
def oauth_connect() -> "OAuthConnect":
    """Connecting Google and Microsoft calendars."""
    from shared.usecases.oauth import OAuthConnect

    return OAuthConnect(
        states=adapters.states(),
        vault=adapters.vault(),
        oauth=LazyOAuth(),
        connections=connections(),
        public_base_url=settings().public_base_url,
    )
