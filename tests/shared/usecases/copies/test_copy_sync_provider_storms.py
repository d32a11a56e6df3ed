"""Random combinations of faults with every real client always end in correct calendars."""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support.call_hooks import ExpiredLocks
from tests.support.provider_cases import ServerFailure
from tests.support.provider_servers import CHANGES, CREATES
from tests.support.sync_harness import START
from tests.support.three_providers import (
    ALL_PARTICIPANTS,
    USERS,
    ProcessEnd,
    ThreeProviders,
    ending_worker,
)

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

SHORT_TIMEOUT = timedelta(milliseconds=300)
STEPS = 12
TEMPORARY = [each for each in ServerFailure if each is not ServerFailure.UNAUTHORIZED]
SILENT = {ServerFailure.SILENT, ServerFailure.SILENT_AFTER_COMMIT}
WITH_RESPONSE = [each for each in TEMPORARY if each not in SILENT]
EDITS: Sequence[dict[str, Any]] = (
    {"title": "Review"},
    {"title": "Coaching"},
    {"interval": Interval(START + timedelta(days=2), START + timedelta(days=2, hours=2))},
    {"interval": Interval(START + timedelta(days=3), START + timedelta(days=3, hours=1))},
    {"learner_ids": ("other",)},
    {"coach_ids": (), "learner_ids": ("learner",)},
    dict(ALL_PARTICIPANTS),
)


class RandomFaults:
    """Plays random steps and faults around the session of three."""

    def __init__(self, three: ThreeProviders, seed: int) -> None:
        self.three = three
        self.chance = random.Random(seed)  # noqa: S311 - not for cryptography

    def play(self, steps: int = STEPS) -> None:
        """Play that many random steps."""
        steps_to_choose: Sequence[Callable[[], None]] = (
            self.edit,
            self.edit,
            self.deliver,
            self.deliver,
            self.kill,
            self.fail,
            self.fail,
            self.expire,
            self.delete,
            self.wait,
        )
        for _ in range(steps):
            self.chance.choice(steps_to_choose)()

    def edit(self) -> None:
        """Change the session."""
        self.three.change(**self.chance.choice(EDITS))

    def deliver(self) -> None:
        """Deliver the message."""
        self.three.deliver()

    def kill(self) -> None:
        """Deliver the message to a worker that is killed."""
        death = ProcessEnd(self.chance.randint(1, 24), after=self.chance.random() < 1 / 2)
        self.three.sync = ending_worker(self.three, death)
        self.three.deliver()
        self.three.sync = self.three.worker()

    def fail(self) -> None:
        """Make one of the next requests to a provider fail."""
        provider = self.chance.choice(list(USERS))
        method = self.chance.choice((CREATES[provider], CHANGES[provider], "DELETE", "GET"))
        # A token refresh is a POST too, and its timeout is too long for a test.
        failure = self.chance.choice(WITH_RESPONSE if method == "POST" else TEMPORARY)
        self.three.servers.test_servers[provider].fail_next(failure, method=method)

    def expire(self) -> None:
        """Expire every access token."""
        self.three.servers.expire_access()

    def delete(self) -> None:
        """Delete the entries of one user's calendar."""
        self.three.servers.delete_all(self.chance.choice(list(USERS)))

    def wait(self) -> None:
        """Advance the clock."""
        self.three.advance(timedelta(seconds=self.chance.choice((1, 40, 200))))

    def finish(self) -> None:
        """Change the session once more, so that deleted copies are due again, and drain."""
        if self.chance.random() < 1 / 3:
            self.three.cancel()
        else:
            self.three.change(title="Last")
        self.three.drain()


@pytest.mark.parametrize("seed", range(12))
def test_after_random_faults_every_calendar_is_correct(three: ThreeProviders, seed: int) -> None:
    three.calendar.longest = SHORT_TIMEOUT
    three.meet()
    faults = RandomFaults(three, seed)

    faults.play()
    faults.finish()

    three.assert_in_sync()


@pytest.mark.parametrize("seed", range(6))
def test_overlapping_workers_leave_correct_calendars(three: ThreeProviders, seed: int) -> None:
    sync = three.worker(write_lock=three.write_lock_over(ExpiredLocks()))
    three.meet()
    faults = RandomFaults(three, seed)

    def work() -> None:
        for _ in range(4):
            sync.reconcile("s1", now=three.at)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for _ in range(3):
        faults.edit()
    three.change(**({"status": EventStatus.CANCELLED} if seed % 2 else dict(ALL_PARTICIPANTS)))
    for each in workers:
        each.join()
    three.drain()

    three.assert_in_sync()
