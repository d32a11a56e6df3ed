"""The life of sessions on a real server with many writers: agendas equal events."""

import itertools
import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.pending import DynamoPending
from shared.stores.people import DynamoPeople
from shared.stores.tables import Tables
from shared.usecases.booking.conflicts import ConflictCheck
from shared.usecases.booking.expiry import PendingExpiry
from shared.usecases.finding.participants import Participants
from tests.support.aws import Aws
from tests.support.platform import DAY, OFFICE, Platform
from tests.support.session_steps import (
    COACHES,
    KINDS,
    LAST,
    LATER,
    LEARNERS,
    SESSIONS,
    STARTS,
    SessionPlayer,
    Step,
)

# Simpler tests cover the same lines, and tracing these doubles their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

THREADS, STEPS = 8, 60
_RUNS = itertools.count()


class StateOnServer:
    """What the tables have."""

    def __init__(self, tables: Tables) -> None:
        self._events, self._people = DynamoEvents(tables), DynamoPeople(tables)

    def event(self, session: str) -> Event | None:
        return self._events.find(session)

    def agenda(self, user: str) -> Mapping[str, Interval]:
        days = self._people.agenda(user, DAY, LAST.date())
        return {session: time for day in days for session, time in day.sessions.items()}


def player_on(tables: Tables) -> SessionPlayer:
    platform = Platform()
    people, events = DynamoPeople(tables), DynamoEvents(tables)
    bookings = DynamoBookings(tables, pause=lambda _: None)
    participants = Participants(people=people, calendars=platform.calendars, organization=OFFICE)
    check = ConflictCheck(
        calendars=platform.calendars, participants=participants, rules=platform.rules
    )
    parts: dict[str, Any] = {"events": events, "bookings": bookings, "people": people}
    return SessionPlayer(
        events=platform.events_with(**parts, check=check),
        expiry=PendingExpiry(pending=DynamoPending(tables), events=events, bookings=bookings),
        prefix=f"l{next(_RUNS)}-",
    )


def random_step(rng: random.Random) -> Step:
    return Step(
        kind=rng.choice(KINDS),
        session=rng.randrange(SESSIONS),
        coach=rng.randrange(COACHES),
        learner=rng.randrange(LEARNERS),
        learners=rng.randint(1, 3),
        start=rng.choice(STARTS),
        later=rng.choice(LATER),
    )


@pytest.mark.parametrize("seed", range(8))
def test_agendas_equal_events_after_steps_of_many_writers(ministack_aws: Aws, seed: int) -> None:
    tables = ministack_aws.tables()
    player = player_on(tables)
    rng = random.Random(seed)  # noqa: S311 - a repeatable race, no secret
    steps = [random_step(rng) for _ in range(STEPS)]

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(player.play, steps))

    player.expiry.expire(now=LAST)
    player.check(StateOnServer(tables))
