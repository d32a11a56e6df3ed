"""Random steps in the life of sessions, for tests of races on stores in memory and on ministack."""

import itertools
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.caller import Caller
from shared.domain.draft import EventDraft
from shared.domain.errors import CalendarServiceError
from shared.domain.event import Event, Owner
from shared.domain.event_change import EventChange
from shared.domain.interval import Interval
from shared.domain.role import Role
from shared.usecases.booking.events import Events
from shared.usecases.booking.expiry import PendingExpiry
from tests.support.platform import ADMIN, NOW, draft, hours

KINDS = (
    *("create", "request", "reopen", "move", "shorten", "swap"),
    *("approve", "decline", "leave", "cancel", "expire"),
)
SESSIONS, COACHES, LEARNERS = 3, 2, 4
STARTS = (201.0, 201.5, 202.0, 225.0)
"""Hours at which sessions start, after a pending one has expired."""

LATER = (0.0, 0.0, 1.0, 170.0, 230.0)
"""Hours after which requests are made: while a session is pending, has expired, or is over."""

LAST = NOW + timedelta(days=30)
"""A time at which every pending session has expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request about a session, or a sweep; `start` and `later` are hours.

    `learners` is the number of learners, the first of whom is `learner`.
    """

    kind: str
    session: int = 0
    coach: int = 0
    learner: int = 0
    learners: int = 1
    start: float = STARTS[0]
    later: float = 0


class SessionState(Protocol):
    """What a test reads to compare agendas with events."""

    def event(self, session: str) -> Event | None:
        """Return the stored event."""
        ...

    def agenda(self, user: str) -> Mapping[str, Interval]:
        """Return the stored agenda of a user."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlayer:
    """Makes steps; `prefix` starts every id. A rejected request is as good as a successful one."""

    events: Events
    expiry: PendingExpiry
    prefix: str = ""

    def play(self, step: Step) -> None:
        """Make one step."""
        with suppress(CalendarServiceError):
            self._request(step, NOW + timedelta(hours=step.later))

    @property
    def sessions(self) -> list[str]:
        """The ids of the sessions."""
        return [f"{self.prefix}s{number}" for number in range(SESSIONS)]

    @property
    def coaches(self) -> list[str]:
        """The ids of the coaches."""
        return [f"{self.prefix}coach-{number}" for number in range(COACHES)]

    @property
    def users(self) -> list[str]:
        """The ids of all users."""
        return [*self.coaches, *(f"{self.prefix}learner-{number}" for number in range(LEARNERS))]

    def check(self, state: SessionState) -> None:
        """Check that agendas have the time of the open events, and no coach two at once."""
        stored = [state.event(each) for each in self.sessions]
        events = [each for each in stored if each and not each.is_closed]
        for user in self.users:
            held = {each.id: each.interval for each in events if user in each.participants}
            assert state.agenda(user) == held
            if user in self.coaches:
                assert not _overlap(held.values())

    def _request(self, step: Step, now: datetime) -> None:
        session = self.sessions[step.session]
        match step.kind:
            case "create" | "request" | "reopen":
                self.events.create(self._coach(step.coach), self._draft(step), now=now)
            case "move" | "shorten" | "swap":
                self.events.update(self._coach_of(session), self._change(step), now=now)
            case "approve":
                self.events.approve(ADMIN, session, allow_conflicts=False, now=now)
            case "decline":
                self.events.decline(ADMIN, session, now=now)
            case "leave":
                self.events.leave(self._learner(step.learner), session, now=now)
            case "cancel":
                self.events.cancel(self._coach_of(session), session, now=now)
            case "expire":
                self.expiry.expire(now=now)

    def _draft(self, step: Step) -> EventDraft:
        return draft(
            self.sessions[step.session],
            step.start,
            coach_ids=(self.coaches[step.coach],),
            learner_ids=self._learner_ids(step),
            auto_approval=step.kind == "create",
            reopen=step.kind == "reopen",
        )

    def _change(self, step: Step) -> EventChange:
        before = self.events.read(ADMIN, self.sessions[step.session], now=NOW).event
        time = hours(step.start) if step.kind == "move" else before.interval
        middle = time.start + time.length / 2
        people = self._learner_ids(step) if step.kind == "swap" else before.learner_ids
        fields = {"owner": Owner.COACH, "coach_ids": before.coach_ids, "learner_ids": people}
        end = middle if step.kind == "shorten" else time.end
        return EventChange(session_id=before.id, fields=fields, start=time.start, end=end)

    def _coach_of(self, session: str) -> Caller:
        (coach,) = self.events.read(ADMIN, session, now=NOW).event.coach_ids
        return self._coach(self.coaches.index(coach))

    def _coach(self, number: int) -> Caller:
        return Caller(user_id=self.coaches[number], roles=frozenset({Role.COACH}))

    def _learner(self, number: int) -> Caller:
        return Caller(user_id=f"{self.prefix}learner-{number}", roles=frozenset({Role.LEARNER}))

    def _learner_ids(self, step: Step) -> tuple[str, ...]:
        numbers = range(step.learner, step.learner + step.learners)
        return tuple(self._learner(number % LEARNERS).user_id for number in numbers)


def _overlap(times: Iterable[Interval]) -> bool:
    return any(one.overlaps(other) for one, other in itertools.combinations(times, 2))
