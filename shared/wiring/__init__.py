"""The composition root: cached functions that build the use-cases of this process."""

from functools import cache

from shared.settings import settings
from shared.usecases.audiences import Audiences
from shared.usecases.availability import Availability
from shared.usecases.availability_check import AvailabilityCheck
from shared.usecases.calendar_sync import CalendarSync
from shared.usecases.calendars import Calendars
from shared.usecases.connections import Connections
from shared.usecases.consultation import Consultation
from shared.usecases.day import DayList
from shared.usecases.delivery import Delivery
from shared.usecases.events import Events
from shared.usecases.external_attendees import ExternalAttendees
from shared.usecases.holidays import Holidays
from shared.usecases.invitations import Invitations
from shared.usecases.invites import Invites
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
from shared.wiring.adapters import invites as invite_store
from shared.wiring.clock import jitter, now, pause, set_clock
from shared.wiring.mail import LazyInvites, LazyMailer
from shared.wiring.notifications import set_certificates, sns_topics, sns_verifier, subscriptions
from shared.wiring.providers import LazyCalendars, LazyOAuth, caldav

__all__ = [
    "availability",
    "bookings",
    "calendar_sync",
    "connections",
    "day_list",
    "delivery",
    "event_store",
    "events",
    "external_attendees",
    "holidays",
    "invitations",
    "invite_store",
    "invites",
    "now",
    "oauth_connect",
    "organization",
    "people",
    "secrets",
    "set_certificates",
    "set_clock",
    "slot_rules",
    "slots",
    "sns_topics",
    "sns_verifier",
    "subscriptions",
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
        events=event_store(),
        bookings=bookings(),
        people=people(),
        check=check,
        audiences=_audiences(),
        pause=pause,
    )


@cache
def _audiences() -> Audiences:
    return Audiences(
        events=event_store(),
        people=people(),
        invites=invite_store(),
        has_mail=bool(settings().mail_sender),
    )


@cache
def invitations() -> Invitations:
    """Making mail match events."""
    return Invitations(
        audiences=_audiences(),
        invites=invite_store(),
        writer=LazyInvites(),
        mailer=LazyMailer(),
        mail_domain=settings().mail_domain,
        jitter=jitter,
    )


@cache
def invites() -> Invites:
    """How invitations fared, and sending them again."""
    return Invites(audiences=_audiences(), invites=invite_store())


@cache
def external_attendees() -> ExternalAttendees:
    """The guests of sessions."""
    return ExternalAttendees(events=event_store(), invites=invite_store())


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
        audiences=_audiences(),
        invitations=invitations(),
        jitter=jitter,
    )


@cache
def delivery() -> Delivery:
    """What became of invitations."""
    return Delivery(invites=invite_store(), pause=pause)
