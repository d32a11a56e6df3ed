"""Concurrent bookings of the same time on a real server: no participant is booked twice."""

import itertools
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

import pytest

from shared.domain.agenda import conflicts
from shared.domain.errors import LostRace
from shared.domain.event import Event, EventStatus
from shared.domain.interval import Interval
from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.people import DynamoPeople
from shared.stores.tables import Tables
from tests.support.aws import Aws
from tests.support.store_samples import DAY, hours, session

# Simpler tests cover the same lines, and tracing these doubles their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

THREADS = 16
ATTEMPTS = 200
PEOPLE = 4
BOOKINGS = 80
WEEK = timedelta(days=7)
_T = TypeVar("_T")
_RUNS = itertools.count()


@dataclass(frozen=True)
class Rejection:
    """A booking rejected because its time is taken, with the sessions that take it."""

    event: Event
    by: frozenset[str]


@dataclass
class BookingClient:
    """Books like the use-case: read agendas, check conflicts, commit, retry after a lost race."""

    tables: Tables
    written: list[Event] = field(default_factory=list)
    """Every committed version of every event."""

    def book(self, event: Event) -> Event | Rejection:
        """Commit a new event unless its participants' time is taken."""
        return self.write(event, None)

    def write(self, event: Event, previous: Event | None) -> Event | Rejection:
        """Commit the event unless its participants' time is taken."""
        bookings = DynamoBookings(self.tables, pause=lambda _: None)
        people = event.participants
        for _ in range(ATTEMPTS):
            seen = bookings.agendas(people, event.interval)
            taken = conflicts(seen, event.interval, leaving_out=event.id)
            if taken and not event.is_closed:
                return Rejection(event, taken)
            try:
                bookings.commit(event, previous=previous, guarded=people, seen=seen)
            except LostRace:
                if previous and DynamoEvents(self.tables).find(event.id) != previous:
                    raise
                continue
            self.written.append(event)
            return event
        raise AssertionError(f"{event.id} lost {ATTEMPTS} races in a row")

    def agenda(self, person: str) -> dict[str, Interval]:
        """Return all sessions in a person's agenda around the test's day."""
        days = DynamoPeople(self.tables).agenda(person, DAY - WEEK, DAY + WEEK)
        return {key: interval for day in days for key, interval in day.sessions.items()}


@pytest.fixture
def client(ministack_aws: Aws) -> BookingClient:
    """Booking on a real server."""
    return BookingClient(ministack_aws.tables())


@pytest.fixture
def run() -> str:
    """A prefix for the ids of one test, because tests share the tables."""
    return f"r{next(_RUNS)}"


def at_once(
    work: Callable[[_T], Event | Rejection], each_of: Iterable[_T]
) -> list[Event | Rejection]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, each_of))


def people(run: str) -> list[str]:
    return [f"{run}-person-{n}" for n in range(PEOPLE)]


def random_interval(rng: random.Random, *, days: int) -> Interval:
    """Return up to 12 hours anywhere in these days, so that many cross midnight."""
    return hours(rng.randrange(0, days * 24 * 4) / 4, rng.randrange(1, 12 * 4) / 4)


def random_session(rng: random.Random, run: str, number: int, *, days: int = 2) -> Event:
    coach, learner = rng.sample(people(run), 2)
    return session(
        f"{run}-{number}",
        coach_ids=(coach,),
        learner_ids=(learner,),
        interval=random_interval(rng, days=days),
    )


def assert_consistent(client: BookingClient, run: str) -> None:
    """Check that agendas match the events and no participant has overlapping sessions."""
    ids = {event.id for event in client.written}
    latest = DynamoEvents(client.tables).find_all(ids)
    for person in people(run):
        booked = client.agenda(person)
        expected = {
            event.id: event.interval
            for event in latest.values()
            if person in event.participants and not event.is_closed
        }
        assert expected == booked
        pairs = itertools.combinations(booked.values(), 2)
        assert not any(one.overlaps(other) for one, other in pairs)


def test_only_one_of_twenty_bookings_of_one_slot_succeeds(client: BookingClient, run: str) -> None:
    requested = [
        session(f"{run}-{n}", coach_ids=(f"{run}-coach",), learner_ids=(f"{run}-learner-{n}",))
        for n in range(20)
    ]

    outcomes = at_once(client.book, requested)

    (winner,) = [each for each in outcomes if isinstance(each, Event)]
    rejections = [each for each in outcomes if isinstance(each, Rejection)]
    assert {winner.id: winner.interval} == client.agenda(f"{run}-coach")
    assert [frozenset({winner.id})] * 19 == [each.by for each in rejections]


