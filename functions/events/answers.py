"""What the answers about events hold."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from shared.api.sources import SourceOut
from shared.api.texts import DayText, InstantText
from shared.domain.connection import Provider
from shared.domain.copy import CopyState
from shared.domain.event import EventStatus, Owner


class CopyOut(TypedDict):
    """A calendar the event is, was or will be written to."""

    userId: str
    connectionId: str
    provider: Provider
    state: CopyState
    attempts: int
    error: str | None
    updatedAt: InstantText


class EventOut(TypedDict):
    """A session's event; its id is its sessionId."""

    id: str
    sessionId: str
    title: str
    sessionLink: str | None
    startTime: InstantText
    endTime: InstantText
    timezone: str
    location: str | None
    owner: Owner
    coachId: list[str]
    learnerId: list[str]
    adminId: str | None
    status: EventStatus
    version: int
    warnings: list[str]
    sync: list[CopyOut]
    createdAt: InstantText
    updatedAt: InstantText


class DayEntryOut(TypedDict):
    """One entry of the day; whoever may know its times only is told nothing else."""

    source: Literal["internal", "google", "outlook", "apple"]
    title: str
    startTime: InstantText
    endTime: InstantText
    allDay: bool
    busy: bool
    id: NotRequired[str | None]
    sessionId: NotRequired[str | None]
    status: NotRequired[str | None]
    location: NotRequired[str | None]
    sessionLink: NotRequired[str | None]
    connectionId: NotRequired[str | None]
    calendarName: NotRequired[str | None]


class DayEventsOut(TypedDict):
    """The entries of a local date in order of start, and the calendars that were asked."""

    userId: str
    date: DayText
    timezone: str
    events: list[DayEntryOut]
    sources: list[SourceOut]
