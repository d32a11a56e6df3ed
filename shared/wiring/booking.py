"""Composition of `shared.usecases.booking`: events and the expiry of pending ones."""

from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters
from shared.wiring.clock import pause
from shared.wiring.finding import calendars, participants
from shared.wiring.invitations import audiences
from shared.wiring.limits import session_limits

if TYPE_CHECKING:
    from shared.usecases.booking.events import Events
    from shared.usecases.booking.expiry import PendingExpiry


@cache
def events() -> "Events":
    """The operations on events."""
    from shared.domain.booking_rules import BookingRules
    from shared.usecases.booking.conflicts import ConflictCheck
    from shared.usecases.booking.events import Events

    check = ConflictCheck(
        calendars=calendars(),
        participants=participants(),
        rules=adapters.slot_rules(),
        booking_rules=BookingRules(settings().booking_rules),
    )
    return Events(
        events=adapters.event_store(),
        bookings=adapters.bookings(),
        people=adapters.people_store(),
        check=check,
        policy=adapters.policy(),
        limits=session_limits(),
        audiences=audiences(),
        pause=pause,
        meter=adapters.meter(),
        defaults=adapters.booking_defaults(),
    )


@cache
def pending_expiry() -> "PendingExpiry":
    """The expiry of pending events."""
    from shared.usecases.booking.expiry import PendingExpiry

    return PendingExpiry(
        pending=adapters.pending_events(),
        events=adapters.event_store(),
        bookings=adapters.bookings(),
    )
