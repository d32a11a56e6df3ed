"""Calendar sync while a provider fails in every way it may: the others never notice."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import Provider
from shared.domain.copy import CopyState
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support.provider_peers import RETRY_AFTER, Failure
from tests.support.provider_servers import CHANGES, CREATES
from tests.support.sync_world import START
from tests.support.three_calendars import USERS, ThreeCalendars
from tests.support.waiting import until

# Every one of many cases; plain tests cover the same lines, and tracing these doubles their time.
pytestmark = pytest.mark.no_cover

LATER = Interval(START + timedelta(days=2), START + timedelta(days=2, hours=2))
HASTE = timedelta(milliseconds=500)
HANGS = (Failure.SILENT, Failure.SILENT_AFTER_COMMIT)
# A refused access token is refreshed; a refused password is no passing failure.
PASSING = [
    (provider, failure)
    for provider in USERS
    for failure in Failure
    if (provider, failure) != (Provider.APPLE, Failure.UNAUTHORIZED)
]


def live_through(
    three: ThreeCalendars, provider: Provider, failure: Failure, *, only_writes: bool
) -> None:
    """Create, move and cancel a session while one request of each fails at one provider."""
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"interval": LATER, "title": "Review"},
        {"status": EventStatus.CANCELLED},
    )
    methods = (CREATES[provider], CHANGES[provider], "DELETE")
    three.meet()
    for change, method in zip(changes, methods, strict=True):
        three.change(**change)
        three.elsewhere.peers[provider].fail_next(failure, method=method if only_writes else None)
        three.drain()
        three.assert_right()


@pytest.mark.parametrize(("provider", "failure"), PASSING)
def test_a_write_that_fails_is_made_good(
    three: ThreeCalendars, provider: Provider, failure: Failure
) -> None:
    if failure in HANGS:
        three.calendar.longest = HASTE

    live_through(three, provider, failure, only_writes=True)


@pytest.mark.parametrize(
    ("provider", "failure"), [each for each in PASSING if each[1] not in HANGS]
)
def test_a_conversation_that_fails_at_once_is_begun_anew(
    three: ThreeCalendars, provider: Provider, failure: Failure
) -> None:
    live_through(three, provider, failure, only_writes=False)


@pytest.mark.parametrize("provider", USERS)
def test_a_provider_that_asks_for_patience_is_left_alone_until_then(
    three: ThreeCalendars, provider: Provider
) -> None:
    peer = three.elsewhere.peers[provider]
    peer.fail_next(Failure.RATE_LIMITED)
    three.meet()

    wait = three.deliver()
    asked = peer.requests()
    again = three.deliver()

    assert (RETRY_AFTER, RETRY_AFTER) == (wait, again)
    assert asked == peer.requests()
    three.advance(RETRY_AFTER)
    assert [] == three.drain()
    three.assert_right()


@pytest.mark.parametrize("provider", USERS)
def test_a_provider_that_stays_down_holds_nobody_else_up(
    three: ThreeCalendars, provider: Provider
) -> None:
    peer = three.elsewhere.peers[provider]
    three.meet()
    for _ in range(6):
        peer.fail_next(Failure.BROKEN)

    wait = three.deliver()

    assert wait
    assert CopyState.PENDING is three.state(provider)
    three.assert_right(leaving_out=provider)
    three.drain()
    three.assert_right()


@pytest.mark.parametrize("failure", [Failure.SILENT_AFTER_COMMIT, Failure.BROKEN_AFTER_COMMIT])
@pytest.mark.parametrize("provider", USERS)
def test_a_session_cancelled_while_its_creates_answer_is_lost_leaves_nothing(
    three: ThreeCalendars, provider: Provider, failure: Failure
) -> None:
    if failure in HANGS:
        three.calendar.longest = HASTE
    three.elsewhere.peers[provider].fail_next(failure, method=CREATES[provider])
    three.meet()
    three.deliver()
    made = until(lambda: len(three.shown(provider)) == 1)
    three.cancel()

    three.drain()

    assert made
    three.assert_right()


def test_a_slow_answer_in_time_is_an_answer(three: ThreeCalendars) -> None:
    for each in (Provider.GOOGLE, Provider.OUTLOOK):
        three.elsewhere.simulator(each).break_next({"kind": "slow", "seconds": 0.1}, times=9)
    three.meet()

    waits = three.drain()

    assert [] == waits
    three.assert_right()
