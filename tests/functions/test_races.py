"""Concurrent bookings through HTTP and several worker processes on a local AWS."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import httpx
import pytest

from infra.local.service import Service, service
from shared.domain.interval import Interval
from tests.support.service import fresh_id

# Whole services over lines that other tests cover; tracing them would double their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

WORKERS, THREADS = 4, 16
SEEDS = range(8)
BOOKINGS = 80
START = datetime(2031, 3, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def running_service() -> Iterator[Service]:
    with service(workers=WORKERS) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Booking:
    """A session to book."""

    session: str
    coach: str
    learner: str
    time: Interval

    @property
    def people(self) -> set[str]:
        return {self.coach, self.learner}

    def overlaps(self, other: "Booking") -> bool:
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


class BookingClient:
    """Sends bookings to the running service as an admin, who may book for all users."""

    def __init__(self, running_service: Service, client: httpx.Client) -> None:
        self._url = f"{running_service.url}/api/v1/events"
        self._headers = {"Authorization": f"Bearer {running_service.token('boss', ['Admin'])}"}
        self._client = client

    def book(self, booking: Booking) -> int:
        response = self._client.post(self._url, json=booking.body, headers=self._headers)
        if response.status_code == httpx.codes.CONFLICT:
            assert response.json()["error"]["code"] == "SLOT_TAKEN"
        return response.status_code

    def cancel(self, booking: Booking) -> int:
        body = {"sessionId": booking.session}
        return self._client.post(
            f"{self._url}/cancel", json=body, headers=self._headers
        ).status_code


@pytest.fixture
def client(running_service: Service) -> Iterator[BookingClient]:
    with httpx.Client(timeout=60) as http:
        yield BookingClient(running_service, http)


def booking(coach: str, learner: str, minutes: int = 0, length: int = 60) -> Booking:
    start = START + timedelta(minutes=minutes)
    return Booking(fresh_id(), coach, learner, Interval(start, start + timedelta(minutes=length)))


def test_exactly_one_of_twenty_concurrent_bookings_gets_the_slot(client: BookingClient) -> None:
    coach, learner = fresh_id("coach"), fresh_id("learner")

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(client.book, [booking(coach, learner) for _ in range(20)]))

    assert [201] + [409] * 19 == sorted(statuses)


def test_one_request_sent_twenty_times_concurrently_books_once(client: BookingClient) -> None:
    same = booking(fresh_id("coach"), fresh_id("learner"))

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(client.book, [same] * 20))

    assert [200] * 19 + [201] == sorted(statuses)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_bookings_never_overlap_and_every_rejection_has_a_winner(
    client: BookingClient, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable order, not a secret
    coaches = [fresh_id("coach") for _ in range(2)]
    learners = [fresh_id("learner") for _ in range(2)]
    bookings = [
        booking(
            chance.choice(coaches),
            chance.choice(learners),
            minutes=chance.randrange(0, 2 * 24 * 60, 5),
            length=chance.randrange(15, 240, 5),
        )
        for _ in range(BOOKINGS)
    ]

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = list(pool.map(client.book, bookings))

    assert {201, 409} == set(statuses)
    won = [each for each, status in zip(bookings, statuses, strict=True) if status == 201]
    lost = [each for each, status in zip(bookings, statuses, strict=True) if status == 409]
    assert not [pair for pair in combinations(won, 2) if pair[0].overlaps(pair[1])]
    assert not [each for each in lost if not any(each.overlaps(winner) for winner in won)]


def test_a_cancelled_time_can_be_booked_by_exactly_one_of_many_requests(
    client: BookingClient,
) -> None:
    coach, learner = fresh_id("coach"), fresh_id("learner")
    first = booking(coach, learner)
    assert 201 == client.book(first)
    others = [booking(coach, learner) for _ in range(8)]

    with ThreadPoolExecutor(9) as pool:
        cancelled = pool.submit(client.cancel, first)
        statuses = list(pool.map(client.book, others))

    assert 200 == cancelled.result()
    if 201 not in statuses:  # all bookings came before the cancellation
        statuses.append(client.book(booking(coach, learner)))
    assert 1 == statuses.count(201)
    assert {201, 409} >= set(statuses)
