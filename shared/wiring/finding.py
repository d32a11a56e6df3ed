"""People and their time: what finds slots, and what people tell the service of themselves."""

from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters
from shared.wiring.clock import now, pause
from shared.wiring.providers import LazyCalendars, LazyOAuth, caldav

if TYPE_CHECKING:
    from shared.usecases.accounts.connections import Connections
    from shared.usecases.accounts.oauth import OAuthConnect
    from shared.usecases.accounts.provisioning import Provisioning
    from shared.usecases.accounts.tokens import Tokens
    from shared.usecases.finding.calendars import Calendars
    from shared.usecases.finding.days import DayList
    from shared.usecases.finding.months import Months
    from shared.usecases.finding.participants import Participants
    from shared.usecases.finding.slots import Slots
    from shared.usecases.people.availability import Availability
    from shared.usecases.people.holidays import Holidays


@cache
def tokens() -> "Tokens":
    """Accounts whose access token is good."""
    from shared.usecases.accounts.tokens import Tokens

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
    from shared.usecases.finding.calendars import Calendars

    return Calendars(providers=LazyCalendars(), tokens=tokens(), meter=adapters.meter())


@cache
def consultation() -> "Participants":
    """Gathering what decides about people's time."""
    from shared.usecases.finding.participants import Participants

    return Participants(
        people=adapters.people(), calendars=calendars(), organization=adapters.organization()
    )


@cache
def slots() -> "Slots":
    """Finding times that suit."""
    from shared.usecases.finding.slots import Slots

    return Slots(
        consultation=consultation(),
        organization=adapters.organization(),
        rules=adapters.slot_rules(),
        meter=adapters.meter(),
    )


@cache
def months() -> "Months":
    """Months at a glance."""
    from shared.usecases.finding.months import Months

    return Months(
        consultation=consultation(),
        events=adapters.event_store(),
        organization=adapters.organization(),
        rules=adapters.slot_rules(),
    )


@cache
def day_list() -> "DayList":
    """One local date of a user."""
    from shared.usecases.finding.days import DayList

    return DayList(
        people=adapters.people(),
        events=adapters.event_store(),
        calendars=calendars(),
        public_details=settings().public_event_details,
    )


@cache
def availability() -> "Availability":
    """Weekly windows."""
    from shared.usecases.people.availability import Availability

    return Availability(people=adapters.people(), organization=adapters.organization())


@cache
def holidays() -> "Holidays":
    """Time off."""
    from shared.usecases.people.holidays import Holidays

    return Holidays(people=adapters.people(), organization=adapters.organization())


@cache
def connections() -> "Connections":
    """Calendar accounts."""
    from shared.usecases.accounts.connections import Connections

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
    from shared.usecases.accounts.provisioning import Provisioning

    return Provisioning(people=adapters.people(), oauth=LazyOAuth(), connections=connections())


@cache
def oauth_connect() -> "OAuthConnect":
    """Connecting Google and Microsoft calendars."""
    from shared.usecases.accounts.oauth import OAuthConnect

    return OAuthConnect(
        states=adapters.states(),
        vault=adapters.vault(),
        oauth=LazyOAuth(),
        connections=connections(),
        public_base_url=settings().public_base_url,
    )
