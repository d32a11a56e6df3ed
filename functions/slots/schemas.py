"""Slots and months as the contract writes them."""

from collections.abc import Mapping

from functions.slots.answers import (
    Blocker,
    DayColor,
    MonthDayOut,
    MonthOut,
    MonthSessionOut,
    SlotColor,
    SlotDayOut,
    SlotOut,
)
from shared.api.fields import zulu
from shared.api.sources import source
from shared.domain.caller import Caller
from shared.domain.month import DayStatus
from shared.domain.role import Role
from shared.domain.slot_rules import MINUTE, SlotStatus
from shared.domain.slots import Slot
from shared.usecases.finding.months import MonthDay, MonthView, SessionShown
from shared.usecases.finding.slots import SlotDay

_COLORS: Mapping[SlotStatus, SlotColor] = {
    SlotStatus.AVAILABLE: "green",
    SlotStatus.UNVERIFIED: "orange",
    SlotStatus.BUSY: "red",
    SlotStatus.HOLIDAY: "purple",
    SlotStatus.PAST: "grey",
}
_DAY_COLORS: Mapping[DayStatus, DayColor] = {
    DayStatus.AVAILABLE: "green",
    DayStatus.LIMITED: "amber",
    DayStatus.FULL: "red",
    DayStatus.UNVERIFIED: "orange",
    DayStatus.HOLIDAY: "purple",
    DayStatus.UNAVAILABLE: "white",
    DayStatus.PAST: "grey",
}
_BLOCKERS: Mapping[Role, Blocker] = {Role.COACH: "coach", Role.LEARNER: "learner"}


def slot_day(found: SlotDay, caller: Caller) -> SlotDayOut:
    """Return the contract's SlotDay for this caller."""
    return {
        "date": found.day.isoformat(),
        "timezone": found.zone,
        "durationMinutes": found.rules.length // MINUTE,
        "stepMinutes": found.rules.step // MINUTE,
        "basis": found.basis,
        "slots": [_slot(each) for each in found.slots],
        "sources": [source(each, caller) for each in found.sources],
    }


def month_out(view: MonthView, caller: Caller) -> MonthOut:
    """Return the contract's MonthView for this caller."""
    return {
        "year": view.year,
        "month": view.month,
        "timezone": view.zone,
        "durationMinutes": view.rules.length // MINUTE,
        "stepMinutes": view.rules.step // MINUTE,
        "basis": view.basis,
        "days": [_day(each) for each in view.days],
        "sources": [source(each, caller) for each in view.sources],
    }


def _slot(slot: Slot) -> SlotOut:
    return {
        "startTime": zulu(slot.interval.start),
        "endTime": zulu(slot.interval.end),
        "localStart": slot.local_start.isoformat(),
        "available": slot.available,
        "status": slot.status.value,
        "color": _COLORS[slot.status],
        "blockedBy": [_BLOCKERS[role] for role in slot.blocked_by if role in _BLOCKERS],
    }


def _day(day: MonthDay) -> MonthDayOut:
    summary = day.summary
    return {
        "date": summary.day.isoformat(),
        "status": summary.status.value,
        "color": _DAY_COLORS[summary.status],
        "totalSlots": summary.total_slots,
        "availableSlots": summary.available_slots,
        "holidays": list(day.holidays),
        "sessions": [_session(each) for each in day.sessions],
    }


def _session(session: SessionShown) -> MonthSessionOut:
    return {
        "sessionId": session.id,
        "title": session.title,
        "startTime": zulu(session.interval.start),
        "endTime": zulu(session.interval.end),
    }
