"""Everything that may go wrong at once, at random, with every real client: the end is the same."""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support.provider_peers import Failure
from tests.support.provider_servers import CHANGES, CREATES
from tests.support.sync_world import START
from tests.support.three_calendars import EVERYBODY, USERS, Death, ThreeCalendars, mortal
from tests.support.traps import RunOutTurns

# Thousands of cases over lines that plain tests cover already; tracing them doubles their time.
pytestmark = pytest.mark.no_cover

HASTE = timedelta(milliseconds=300)
STEPS = 12
PASSING = [each for each in Failure if each is not Failure.UNAUTHORIZED]
ANSWERED = [each for each in PASSING if "no answer" not in each.value]
EDITS: Sequence[dict[str, Any]] = (
    {"title": "Review"},
    {"title": "Coaching"},
    {"interval": Interval(START + timedelta(days=2), START + timedelta(days=2, hours=2))},
    {"interval": Interval(START + timedelta(days=3), START + timedelta(days=3, hours=1))},
    {"learner_ids": ("other",)},
    {"coach_ids": (), "learner_ids": ("learner",)},
    dict(EVERYBODY),
)


class Storm:
    """One thing after another befalls the session of three."""

    def __init__(self, three: ThreeCalendars, seed: int) -> None:
        self.three = three
        self.chance = random.Random(seed)  # noqa: S311 - a test's own dice

    def rage(self, steps: int = STEPS) -> None:
        """Let so many things happen."""
        things: Sequence[Callable[[], None]] = (
            self.edit,
            self.edit,
            self.deliver,
            self.deliver,
            self.die,
            self.fail,
            self.fail,
            self.expire,
            self.delete,
            self.wait,
        )
        for _ in range(steps):
            self.chance.choice(things)()

    def edit(self) -> None:
        """Change the session."""
        self.three.change(**self.chance.choice(EDITS))

    def deliver(self) -> None:
        """Hand the message over, to be worked on at once."""
        self.three.deliver()

    def die(self) -> None:
        """Hand the message over to a worker that dies at it."""
        death = Death(self.chance.randint(1, 24), after=self.chance.random() < 1 / 2)
        self.three.sync = mortal(self.three, death)
        self.three.deliver()
        self.three.sync = self.three.syncing()

    def fail(self) -> None:
        """Let one request to some provider fail before long."""
        provider = self.chance.choice(list(USERS))
        method = self.chance.choice((CREATES[provider], CHANGES[provider], "DELETE", "GET"))
        # A refresh is a POST too, and waits for longer than a test can.
        failure = self.chance.choice(ANSWERED if method == "POST" else PASSING)
        self.three.elsewhere.peers[provider].fail_next(failure, method=method)

    def expire(self) -> None:
        """End every access token."""
        self.three.elsewhere.expire_access()

    def delete(self) -> None:
        """Let somebody delete what is in their calendar."""
        self.three.elsewhere.delete_all(self.chance.choice(list(USERS)))

    def wait(self) -> None:
        """Let time go by."""
        self.three.advance(timedelta(seconds=self.chance.choice((1, 40, 200))))

    def settle(self) -> None:
        """Change the session a last time, so that what users deleted is due again, and drain."""
        if self.chance.random() < 1 / 3:
            self.three.cancel()
        else:
            self.three.change(title="Last")
        self.three.drain()


@pytest.mark.parametrize("seed", range(12))
def test_after_any_storm_each_calendar_is_right(three: ThreeCalendars, seed: int) -> None:
    three.calendar.longest = HASTE
    three.meet()
    storm = Storm(three, seed)

    storm.rage()
    storm.settle()

    three.assert_right()


@pytest.mark.parametrize("seed", range(6))
def test_workers_that_cross_end_right(three: ThreeCalendars, seed: int) -> None:
    sync = three.syncing(turns=three.turns_over(RunOutTurns()))
    three.meet()
    storm = Storm(three, seed)

    def work() -> None:
        for _ in range(4):
            sync.reconcile("s1", now=three.at)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for _ in range(3):
        storm.edit()
    three.change(**({"status": EventStatus.CANCELLED} if seed % 2 else dict(EVERYBODY)))
    for each in workers:
        each.join()
    three.drain()

    three.assert_right()
