"""Calendar sync with every real client at once: one copy each, whatever comes in between."""

import random
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import Provider
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support.google_peer import EMAIL
from tests.support.provider_servers import Elsewhere
from tests.support.sync_world import START
from tests.support.three_calendars import EVERYBODY, USERS, Death, ThreeCalendars, mortal
from tests.support.waiting import until

# Thousands of cases over lines that plain tests cover already; tracing them doubles their time.
pytestmark = pytest.mark.no_cover

LATER = Interval(START + timedelta(days=2), START + timedelta(days=2, hours=2))
HASTE = timedelta(milliseconds=250)
MOST_CALLS = 60
CHANGES: tuple[dict[str, Any], ...] = (
    {"title": "Review & outlook <2027>"},
    {"interval": LATER},
    {"location": None, "session_link": "https://meet.example/other"},
    {"learner_ids": ("other",)},
    {"coach_ids": (), "learner_ids": ("learner",)},
    dict(EVERYBODY),
)


def test_each_participant_has_one_copy_that_follows_the_session(three: ThreeCalendars) -> None:
    three.meet()

    for change in ({}, *CHANGES, {"status": EventStatus.CANCELLED}):
        three.change(**change)
        assert [[], []] == [three.drain(), three.drain()]
        three.assert_right()


def test_who_leaves_keeps_nothing_and_who_joins_gets_a_copy(three: ThreeCalendars) -> None:
    three.meet(learner_ids=("learner",))
    three.drain()
    before = {each: len(three.shown(each)) for each in USERS}

    three.change(learner_ids=("other",))
    three.drain()

    assert {Provider.GOOGLE: 1, Provider.OUTLOOK: 1, Provider.APPLE: 0} == before
    assert {Provider.GOOGLE: 1, Provider.OUTLOOK: 0, Provider.APPLE: 1} == {
        each: len(three.shown(each)) for each in USERS
    }
    three.assert_right()


@pytest.mark.parametrize("seed", range(8))
def test_deliveries_that_repeat_lag_and_pile_up_end_the_same(
    three: ThreeCalendars, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's own dice
    three.meet()

    for change in chance.sample(CHANGES, len(CHANGES)):
        for _ in range(chance.choice((0, 0, 1, 2))):
            three.deliver()
        three.change(**change)
    if seed % 2:
        three.cancel()
    three.drain()
    three.drain()

    three.assert_right()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("change", [{}, {"interval": LATER}, {"status": EventStatus.CANCELLED}])
def test_a_worker_that_dies_at_any_step_leaves_nothing_wrong(
    providers_elsewhere: Elsewhere, change: dict[str, Any], *, after: bool
) -> None:
    for step in range(1, MOST_CALLS):
        providers_elsewhere.reset()
        three = ThreeCalendars(providers_elsewhere)
        three.meet()
        if change:
            three.drain()
            three.change(**change)
        death = Death(step, after=after)
        three.sync = mortal(three, death)
        three.deliver()
        three.sync = three.syncing()
        three.drain()
        three.assert_right()
        if not death.has_sprung:
            break

    assert 15 < step < MOST_CALLS - 1


def test_a_session_cancelled_before_its_first_delivery_is_written_nowhere(
    three: ThreeCalendars,
) -> None:
    three.meet()
    three.cancel()

    three.drain()

    three.assert_right()
    asked = (*three.elsewhere.google.requests, *three.elsewhere.microsoft.requests)
    assert [] == [*asked, *three.elsewhere.icloud.seen]


@pytest.mark.parametrize("provider", USERS)
def test_a_create_that_lands_after_its_cancellation_is_undone(
    three: ThreeCalendars, provider: Provider
) -> None:
    release = three.elsewhere.hold_next_create(provider)
    three.calendar.longest = HASTE
    three.meet()
    three.deliver()
    three.calendar.longest = timedelta(seconds=10)
    three.cancel()
    three.deliver()
    before = three.shown(provider)
    release()
    landed = until(lambda: len(three.shown(provider)) == 1)

    three.drain()

    assert ([], True) == (before, landed)
    three.assert_right()


def test_what_users_add_to_their_copies_stays_and_nobody_is_mailed(three: ThreeCalendars) -> None:
    three.meet()
    three.drain()
    guest = [{"email": "guest@example.com"}]
    peers = three.elsewhere.peers
    for peer in peers.values():
        (place,) = peer.items()
        peer.decorate(place)
    coach = three.elsewhere.google.calendar(EMAIL).events
    (event,) = coach.values()
    event["attendees"] = guest

    three.change(title="Review", interval=LATER)
    three.drain()

    kept = [peer.is_decorated(place) for peer in peers.values() for place in peer.items()]
    assert [True, True, True] == kept
    assert guest == next(iter(coach.values()))["attendees"]
    three.assert_right()
    three.cancel()
    three.drain()
    three.assert_right()


def test_what_users_delete_comes_back_with_the_next_change_only(three: ThreeCalendars) -> None:
    three.meet()
    three.drain()

    for each in USERS:
        three.elsewhere.delete_all(each)
        three.drain()
        assert [] == three.shown(each)
        three.change(title=f"Without {each}")
        three.drain()
        three.assert_right()
