"""What the answers about slots and months hold."""

from typing import Annotated, Literal

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from shared.api.sources import SourceOut
from shared.api.texts import DayText, InstantText
from shared.domain.month import DayStatus
from shared.domain.slot_rules import SlotStatus
from shared.usecases.finding.queries import Basis

SlotColor = Literal["green", "orange", "red", "purple", "grey"]
DayColor = Literal["green", "amber", "red", "orange", "purple", "white", "grey"]
SlotStatusText = Annotated[str, WithJsonSchema({"type": "string", "enum": [*SlotStatus]})]
DayStatusText = Annotated[str, WithJsonSchema({"type": "string", "enum": [*DayStatus]})]
Blocker = Literal["coach", "learner"]


class SlotOut(TypedDict):
    """A time everybody consulted works; localStart is the viewer's wall clock with its offset."""

    startTime: InstantText
    endTime: InstantText
    localStart: str
    available: bool
    status: SlotStatusText
    color: SlotColor
    blockedBy: list[Blocker]


class SlotDayOut(TypedDict):
    """The slots of a date in order of start, and the calendars they rest on."""

    date: DayText
    timezone: str
    durationMinutes: int
    stepMinutes: int
    basis: Basis
    slots: list[SlotOut]
    sources: list[SourceOut]


class MonthSessionOut(TypedDict):
    """A session the caller may see."""

    sessionId: str
    title: str
    startTime: InstantText
    endTime: InstantText


class MonthDayOut(TypedDict):
    """What a date comes to; a holiday of somebody else is called Holiday, but for Admin."""

    date: DayText
    status: DayStatusText
    color: DayColor
    totalSlots: int
    availableSlots: int
    holidays: list[str]
    sessions: list[MonthSessionOut]


class MonthOut(TypedDict):
    """The dates of a month in order, and the calendars they rest on."""

    year: int
    month: int
    timezone: str
    durationMinutes: int
    stepMinutes: int
    basis: Basis
    days: list[MonthDayOut]
    sources: list[SourceOut]
