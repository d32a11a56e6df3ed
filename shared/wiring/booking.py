"""Composition of `shared.usecases.booking`: events."""

from functools import cache
from typing import TYPE_CHECKING

from shared.wiring import adapters
from shared.wiring.clock import pause
from shared.wiring.finding import calendars, participants
from shared.wiring.invitations import audiences
from shared.wiring.limits import session_limits

if TYPE_CHECKING:
    from shared.usecases.booking.events import Events


@cache
def events() -> "Events":
    """The operations on events."""
    from shared.usecases.booking.conflicts import ConflictCheck
    from shared.usecases.booking.events import Events

    check = ConflictCheck(
        calendars=calendars(), participants=participants(), rules=adapters.slot_rules()
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
    )
