"""The month handler compared with the bare engine, with stores and calendars in memory.

The bare engine starts from what stores and calendars return (persons with windows and holidays,
entries as intervals), and computes busy times and the summary of each date. The handler does that
too, and also checks the token, validates the query, reads stores and calendars in threads, and
serializes the response as JSON.
"""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from functions.slots import handler
from infra.local.gateway import Request, match, payload
from shared import wiring
from shared.domain.connection import Connection
from shared.domain.copy import CalendarEntry
from shared.domain.interval import Interval, busy_spans
from shared.domain.localtime import instant
from shared.domain.month import DaySummary, local_month, summaries
from shared.domain.person import Person
from shared.domain.policy import Policy, PolicySettings
from shared.domain.slot_rules import ConsultedPerson
from shared.domain.week import RoleAvailability
from shared.ports import Account
from shared.usecases.finding.calendars import Calendars
from shared.usecases.finding.months import Months
from shared.usecases.finding.participants import Participants
from tests.benchmarks.figures import Figure
from tests.benchmarks.platform import in_memory_service
from tests.benchmarks.timing import HOW, best_seconds, one_processor
from tests.benchmarks.work import MONTH, NOW, VIEWER, Work
from tests.support.api import COACH, token
from tests.support.calendar_stubs import PlainVault, ReadOnlyCalendar
from tests.support.memory import Memory, MemoryEvents, MemoryPeople
from tests.support.meter import FakeMeter
from tests.support.store_samples import connection
from tests.support.token_fakes import tokens_of

BOUND = 2.0
_PATH = "/api/v1/month-calendar"


class PreparedCalendars(ReadOnlyCalendar):
    """Every calendar holds prepared entries of its user."""

    def __init__(self, entries: dict[str, tuple[CalendarEntry, ...]]) -> None:
        super().__init__()
        self.entries_of = entries

    def entries(self, account: Account, within: Interval, **_: Any) -> tuple[CalendarEntry, ...]:
        """Return all entries of the user."""
        del within
        return self.entries_of[account.connection.user_id]


def figures() -> list[Figure]:
    """Measure both alternately."""
    with in_memory_service(now=NOW), one_processor():
        whole, bare = MonthBenchmark().best()
    return [
        Figure(
            name="bare engine for the month handler, ms",
            value=bare * 1000,
            how=HOW,
            counted=False,
        ),
        Figure(
            name="month handler ÷ bare engine, all in memory",
            value=whole / bare,
            bound=BOUND,
            how=f"{HOW}: {whole * 1000:.2f} ms ÷ {bare * 1000:.2f} ms",
            counted=False,
        ),
    ]


class MonthBenchmark:
    """Two people with a connected calendar each, and two ways to compute their month."""

    def __init__(self) -> None:
        self.work = Work(100)
        self.organization = wiring.organization()
        memory = Memory()
        self.entries = {}
        for n, each in enumerate(self.work.people):
            user = f"user-{n}"
            memory.persons[user] = _person(user, each)
            self.entries[user] = tuple(map(_entry, each.busy))
        self.persons = memory.persons
        people = MemoryPeople(memory)
        calendars = Calendars(
            providers=PreparedCalendars(self.entries),
            tokens=tokens_of(people, PlainVault()),
            meter=FakeMeter(),
        )
        self.months = Months(
            participants=Participants(
                people=people, calendars=calendars, organization=self.organization
            ),
            events=MemoryEvents(memory),
            policy=Policy(PolicySettings()),
            organization=self.organization,
            rules=self.work.rules,
        )

    def best(self) -> tuple[float, float]:
        """Return the best seconds of the handler and of the bare engine."""
        context: Any = SimpleNamespace(aws_request_id="bench")
        ask = partial(handler.lambda_handler, _payload(), context)
        with patch.object(wiring, "months", lambda: self.months):
            response = ask()
            if response["statusCode"] != 200:
                raise RuntimeError(f"the handler returned {response['body']}")
            whole, bare = best_seconds(ask, self.bare)
        return whole, bare

    def bare(self) -> tuple[DaySummary, ...]:
        """Compute the month from the stored form."""
        month = local_month(MONTH[0].year, MONTH[0].month, self.work.viewer)
        return summaries(month, [self._consulted(n) for n in (0, 1)], self.work.rules, now=NOW)

    def _consulted(self, n: int) -> ConsultedPerson:
        person = self.persons[f"user-{n}"]
        role = self.work.people[n].role
        if role is None:
            raise ValueError("both people must have a role")
        availability = self.organization.availability(person, role)
        return ConsultedPerson(
            role=role,
            zone=availability.zone,
            windows=availability.windows,
            holidays=person.holidays_as(role),
            busy=busy_spans(
                each.interval
                for each in self.entries[person.user_id]
                if each.busy and each.copy_of is None
            ),
        )


def _person(user: str, consulted: ConsultedPerson) -> Person:
    if consulted.role is None:
        raise ValueError("both people must have a role")
    availability = RoleAvailability(
        role=consulted.role, zone=VIEWER, use_default=False, windows=consulted.windows
    )
    return Person(
        user_id=user,
        availability={availability.role: availability},
        connections=(_connection(user),),
    )


def _connection(user: str) -> Connection:
    sample = connection(f"c-{user}", user_id=user)
    return replace(sample, status=type(sample.status).ACTIVE)


def _entry(span: tuple[int, int]) -> CalendarEntry:
    start, end = (instant(each * 60) for each in span)
    return CalendarEntry(
        external_id=f"e-{span[0]}",
        title="Taken",
        interval=Interval(start, end),
        all_day=False,
        busy=True,
    )


def _payload() -> dict[str, Any]:
    query = (
        f"year={MONTH[0].year}&month={MONTH[0].month}&role=Coach&coachId=user-0&learnerId=user-1"
    )
    request = Request(
        method="GET",
        target=f"{_PATH}?{query}&timezone={VIEWER}",
        headers=[("Host", "bench"), ("Authorization", f"Bearer {token('user-0', COACH)}")],
        body=b"",
        source_ip="127.0.0.1",
    )
    event: dict[str, Any] = payload(request, match("GET", _PATH), now=NOW)
    return event
