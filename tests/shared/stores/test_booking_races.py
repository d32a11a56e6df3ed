"""Races for the same time on a real server: whatever the order, nobody is booked twice."""

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

# Every one of many cases; plain tests cover the same lines, and tracing these doubles their time.
pytestmark = pytest.mark.no_cover

THREADS = 16
ATTEMPTS = 200
PEOPLE = 4
BOOKINGS = 80
WEEK = timedelta(days=7)
_T = TypeVar("_T")
_RUNS = itertools.count()


@dataclass(frozen=True)
class Refusal:
    """A booking that found its time taken, and by which sessions."""

    event: Event
    by: frozenset[str]


@dataclass
class Desk:
    """Plays the use-case: read agendas, look for conflicts, commit, on a lost race again."""

    tables: Tables
    written: list[Event] = field(default_factory=list)
    """Every state of every event that was committed."""

    def book(self, event: Event) -> Event | Refusal:
        """Commit a new event unless its people's time is taken."""
        return self.write(event, None)

    def write(self, event: Event, previous: Event | None) -> Event | Refusal:
        """Commit the event unless its people's time is taken."""
        bookings = DynamoBookings(self.tables)
        people = event.participants
        for _ in range(ATTEMPTS):
            seen = bookings.agendas(people, event.interval)
            taken = conflicts(seen, event.interval, leaving_out=event.id)
            if taken and not event.is_cancelled:
                return Refusal(event, taken)
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
        """Return everything that person's agenda shows around the test's day."""
        days = DynamoPeople(self.tables).agenda(person, DAY - WEEK, DAY + WEEK)
        return {key: held for day in days for key, held in day.sessions.items()}


@pytest.fixture
def desk(ministack_aws: Aws) -> Desk:
    """A desk on a real server."""
    return Desk(ministack_aws.tables())


@pytest.fixture
def run() -> str:
    """A prefix for the ids of one test: they share tables."""
    return f"r{next(_RUNS)}"


def at_once(work: Callable[[_T], Event | Refusal], each_of: Iterable[_T]) -> list[Event | Refusal]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, each_of))


def people(run: str) -> list[str]:
    return [f"{run}-person-{n}" for n in range(PEOPLE)]


def random_interval(chance: random.Random, *, days: int) -> Interval:
    """Return up to 12 hours anywhere in these days, so that many run over midnight."""
    return hours(chance.randrange(0, days * 24 * 4) / 4, chance.randrange(1, 12 * 4) / 4)


def random_session(chance: random.Random, run: str, number: int, *, days: int = 2) -> Event:
    coach, learner = chance.sample(people(run), 2)
    return session(
        f"{run}-{number}",
        coach_ids=(coach,),
        learner_ids=(learner,),
        interval=random_interval(chance, days=days),
    )


def assert_sound(desk: Desk, run: str) -> None:
    """The agendas show exactly what the events hold, and nobody holds two at one time."""
    ids = {event.id for event in desk.written}
    latest = DynamoEvents(desk.tables).find_all(ids)
    for person in people(run):
        held = desk.agenda(person)
        expected = {
            event.id: event.interval
            for event in latest.values()
            if person in event.participants and not event.is_cancelled
        }
        assert expected == held
        pairs = itertools.combinations(held.values(), 2)
        assert not any(one.overlaps(other) for one, other in pairs)


def test_of_twenty_bookings_of_one_slot_one_wins(desk: Desk, run: str) -> None:
    asked = [
        session(f"{run}-{n}", coach_ids=(f"{run}-coach",), learner_ids=(f"{run}-learner-{n}",))
        for n in range(20)
    ]

    outcomes = at_once(desk.book, asked)

    (winner,) = [each for each in outcomes if isinstance(each, Event)]
    refusals = [each for each in outcomes if isinstance(each, Refusal)]
    assert {winner.id: winner.interval} == desk.agenda(f"{run}-coach")
    assert [frozenset({winner.id})] * 19 == [each.by for each in refusals]


