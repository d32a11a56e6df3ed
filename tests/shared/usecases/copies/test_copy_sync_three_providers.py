"""Reconciling with every real client: each participant always has one correct copy."""

import random
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import Provider
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support.google_test_server import EMAIL
from tests.support.provider_servers import ProviderServers
from tests.support.sync_harness import START
from tests.support.three_providers import (
    ALL_PARTICIPANTS,
    USERS,
    ProcessEnd,
    ThreeProviders,
    ending_worker,
)
from tests.support.waiting import until

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

LATER = Interval(START + timedelta(days=2), START + timedelta(days=2, hours=2))
SHORT_TIMEOUT = timedelta(milliseconds=250)
MOST_CALLS = 60
CHANGES: tuple[dict[str, Any], ...] = (
    {"title": "Review & outlook <2027>"},
    {"interval": LATER},
    {"location": None, "session_link": "https://meet.example/other"},
    {"learner_ids": ("other",)},
    {"coach_ids": (), "learner_ids": ("learner",)},
    dict(ALL_PARTICIPANTS),
)


def test_each_participant_has_one_copy_that_is_kept_up_to_date(three: ThreeProviders) -> None:
    three.meet()

    for change in ({}, *CHANGES, {"status": EventStatus.CANCELLED}):
        three.change(**change)
        assert [[], []] == [three.drain(), three.drain()]
        three.assert_in_sync()


def test_leaving_removes_a_copy_and_joining_adds_one(three: ThreeProviders) -> None:
    three.meet(learner_ids=("learner",))
    three.drain()
    before = {each: len(three.visible_entries(each)) for each in USERS}

    three.change(learner_ids=("other",))
    three.drain()

    assert {Provider.GOOGLE: 1, Provider.OUTLOOK: 1, Provider.APPLE: 0} == before
    assert {Provider.GOOGLE: 1, Provider.OUTLOOK: 0, Provider.APPLE: 1} == {
        each: len(three.visible_entries(each)) for each in USERS
    }
    three.assert_in_sync()


@pytest.mark.parametrize("seed", range(8))
def test_repeated_delayed_and_batched_messages_have_the_same_result(
    three: ThreeProviders, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for cryptography
    three.meet()

    for change in chance.sample(CHANGES, len(CHANGES)):
        for _ in range(chance.choice((0, 0, 1, 2))):
            three.deliver()
        three.change(**change)
    if seed % 2:
        three.cancel()
    three.drain()
    three.drain()

    three.assert_in_sync()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("change", [{}, {"interval": LATER}, {"status": EventStatus.CANCELLED}])
def test_a_worker_killed_at_any_step_leaves_correct_calendars(
    servers: ProviderServers, change: dict[str, Any], *, after: bool
) -> None:
    for step in range(1, MOST_CALLS):
        servers.reset()
        three = ThreeProviders(servers)
        three.meet()
        if change:
            three.drain()
            three.change(**change)
        death = ProcessEnd(step, after=after)
        three.sync = ending_worker(three, death)
        three.deliver()
        three.sync = three.worker()
        three.drain()
        three.assert_in_sync()
        if not death.has_fired:
            break

    assert 15 < step < MOST_CALLS - 1


def test_a_session_cancelled_before_its_first_delivery_is_not_written_to_any_calendar(
    three: ThreeProviders,
) -> None:
    three.meet()
    three.cancel()

    three.drain()

    three.assert_in_sync()
    requests = (*three.servers.google.requests, *three.servers.microsoft.requests)
    assert [] == [*requests, *three.servers.icloud.requests]


@pytest.mark.parametrize("provider", USERS)
def test_a_create_executed_after_the_cancellation_is_undone(
    three: ThreeProviders, provider: Provider
) -> None:
    release = three.servers.hold_next_create(provider)
    three.calendar.longest = SHORT_TIMEOUT
    three.meet()
    three.deliver()
    three.calendar.longest = timedelta(seconds=10)
    three.cancel()
    three.deliver()
    before = three.visible_entries(provider)
    release()
    landed = until(lambda: len(three.visible_entries(provider)) == 1)

    three.drain()

    assert ([], True) == (before, landed)
    three.assert_in_sync()


def test_changes_by_users_to_their_copies_stay_and_no_mail_is_sent(three: ThreeProviders) -> None:
    three.meet()
    three.drain()
    guest = [{"email": "guest@example.com"}]
    test_servers = three.servers.test_servers
    for server in test_servers.values():
        (place,) = server.items()
        server.decorate(place)
    coach = three.servers.google.calendar(EMAIL).events
    (event,) = coach.values()
    event["attendees"] = guest

    three.change(title="Review", interval=LATER)
    three.drain()

    decorated = [
        server.is_decorated(place) for server in test_servers.values() for place in server.items()
    ]
    assert [True, True, True] == decorated
    assert guest == next(iter(coach.values()))["attendees"]
    three.assert_in_sync()
    three.cancel()
    three.drain()
    three.assert_in_sync()


def test_entries_deleted_by_users_return_only_with_the_next_change(three: ThreeProviders) -> None:
    three.meet()
    three.drain()

    for each in USERS:
        three.servers.delete_all(each)
        three.drain()
        assert [] == three.visible_entries(each)
        three.change(title=f"Without {each}")
        three.drain()
        three.assert_in_sync()
