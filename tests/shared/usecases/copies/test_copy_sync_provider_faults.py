"""Reconciling while one provider fails in every way: the others are not affected."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import Provider
from shared.domain.copy import CopyState
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support.provider_cases import RETRY_AFTER, ServerFailure
from tests.support.provider_servers import CHANGES, CREATES
from tests.support.sync_harness import START
from tests.support.three_providers import USERS, ThreeProviders
from tests.support.waiting import until

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

LATER = Interval(START + timedelta(days=2), START + timedelta(days=2, hours=2))
SHORT_TIMEOUT = timedelta(milliseconds=500)
HANGS = (ServerFailure.SILENT, ServerFailure.SILENT_AFTER_COMMIT)
# A rejected access token is refreshed; a rejected password is not a temporary failure.
TEMPORARY = [
    (provider, failure)
    for provider in USERS
    for failure in ServerFailure
    if (provider, failure) != (Provider.APPLE, ServerFailure.UNAUTHORIZED)
]


def play_life(
    three: ThreeProviders, provider: Provider, failure: ServerFailure, *, only_writes: bool
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
        three.servers.test_servers[provider].fail_next(
            failure, method=method if only_writes else None
        )
        three.drain()
        three.assert_in_sync()


@pytest.mark.parametrize(("provider", "failure"), TEMPORARY)
def test_a_failed_write_is_repaired(
    three: ThreeProviders, provider: Provider, failure: ServerFailure
) -> None:
    if failure in HANGS:
        three.calendar.longest = SHORT_TIMEOUT

    play_life(three, provider, failure, only_writes=True)


@pytest.mark.parametrize(
    ("provider", "failure"), [each for each in TEMPORARY if each[1] not in HANGS]
)
def test_a_request_that_fails_immediately_is_retried(
    three: ThreeProviders, provider: Provider, failure: ServerFailure
) -> None:
    play_life(three, provider, failure, only_writes=False)


@pytest.mark.parametrize("provider", USERS)
def test_a_provider_that_sends_retry_after_is_not_called_before_then(
    three: ThreeProviders, provider: Provider
) -> None:
    server = three.servers.test_servers[provider]
    server.fail_next(ServerFailure.RATE_LIMITED)
    three.meet()

    wait = three.deliver()
    requests = server.requests()
    again = three.deliver()

    assert (RETRY_AFTER, RETRY_AFTER) == (wait, again)
    assert requests == server.requests()
    three.advance(RETRY_AFTER)
    assert [] == three.drain()
    three.assert_in_sync()


@pytest.mark.parametrize("provider", USERS)
def test_an_outage_of_one_provider_does_not_delay_the_others(
    three: ThreeProviders, provider: Provider
) -> None:
    server = three.servers.test_servers[provider]
    three.meet()
    for _ in range(6):
        server.fail_next(ServerFailure.BROKEN)

    wait = three.deliver()

    assert wait
    assert CopyState.PENDING is three.state(provider)
    three.assert_in_sync(leaving_out=provider)
    three.drain()
    three.assert_in_sync()


@pytest.mark.parametrize(
    "failure", [ServerFailure.SILENT_AFTER_COMMIT, ServerFailure.BROKEN_AFTER_COMMIT]
)
@pytest.mark.parametrize("provider", USERS)
def test_a_session_cancelled_after_a_lost_create_response_leaves_no_entry(
    three: ThreeProviders, provider: Provider, failure: ServerFailure
) -> None:
    if failure in HANGS:
        three.calendar.longest = SHORT_TIMEOUT
    three.servers.test_servers[provider].fail_next(failure, method=CREATES[provider])
    three.meet()
    three.deliver()
    made = until(lambda: len(three.visible_entries(provider)) == 1)
    three.cancel()

    three.drain()

    assert made
    three.assert_in_sync()


def test_a_slow_response_before_the_timeout_is_accepted(three: ThreeProviders) -> None:
    for each in (Provider.GOOGLE, Provider.OUTLOOK):
        three.servers.simulator(each).break_next({"kind": "slow", "seconds": 0.1}, times=9)
    three.meet()

    waits = three.drain()

    assert [] == waits
    three.assert_in_sync()
