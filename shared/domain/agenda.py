"""The agenda: the sessions that take a user's time, grouped by the UTC date they start on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.domain.event import Event, EventStatus
from shared.domain.interval import Interval

MAX_SESSION = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class SessionHeading:
    """The title and participants of a session, and what the limits on sessions count.

    Sessions stored by older versions have no creator and are not marked as pending.
    """

    title: str
    participants: frozenset[str]
    created_by: str | None = None
    is_pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaDay:
    """The sessions of `user_id` that start on the UTC date `day`; version 0 means never written.

    `headings` has the title and participants of the same sessions; sessions stored by older
    versions have none.
    """

    user_id: str
    day: date
    version: int = 0
    sessions: Mapping[str, Interval] = field(default_factory=dict)
    headings: Mapping[str, SessionHeading] = field(default_factory=dict)


def session_heading(event: Event) -> SessionHeading:
    """Return the heading of an event in the agenda of every participant."""
    creator = event.created_by
    return SessionHeading(
        title=event.title,
        participants=frozenset(event.participants),
        created_by=creator.actor_id if creator else None,
        is_pending=event.status is EventStatus.PENDING_APPROVAL,
    )


def first_and_last_day(interval: Interval) -> tuple[date, date]:
    """Return the first and last UTC date on which a session that overlaps `interval` can start.

    A session lasts at most 24 hours, so one that started the day before may still be running.
    """
    last = max(interval.start, interval.end - timedelta(microseconds=1))
    return (interval.start - MAX_SESSION).date(), last.date()


def days_touching(interval: Interval) -> tuple[date, ...]:
    """Return the UTC dates on which a session that overlaps `interval` can start."""
    first, last = first_and_last_day(interval)
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def conflicts(
    days: Iterable[AgendaDay], interval: Interval, *, leaving_out: str | None = None
) -> frozenset[str]:
    """Return the ids of the sessions that overlap `interval`, without the one left out."""
    return frozenset(
        session
        for day in days
        for session, booked in day.sessions.items()
        if session != leaving_out and booked.overlaps(interval)
    )