@pytest.mark.parametrize("seed", range(8))
def test_random_bookings_never_overlap_and_every_rejection_has_a_winner(
    client: BookingClient, run: str, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - a repeatable race, no secret
    requested = [random_session(rng, run, n) for n in range(BOOKINGS)]

    outcomes = at_once(client.book, requested)

    won = {each.id: each for each in outcomes if isinstance(each, Event)}
    assert_consistent(client, run)
    for rejection in (each for each in outcomes if isinstance(each, Rejection)):
        assert rejection.by <= won.keys()
        for winner in (won[each] for each in rejection.by):
            assert winner.interval.overlaps(rejection.event.interval)
            assert set(winner.participants) & set(rejection.event.participants)


@pytest.mark.parametrize("seed", range(4))
def test_moves_and_cancellations_leave_no_overlap_and_no_orphaned_entry(
    client: BookingClient, run: str, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - a repeatable race, no secret
    stories = [
        (
            random_session(rng, run, n, days=6),
            random_interval(rng, days=6),
            rng.choice(people(run)),
            n % 3,
        )
        for n in range(40)
    ]

    def run_story(story: tuple[Event, Interval, str, int]) -> Event | Rejection:
        event, later, guest, ending = story
        booked = client.write(event, None)
        if isinstance(booked, Rejection):
            return booked
        moved = client.write(
            replace(booked, version=2, interval=later, learner_ids=(guest,)), booked
        )
        now = booked if isinstance(moved, Rejection) else moved
        if ending:
            return moved
        cancelled = replace(now, version=now.version + 1, status=EventStatus.CANCELLED)
        return client.write(cancelled, now)

    at_once(run_story, stories)

    assert_consistent(client, run)
    changes = [each for each in client.written if each.version > 1]
    assert {True, False} == {each.is_closed for each in changes}


@pytest.mark.parametrize("reverse", [False, True] * 3)
def test_concurrent_sessions_on_both_sides_of_midnight_conflict(
    client: BookingClient, run: str, *, reverse: bool
) -> None:
    coach = f"{run}-coach"
    before = session(f"{run}-before", coach_ids=(coach,), learner_ids=(), interval=hours(23, 3))
    after = session(f"{run}-after", coach_ids=(coach,), learner_ids=(), interval=hours(25, 1))
    requested = [before, after] if reverse else [after, before]

    outcomes = at_once(client.book, requested)

    assert {Event, Rejection} == {type(each) for each in outcomes}
    assert len(client.agenda(coach)) == 1


def test_two_bookings_based_on_the_same_agendas_around_midnight_cannot_both_commit(
    client: BookingClient, run: str
) -> None:
    bookings = DynamoBookings(client.tables, pause=lambda _: None)
    coach = f"{run}-coach"
    before = session(f"{run}-before", coach_ids=(coach,), learner_ids=(), interval=hours(23, 3))
    after = session(f"{run}-after", coach_ids=(coach,), learner_ids=(), interval=hours(25, 1))
    seen_before = bookings.agendas([coach], before.interval)
    seen_after = bookings.agendas([coach], after.interval)

    bookings.commit(before, previous=None, guarded=[coach], seen=seen_before)
    with pytest.raises(LostRace):
        bookings.commit(after, previous=None, guarded=[coach], seen=seen_after)

    assert {before.id: before.interval} == client.agenda(coach)


def test_group_sessions_of_one_learner_do_not_invalidate_each_other(
    client: BookingClient, run: str
) -> None:
    bookings = DynamoBookings(client.tables, pause=lambda _: None)
    learner = f"{run}-learner"
    groups = [
        session(f"{run}-{n}", coach_ids=(f"{run}-coach-{n}",), learner_ids=(learner, f"{run}-x"))
        for n in range(8)
    ]
    bookings.commit(groups[0], previous=None)

    def book(event: Event) -> Event | Rejection:
        for _ in range(ATTEMPTS):
            coach = event.coach_ids
            seen = bookings.agendas(coach, event.interval)
            try:
                bookings.commit(event, previous=None, guarded=coach, seen=seen)
            except LostRace:
                # Two transactions wrote one item at the same instant.
                continue
            return event
        raise AssertionError(f"{event.id} lost {ATTEMPTS} races in a row")

    booked = at_once(book, groups[1:])

    assert groups[1:] == booked
    assert {each.id: each.interval for each in groups} == client.agenda(learner)
