"""Many at once, through HTTP and several worker processes, over an AWS that really races."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import httpx
import pytest

from infra.local.server import Service, service
from shared.domain.interval import Interval
from tests.support.service import fresh_id

# Whole services at work; plain tests cover the same lines, and tracing them takes as long again.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

WORKERS, THREADS = 4, 16
SEEDS = range(8)
BOOKINGS = 80
START = datetime(2031, 3, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with service(workers=WORKERS) as found:
        yield found


@dataclass(frozen=True, slots=True)
class Wish:
    """A session somebody asks for."""

    session: str
    coach: str
    learner: str
    time: Interval

    @property
    def people(self) -> set[str]:
        return {self.coach, self.learner}

    def clashes(self, other: "Wish") -> bool:
        return bool(self.people & other.people) and self.time.overlaps(other.time)

    @property
    def body(self) -> dict[str, Any]:
        return {
            "sessionId": self.session,
            "title": "Race",
            "startTime": self.time.start.isoformat(),
            "endTime": self.time.end.isoformat(),
            "owner": "COACH",
            "coachId": self.coach,
            "learnerId": self.learner,
            "autoApproval": True,
        }


class Desk:
    """Sends wishes to the running service on behalf of an admin, which may book anybody."""

    def __init__(self, running: Service, client: httpx.Client) -> None:
        self._url = f"{running.url}/api/v1/events"
        self._headers = {"Authorization": f"Bearer {running.token('boss', ['Admin'])}"}
        self._client = client

    def book(self, wish: Wish) -> int:
        answer = self._client.post(self._url, json=wish.body, headers=self._headers)
        if answer.status_code == httpx.codes.CONFLICT:
            assert answer.json()["error"]["code"] == "SLOT_TAKEN"
        return answer.status_code

    def cancel(self, wish: Wish) -> int:
        body = {"sessionId": wish.session}
        return self._client.post(
            f"{self._url}/cancel", json=body, headers=self._headers
        ).status_code


@pytest.fixture
def desk(running: Service) -> Iterator[Desk]:
    with httpx.Client(timeout=60) as client:
        yield Desk(running, client)


def wish(coach: str, learner: str, minutes: int = 0, length: int = 60) -> Wish:
    start = START + timedelta(minutes=minutes)
    return Wish(fresh_id(), coach, learner, Interval(start, start + timedelta(minutes=length)))


def test_of_twenty_who_want_one_slot_exactly_one_gets_it(desk: Desk) -> None:
    coach, learner = fresh_id("coach"), fresh_id("learner")

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(desk.book, [wish(coach, learner) for _ in range(20)]))

    assert [201] + [409] * 19 == sorted(statuses)


def test_one_request_sent_twenty_times_at_once_books_once(desk: Desk) -> None:
    same = wish(fresh_id("coach"), fresh_id("learner"))

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(desk.book, [same] * 20))

    assert [200] * 19 + [201] == sorted(statuses)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_bookings_never_overlap_and_every_refusal_has_a_winner(
    desk: Desk, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable order, not a secret
    coaches = [fresh_id("coach") for _ in range(2)]
    learners = [fresh_id("learner") for _ in range(2)]
    wishes = [
        wish(
            chance.choice(coaches),
            chance.choice(learners),
            minutes=chance.randrange(0, 2 * 24 * 60, 5),
            length=chance.randrange(15, 240, 5),
        )
        for _ in range(BOOKINGS)
    ]

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = list(pool.map(desk.book, wishes))

    assert {201, 409} == set(statuses)
    won = [each for each, status in zip(wishes, statuses, strict=True) if status == 201]
    lost = [each for each, status in zip(wishes, statuses, strict=True) if status == 409]
    assert not [pair for pair in combinations(won, 2) if pair[0].clashes(pair[1])]
    assert not [each for each in lost if not any(each.clashes(winner) for winner in won)]


def test_a_cancelled_time_can_be_booked_by_exactly_one_of_many(desk: Desk) -> None:
    coach, learner = fresh_id("coach"), fresh_id("learner")
    first = wish(coach, learner)
    assert 201 == desk.book(first)
    others = [wish(coach, learner) for _ in range(8)]

    with ThreadPoolExecutor(9) as pool:
        cancelled = pool.submit(desk.cancel, first)
        statuses = list(pool.map(desk.book, others))

    assert 200 == cancelled.result()
    if 201 not in statuses:  # all of them came before the cancellation
        statuses.append(desk.book(wish(coach, learner)))
    assert 1 == statuses.count(201)
    assert {201, 409} >= set(statuses)
