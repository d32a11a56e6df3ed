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
    from shared.usecases.booking.events import Events
    from shared.usecases.copies.copy_sync import CopySync
    from shared.usecases.copies.sweeper import Sweeper
    from shared.usecases.invitations.audience import AudienceReader
    from shared.usecases.invitations.delivery import Delivery
    from shared.usecases.invitations.guests import Guests
    from shared.usecases.invitations.invite_sync import InviteSync
    from shared.usecases.invitations.report import Invites


@cache
def events() -> "Events":
    """The operations on events."""
    from shared.usecases.booking.conflicts import ConflictCheck
    from shared.usecases.booking.events import Events

    check = ConflictCheck(
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
def _audiences() -> "AudienceReader":
    from shared.usecases.invitations.audience import AudienceReader

    return AudienceReader(
        events=adapters.event_store(),
        people=adapters.people(),
        invites=adapters.invite_store(),
        has_mail=bool(settings().mail_sender),
    )


@cache
def invitations() -> "InviteSync":
    """Making mail match events."""
    from shared.usecases.invitations.invite_sync import InviteSync

    return InviteSync(
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
    from shared.usecases.invitations.report import Invites

    return Invites(audiences=_audiences(), invites=adapters.invite_store())


@cache
def external_attendees() -> "Guests":
    """The guests of sessions."""
    from shared.usecases.invitations.guests import Guests

    return Guests(events=adapters.event_store(), invites=adapters.invite_store())


@cache
def calendar_sync() -> "CopySync":
    """Making calendars match events."""
    from shared.usecases.copies.copy_sync import CopySync
    from shared.usecases.copies.write_lock import WriteLock

    return CopySync(
        events=adapters.event_store(),
        bookings=adapters.bookings(),
        people=adapters.people(),
        providers=LazyCalendars(),
        tokens=tokens(),
        turns=WriteLock(turns=adapters.turns(), now=now, pause=pause),
        audiences=_audiences(),
        invitations=invitations(),
        jitter=jitter,
        meter=adapters.meter(),
    )


@cache
def sweeper() -> "Sweeper":
    """Putting back on the queue what has waited too long."""
    from shared.usecases.copies.sweeper import Sweeper

    return Sweeper(
        unsynced=adapters.unsynced_events(), queue=adapters.sync_queue(), meter=adapters.meter()
    )


@cache
def delivery() -> "Delivery":
    """What became of invitations."""
    from shared.usecases.invitations.delivery import Delivery

    return Delivery(invites=adapters.invite_store(), pause=pause, meter=adapters.meter())
