"""Composition of `shared.usecases.finding`: slots, months and days."""

from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters
from shared.wiring.accounts import tokens
from shared.wiring.providers import LazyCalendars

if TYPE_CHECKING:
    from shared.usecases.finding.calendars import Calendars
    from shared.usecases.finding.days import DayList
    from shared.usecases.finding.explanations import Explanations
    from shared.usecases.finding.legacy import Legacy
    from shared.usecases.finding.months import Months
    from shared.usecases.finding.participants import Participants
    from shared.usecases.finding.session_list import SessionList
    from shared.usecases.finding.slots import Slots


@cache
def calendars() -> "Calendars":
    """The reading of connected calendars."""
    from shared.usecases.finding.calendars import Calendars

    return Calendars(providers=LazyCalendars(), tokens=tokens(), meter=adapters.meter())


@cache
def participants() -> "Participants":
    """The times of participants."""
    from shared.usecases.finding.participants import Participants

    return Participants(
        people=adapters.people_store(), calendars=calendars(), organization=adapters.organization()
    )


@cache
def slots() -> "Slots":
    """Slot finding."""
    from shared.usecases.finding.slots import Slots

    return Slots(
        participants=participants(),
        events=adapters.event_store(),
        policy=adapters.policy(),
        organization=adapters.organization(),
        rules=adapters.slot_rules(),
        meter=adapters.meter(),
    )


@cache
def explanations() -> "Explanations":
    """Slot finding with reasons, loaded when a request asks for them."""
    from shared.usecases.finding.explanations import Explanations

    return Explanations(slots())


@cache
def months() -> "Months":
    """Month calendars."""
    from shared.usecases.finding.months import Months

    return Months(
        participants=participants(),
        events=adapters.event_store(),
        policy=adapters.policy(),
        organization=adapters.organization(),
        rules=adapters.slot_rules(),
    )


@cache
def day_list() -> "DayList":
    """A user's events on one local date."""
    from shared.usecases.finding.days import DayList

    return DayList(
        people=adapters.people_store(),
        events=adapters.event_store(),
        calendars=calendars(),
        public_details=settings().public_event_details,
    )


@cache
def session_list() -> "SessionList":
    """The sessions of users, and those that wait for approval."""
    from shared.usecases.finding.session_list import SessionList

    return SessionList(
        people=adapters.people_store(),
        events=adapters.event_store(),
        pending=adapters.pending_events(),
        policy=adapters.policy(),
    )


@cache
def legacy() -> "Legacy":
    """The checks for older servers."""
    from shared.usecases.finding.legacy import Legacy

    return Legacy(
        people=adapters.people_store(), participants=participants(), rules=adapters.slot_rules()
    )
