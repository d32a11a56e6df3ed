"""Response data about slots and months."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, NotRequired

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import DayText, InstantText, SourceOut, source_out
from shared.domain.caller import Caller
from shared.domain.event import EventStatus
from shared.domain.month import DayStatus
from shared.domain.role import Role
from shared.domain.slot_rules import MINUTE, Obstacle, SlotStatus
from shared.domain.slots import Slot
from shared.usecases.finding.months import MonthDay, MonthSession, MonthView
from shared.usecases.finding.queries import Basis
from shared.usecases.finding.slots import SlotDay

if TYPE_CHECKING:  # only a request for reasons loads it
    from shared.usecases.finding.explanations import ExplainedTime

SlotColor = Literal["green", "orange", "red", "purple", "grey"]
DayColor = Literal["green", "amber", "red", "orange", "purple", "white", "grey"]
SlotStatusText = Annotated[str, WithJsonSchema({"type": "string", "enum": [*SlotStatus]})]
DayStatusText = Annotated[str, WithJsonSchema({"type": "string", "enum": [*DayStatus]})]
ReasonText = Annotated[str, WithJsonSchema({"type": "string", "enum": [*Obstacle]})]
Blocker = Literal["coach", "learner"]


class SlotOut(TypedDict):
    """One slot and whether it can be booked. localStart is startTime as local time with offset."""

    startTime: InstantText
    endTime: InstantText
    localStart: str
    available: bool
    status: SlotStatusText
    color: SlotColor
    blockedBy: list[Blocker]


class ReasonOut(TypedDict):
    """A reason why a time is not available. role is null for the default windows."""

    role: Blocker | None
    reason: ReasonText


class ExplainedTimeOut(TypedDict):
    """One time of the grid, available exactly if it has no reasons."""

    startTime: InstantText
    endTime: InstantText
    localStart: str
    available: bool
    reasons: list[ReasonOut]


class SlotDayOut(TypedDict):
    """The slots of a date ordered by start, and the calendars they are based on.

    With explain, explanation has every time of the grid, also those outside the windows.
    """

    date: DayText
    timezone: str
    durationMinutes: int
    stepMinutes: int
    basis: Basis
    slots: list[SlotOut]
    sources: list[SourceOut]
    explanation: NotRequired[list[ExplainedTimeOut]]


class MonthSessionOut(TypedDict):
    """A session the caller may see."""

    sessionId: str
    title: str
    status: EventStatus
    startTime: InstantText
    endTime: InstantText


class MonthDayOut(TypedDict):
    """The summary of a date. Another user's holiday is named Holiday, except for Admin."""

    date: DayText
    status: DayStatusText
    color: DayColor
    totalSlots: int
    availableSlots: int
    holidays: list[str]
    sessions: list[MonthSessionOut]


class MonthOut(TypedDict):
    """The dates of a month in order, and the calendars they are based on."""

    year: int
    month: int
    timezone: str
    durationMinutes: int
    stepMinutes: int
    basis: Basis
    days: list[MonthDayOut]
    sources: list[SourceOut]


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


def slot_day_out(day: SlotDay, caller: Caller) -> SlotDayOut:
    """Return the contract's SlotDay for this caller."""
    return {
        "date": day.day.isoformat(),
        "timezone": day.zone,
        "durationMinutes": day.rules.length // MINUTE,
        "stepMinutes": day.rules.step // MINUTE,
        "basis": day.basis,
        "slots": [_slot_out(each) for each in day.slots],
        "sources": [source_out(each, caller) for each in day.sources],
    }


def explained_day_out(
    day: SlotDay, times: "tuple[ExplainedTime, ...]", caller: Caller
) -> SlotDayOut:
    """Return the contract's SlotDay with an explanation."""
    out = slot_day_out(day, caller)
    out["explanation"] = [_explained_out(each) for each in times]
    return out


def month_out(view: MonthView, caller: Caller) -> MonthOut:
    """Return the contract's MonthView for this caller."""
    return {
        "year": view.year,
        "month": view.month,
        "timezone": view.zone,
        "durationMinutes": view.rules.length // MINUTE,
        "stepMinutes": view.rules.step // MINUTE,
        "basis": view.basis,
        "days": [_day_out(each) for each in view.days],
        "sources": [source_out(each, caller) for each in view.sources],
    }


def _slot_out(slot: Slot) -> SlotOut:
    return {
        "startTime": zulu(slot.interval.start),
        "endTime": zulu(slot.interval.end),
        "localStart": slot.local_start.isoformat(),
        "available": slot.available,
        "status": slot.status.value,
        "color": _COLORS[slot.status],
        "blockedBy": [_BLOCKERS[role] for role in slot.blocked_by if role in _BLOCKERS],
    }


def _explained_out(time: "ExplainedTime") -> ExplainedTimeOut:
    return {
        "startTime": zulu(time.interval.start),
        "endTime": zulu(time.interval.end),
        "localStart": time.local_start.isoformat(),
        "available": not time.reasons,
        "reasons": [
            {"role": _BLOCKERS[role] if role else None, "reason": obstacle.value}
            for role, obstacle in time.reasons
        ],
    }


def _day_out(day: MonthDay) -> MonthDayOut:
    summary = day.summary
    return {
        "date": summary.day.isoformat(),
        "status": summary.status.value,
        "color": _DAY_COLORS[summary.status],
        "totalSlots": summary.total_slots,
        "availableSlots": summary.available_slots,
        "holidays": list(day.holidays),
        "sessions": [_session_out(each) for each in day.sessions],
    }


def _session_out(session: MonthSession) -> MonthSessionOut:
    return {
        "sessionId": session.id,
        "title": session.title,
        "status": session.status,
        "startTime": zulu(session.interval.start),
        "endTime": zulu(session.interval.end),
    }
