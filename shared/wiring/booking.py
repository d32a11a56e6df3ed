"""Composition of `shared.usecases.booking`: events."""

from functools import cache
from typing import TYPE_CHECKING

from shared.wiring import adapters
from shared.wiring.clock import pause
from shared.wiring.finding import calendars, participants
from shared.wiring.invitations import audiences

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
        audiences=audiences(),
        pause=pause,
        meter=adapters.meter(),
    )
