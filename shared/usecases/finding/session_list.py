"""Sessions of a user in a range of time, and all sessions that wait for approval, page by page."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from shared.domain.agenda import AgendaDay, first_and_last_day
from shared.domain.caller import Caller
from shared.domain.errors import FieldProblem, Forbidden, InvalidRequest
from shared.domain.event import Event, EventStatus
from shared.domain.interval import Interval
from shared.domain.policy import Policy, Right
from shared.ports import EventStore, PendingEvents, PeopleStore

LONGEST_RANGE = timedelta(days=62)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionQuery:
    """A page of sessions that overlap the range; `after` is the cursor of the page before.

    Without a user: the caller's sessions, or all pending ones, which need no range. `first` and
    `last` are instants, the end excluded, or dates in UTC, both included.
    """

    user_id: str | None = None
    first: date | None = None
    last: date | None = None
    status: EventStatus | None = None
    limit: int = 50
    after: str | None = None


class SessionPage(NamedTuple):
    """Sessions in order of start, and the cursor of the next page if there may be one."""

    sessions: tuple[Event, ...]
    cursor: str | None


class _Position(NamedTuple):
    start: datetime
    session_id: str


class SessionList:
    """Lists sessions, closed ones too."""

    def __init__(
        self,
        *,
        people: PeopleStore,
        events: EventStore,
        pending: PendingEvents,
        policy: Policy,
    ) -> None:
        self._people = people
        self._events = events
        self._pending = pending
        self._policy = policy

    def page(self, caller: Caller, query: SessionQuery, *, now: datetime) -> SessionPage:
        """Return a page, with one request for where sessions are and one for the sessions.

        Raises:
            InvalidRequest: when the range or the cursor is invalid.
            Forbidden: when the caller asks about another user and is no Admin.
        """
        after = _position(query.after) if query.after else None
        if query.user_id is None and _is_for_approval(caller, query):
            return self._page(caller, query, self._all_pending(query), after, now=now)
        user = query.user_id or caller.user_id
        if user != caller.user_id and not caller.manages_events:
            raise Forbidden(
                "Rule sessions.list: only an Admin or a service with the scope events:write may "
                "list the sessions of another user."
            )
        found = self._of_user(user, _range(query, now=now), query.status, now=now)
        return self._page(caller, query, found, after, user=user, now=now)

    def _all_pending(self, query: SessionQuery) -> list[_Position]:
        """Return the pending sessions that start in the range, which may be open."""
        return [
            _Position(each.start, each.event_id)
            for each in self._pending.pending()
            if (query.first is None or each.start >= _instant(query.first))
            and (query.last is None or each.start < _end(query.last))
        ]

    def _of_user(
        self, user: str, within: Interval, status: EventStatus | None, *, now: datetime
    ) -> list[_Position]:
        days = self._people.agenda(user, *first_and_last_day(within))
        return [
            _Position(interval.start, session)
            for day in days
            for session, interval, known in _sessions(day, now=now)
            if interval.overlaps(within) and (status is None or known in {None, status})
        ]

    def _page(
        self,
        caller: Caller,
        query: SessionQuery,
        found: Iterable[_Position],
        after: _Position | None,
        *,
        now: datetime,
        user: str | None = None,
    ) -> SessionPage:
        left = sorted(each for each in found if after is None or each > after)
        page: list[Event] = []
        while left and len(page) < query.limit:
            chunk, left = left[: query.limit - len(page)], left[query.limit - len(page) :]
            after = chunk[-1]
            page += self._shown(caller, query, chunk, user, now=now)
        return SessionPage(tuple(page), _cursor(after) if left and after else None)

    def _shown(
        self,
        caller: Caller,
        query: SessionQuery,
        chunk: Sequence[_Position],
        user: str | None,
        *,
        now: datetime,
    ) -> list[Event]:
        """Read the sessions and return those that still are where they were found."""
        stored = self._events.find_all(each.session_id for each in chunk)
        events = [
            stored[each.session_id].at(now)
            for each in chunk
            if each.session_id in stored and stored[each.session_id].interval.start == each.start
        ]
        return [
            event
            for event in events
            if (query.status is None or event.status is query.status)
            and (user is None or user in event.participants)
            and self._policy.allowed(Right.READ, caller, event)
        ]


def _is_for_approval(caller: Caller, query: SessionQuery) -> bool:
    return caller.manages_events and query.status is EventStatus.PENDING_APPROVAL


def _sessions(day: AgendaDay, *, now: datetime) -> list[tuple[str, Interval, EventStatus | None]]:
    """Return the sessions of a day, each with its status if the agenda has it."""
    live = [(session, interval, None) for session, interval in day.sessions.items()]
    expired = {session for session, until in day.pending_until.items() if until <= now}
    listed = {
        session: (
            session,
            heading.interval,
            EventStatus.EXPIRED if session in expired else heading.status,
        )
        for session, heading in day.headings.items()
    }
    return [*(each for each in live if each[0] not in listed), *listed.values()]


def _range(query: SessionQuery, *, now: datetime) -> Interval:
    start = _instant(query.first) if query.first else now
    last = query.last or start + LONGEST_RANGE
    if _end(last) <= start:
        raise InvalidRequest("to must be after from.", [FieldProblem("to", "must be after from")])
    if _instant(last) - start > LONGEST_RANGE:
        days = LONGEST_RANGE.days
        problem = FieldProblem("to", f"must be at most {days} days after from")
        raise InvalidRequest(f"Ask for at most {days} days at a time.", [problem])
    return Interval(start, _end(last))


def _instant(value: date) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _end(value: date) -> datetime:
    return value if isinstance(value, datetime) else _instant(value) + timedelta(days=1)


def _cursor(position: _Position) -> str:
    text = f"{position.start.isoformat()} {position.session_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(cursor: str) -> _Position:
    """Return the position of a cursor.

    Raises:
        InvalidRequest: when no page has returned this cursor.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        start, _, session = base64.b64decode(padded, b"-_", validate=True).decode().partition(" ")
        return _Position(datetime.fromisoformat(start).astimezone(UTC), session)
    except (ValueError, OverflowError, binascii.Error) as error:
        problem = FieldProblem("cursor", "must be the cursor of a page before")
        raise InvalidRequest("cursor is not one that a page has returned.", [problem]) from error