@pytest.mark.parametrize("seed", range(8))
def test_random_bookings_never_overlap_and_every_refusal_has_a_winner(
    desk: Desk, run: str, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable race, no secret
    asked = [random_session(chance, run, n) for n in range(BOOKINGS)]

    outcomes = at_once(desk.book, asked)

    won = {each.id: each for each in outcomes if isinstance(each, Event)}
    assert_sound(desk, run)
    for refusal in (each for each in outcomes if isinstance(each, Refusal)):
        assert refusal.by <= won.keys()
        for winner in (won[each] for each in refusal.by):
            assert winner.interval.overlaps(refusal.event.interval)
            assert set(winner.participants) & set(refusal.event.participants)


@pytest.mark.parametrize("seed", range(4))
def test_moves_and_cancellations_among_bookings_leave_no_overlap_and_no_ghost(
    desk: Desk, run: str, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable race, no secret
    lives = [
        (
            random_session(chance, run, n, days=6),
            random_interval(chance, days=6),
            chance.choice(people(run)),
            n % 3,
        )
        for n in range(40)
    ]

    def live(life: tuple[Event, Interval, str, int]) -> Event | Refusal:
        event, later, guest, ending = life
        booked = desk.write(event, None)
        if isinstance(booked, Refusal):
            return booked
        moved = desk.write(replace(booked, version=2, interval=later, learner_ids=(guest,)), booked)
        now = booked if isinstance(moved, Refusal) else moved
        if ending:
            return moved
        cancelled = replace(now, version=now.version + 1, status=EventStatus.CANCELLED)
        return desk.write(cancelled, now)

    at_once(live, lives)

    assert_sound(desk, run)
    changes = [each for each in desk.written if each.version > 1]
    assert {True, False} == {each.is_cancelled for each in changes}


@pytest.mark.parametrize("turned", [False, True] * 3)
def test_sessions_on_both_sides_of_midnight_do_not_slip_past_each_other(
    desk: Desk, run: str, *, turned: bool
) -> None:
    coach = f"{run}-coach"
    before = session(f"{run}-before", coach_ids=(coach,), learner_ids=(), interval=hours(23, 3))
    after = session(f"{run}-after", coach_ids=(coach,), learner_ids=(), interval=hours(25, 1))
    asked = [before, after] if turned else [after, before]

    outcomes = at_once(desk.book, asked)

    assert {Event, Refusal} == {type(each) for each in outcomes}
    assert len(desk.agenda(coach)) == 1


def test_two_decisions_on_one_view_of_midnight_cannot_both_be_written(desk: Desk, run: str) -> None:
    bookings = DynamoBookings(desk.tables)
    coach = f"{run}-coach"
    before = session(f"{run}-before", coach_ids=(coach,), learner_ids=(), interval=hours(23, 3))
    after = session(f"{run}-after", coach_ids=(coach,), learner_ids=(), interval=hours(25, 1))
    seen_before = bookings.agendas([coach], before.interval)
    seen_after = bookings.agendas([coach], after.interval)

    bookings.commit(before, previous=None, guarded=[coach], seen=seen_before)
    with pytest.raises(LostRace):
        bookings.commit(after, previous=None, guarded=[coach], seen=seen_after)

    assert {before.id: before.interval} == desk.agenda(coach)


def test_group_sessions_of_one_learner_do_not_fight_over_versions(desk: Desk, run: str) -> None:
    bookings = DynamoBookings(desk.tables)
    learner = f"{run}-learner"
    groups = [
        session(f"{run}-{n}", coach_ids=(f"{run}-coach-{n}",), learner_ids=(learner, f"{run}-x"))
        for n in range(8)
    ]
    bookings.commit(groups[0], previous=None)

    def book(event: Event) -> Event | Refusal:
        for _ in range(ATTEMPTS):
            coach = event.coach_ids
            seen = bookings.agendas(coach, event.interval)
            try:
                bookings.commit(event, previous=None, guarded=coach, seen=seen)
            except LostRace:
                # Only two transactions on one item at the same instant.
                continue
            return event
        raise AssertionError("never got through")

    booked = at_once(book, groups[1:])

    assert groups[1:] == booked
    assert {each.id: each.interval for each in groups} == desk.agenda(learner)
