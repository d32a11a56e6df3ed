"""Limit how many sessions a user may create and have on one day."""

from collections.abc import Iterable
from datetime import date, datetime

from shared.domain.agenda import AgendaDay
from shared.domain.caller import Caller
from shared.domain.event import Event, EventStatus
from shared.domain.limits import FUTURE_SESSIONS, PENDING_SESSIONS, SESSIONS_ON_DAY
from shared.usecases.people.limits import Limits


class SessionLimits:
    """The limits on sessions. They do not apply to an Admin or a service."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def check_creation(
        self, caller: Caller, event: Event, upcoming: Iterable[AgendaDay], *, now: datetime
    ) -> None:
        """Check how many sessions the caller has created that have not started.

        `upcoming` is the caller's agenda from today on. Sessions that others have created with the
        caller do not count: strangers must not keep a coach from booking.

        Raises:
            TooManyPending: when there are too many, or too many that are pending.
        """
        if caller.manages_events:
            return
        own = [
            session in day.pending_until
            for day in upcoming
            for session, interval in day.sessions.items()
            if session in day.own and session != event.id and interval.start > now
        ]
        self._limits.check(FUTURE_SESSIONS, len(own) + 1)
        if event.status is EventStatus.PENDING_APPROVAL:
            self._limits.check(PENDING_SESSIONS, sum(own) + 1)

    def check_day(
        self, caller: Caller, event: Event, previous: Event | None, agendas: Iterable[AgendaDay]
    ) -> None:
        """Check how many sessions the people who must be free have on the day of the event.

        Sessions that they need not be free for do not count: others can book any number of those.

        Raises:
            TooManySessions: when one of them takes part in too many others.
        """
        if caller.manages_events:
            return
        users = {user for user, _ in event.required_for(caller)} - _users_on_day(event, previous)
        for day in agendas:
            if day.user_id in users and day.day == _day(event):
                others = day.sessions.keys() - day.optional - {event.id}
                self._limits.check(SESSIONS_ON_DAY, len(others) + 1)


def _users_on_day(event: Event, previous: Event | None) -> frozenset[str]:
    """Return the users whose agenda day already has the session."""
    if previous is None or previous.is_closed or _day(previous) != _day(event):
        return frozenset()
    return frozenset(previous.participants)


def _day(event: Event) -> date:
    return event.interval.start.date()
