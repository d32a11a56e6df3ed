"""The agenda: the sessions that take a user's time, grouped by the UTC date they start on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from shared.domain.errors import TooManySessions
from shared.domain.event import Event, EventStatus
from shared.domain.interval import Interval

MAX_SESSION = timedelta(hours=25)
"""A whole local day on which the clock goes back an hour; other sessions last 24 hours at most."""

MOST_SESSIONS = 400
"""Sessions of one person that start on one UTC date: 80 KB in one item, which may have 400 KB."""

MOST_OPTIONAL = 200
"""The same number beyond which the person gets none that others may book without their time.

The rest is for sessions that the person must be free for, so no one can fill a day of another.
"""


@dataclass(frozen=True, slots=True)
class SessionHeading:
    """What lists of sessions show of one."""

    title: str
    participants: frozenset[str]
    status: EventStatus
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaDay:
    """The sessions of `user_id` that start on the UTC date `day`; version 0 means never written.

    `pending_until` says when those that wait for approval expire. `own` are those the user has
    created, `optional` those the user need not be free for. `headings` also has sessions that take
    no time any more; it lacks sessions of many people, and those of days read for a booking.
    """

    user_id: str
    day: date
    version: int = 0
    sessions: Mapping[str, Interval] = field(default_factory=dict)
    headings: Mapping[str, SessionHeading] = field(default_factory=dict)
    pending_until: Mapping[str, datetime] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    def at(self, now: datetime) -> "AgendaDay":
        """Return the day without the time of the sessions that have expired by `now`.

        It is free even before the sweeper removes them. The version stays.
        """
        expired = {session for session, until in self.pending_until.items() if until <= now}
        if not expired:
            return self
        return replace(
            self,
            sessions={key: each for key, each in self.sessions.items() if key not in expired},
            headings={
                key: replace(each, status=EventStatus.EXPIRED) if key in expired else each
                for key, each in self.headings.items()
            },
        )


def session_heading(event: Event) -> SessionHeading:
    """Return the heading of an event in the agenda of every participant."""
    return SessionHeading(event.title, frozenset(event.participants), event.status, event.interval)


def is_own(event: Event, user_id: str) -> bool:
    """Return whether the user has created the event."""
    return event.created_by is not None and event.created_by.actor_id == user_id


def is_optional(event: Event, user_id: str) -> bool:
    """Return whether a participant is neither a coach nor the only learner."""
    return user_id not in event.coach_ids and event.learner_ids != (user_id,)


def check_room(event: Event, days: Iterable[AgendaDay]) -> None:
    """Check that the days of the participants have room for the event, for every caller.

    Raises:
        TooManySessions: when one of them has too many other sessions.
    """
    for day in days:
        if event.is_closed or event.id in day.sessions or day.day != event.interval.start.date():
            continue
        most = MOST_OPTIONAL if is_optional(event, day.user_id) else MOST_SESSIONS
        if day.user_id in event.participants and len(day.sessions) >= most:
            raise TooManySessions(
                f"{day.user_id} already has {len(day.sessions)} sessions on {day.day} (UTC). "
                "Choose another day."
            )


def first_and_last_day(interval: Interval) -> tuple[date, date]:
    """Return the first and last UTC date on which a session that overlaps `interval` can start.

    A session lasts at most 25 hours, so one that started the day before may still be running.
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
