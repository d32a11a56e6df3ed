"""Sessions: booking them, writing them into calendars, and inviting to them."""

from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters
from shared.wiring.clock import jitter, now, pause
from shared.wiring.finding import calendars, consultation, tokens
from shared.wiring.mail import LazyInvites, LazyMailer
from shared.wiring.providers import LazyCalendars

if TYPE_CHECKING:
    from shared.usecases.audiences import Audiences
    from shared.usecases.calendar_sync import CalendarSync
    from shared.usecases.delivery import Delivery
    from shared.usecases.events import Events
    from shared.usecases.external_attendees import ExternalAttendees
    from shared.usecases.invitations import Invitations
    from shared.usecases.invites import Invites
    from shared.usecases.sweeper import Sweeper


@cache
def events() -> "Events":
    """The operations on events."""
    from shared.usecases.availability_check import AvailabilityCheck
    from shared.usecases.events import Events

    check = AvailabilityCheck(
        calendars=calendars(), consultation=consultation(), rules=adapters.slot_rules()
    )
    return Events(
        events=adapters.event_store(),
        bookings=adapters.bookings(),
        people=adapters.people(),
        check=check,
        audiences=_audiences(),
        pause=pause,
        meter=adapters.meter(),
    )


@cache
def _audiences() -> "Audiences":
    from shared.usecases.audiences import Audiences

    return Audiences(
        events=adapters.event_store(),
        people=adapters.people(),
        invites=adapters.invite_store(),
        has_mail=bool(settings().mail_sender),
    )


@cache
def invitations() -> "Invitations":
    """Making mail match events."""
    from shared.usecases.invitations import Invitations

    return Invitations(
        audiences=_audiences(),
        invites=adapters.invite_store(),
        writer=LazyInvites(),
        mailer=LazyMailer(),
        mail_domain=settings().mail_domain,
        jitter=jitter,
        meter=adapters.meter(),
    )


@cache
def invites() -> "Invites":
    """How invitations fared, and sending them again."""
    from shared.usecases.invites import Invites

    return Invites(audiences=_audiences(), invites=adapters.invite_store())


@cache
def external_attendees() -> "ExternalAttendees":
    """The guests of sessions."""
    from shared.usecases.external_attendees import ExternalAttendees

    return ExternalAttendees(events=adapters.event_store(), invites=adapters.invite_store())


@cache
def calendar_sync() -> "CalendarSync":
    """Making calendars match events."""
    from shared.usecases.calendar_sync import CalendarSync
    from shared.usecases.turns import Turns

    return CalendarSync(
        events=adapters.event_store(),
        bookings=adapters.bookings(),
        people=adapters.people(),
        providers=LazyCalendars(),
        tokens=tokens(),
        turns=Turns(turns=adapters.turns(), now=now, pause=pause),
        audiences=_audiences(),
        invitations=invitations(),
        jitter=jitter,
        meter=adapters.meter(),
    )


@cache
def sweeper() -> "Sweeper":
    """Putting back on the queue what has waited too long."""
    from shared.usecases.sweeper import Sweeper

    return Sweeper(
        unsynced=adapters.unsynced_events(), queue=adapters.sync_queue(), meter=adapters.meter()
    )


@cache
def delivery() -> "Delivery":
    """What became of invitations."""
    from shared.usecases.delivery import Delivery

    return Delivery(invites=adapters.invite_store(), pause=pause, meter=adapters.meter())
