"""Reconciling with access tokens that expire or are revoked, at simulated OAuth servers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from infra.local.simulators.simulator import Simulator
from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.copy import CopyState
from shared.domain.interval import Interval
from shared.providers.apple.credentials import Credentials
from shared.usecases.finding.calendars import Calendars, SourceState
from shared.wiring.clock import pause
from tests.support.icloud_simulator import USERNAME
from tests.support.provider_cases import ServerFailure
from tests.support.provider_servers import CHANGES
from tests.support.sync_harness import START
from tests.support.three_providers import LIFETIME, USERS, ThreeProviders

OAUTH = (Provider.GOOGLE, Provider.OUTLOOK)
ONCE = dict.fromkeys(OAUTH, 1)


def refreshes(three: ThreeProviders) -> dict[Provider, int]:
    return {each: three.servers.refreshes(each) for each in OAUTH}


def rejections(simulator: Simulator) -> int:
    return sum(each["status"] == 401 for each in simulator.requests)


def test_a_valid_access_token_is_not_refreshed(three: ThreeProviders) -> None:
    three.meet()
    three.drain()
    three.cancel()
    three.drain()

    assert dict.fromkeys(OAUTH, 0) == refreshes(three)


def test_an_expired_access_token_is_refreshed_once_before_the_first_request(
    three: ThreeProviders,
) -> None:
    three.meet()
    three.drain()
    three.servers.expire_access()
    three.advance(LIFETIME)
    three.change(title="Review")

    waits = three.drain()

    assert ([], ONCE) == (waits, refreshes(three))
    assert [0, 0] == [rejections(three.servers.simulator(each)) for each in OAUTH]
    three.assert_in_sync()


def test_an_access_token_revoked_early_is_refreshed_once(three: ThreeProviders) -> None:
    three.meet()
    three.drain()
    three.servers.expire_access()
    for title in ("Second", "Third", "Fourth"):
        three.change(title=title)

        assert [] == three.drain()

    assert ONCE == refreshes(three)
    three.assert_in_sync()


@pytest.mark.parametrize("provider", OAUTH)
def test_an_access_token_that_expires_between_two_requests_is_refreshed_once(
    three: ThreeProviders, provider: Provider
) -> None:
    three.meet()
    three.drain()
    three.servers.test_servers[provider].fail_next(
        ServerFailure.UNAUTHORIZED, method=CHANGES[provider]
    )
    three.change(title="Review")

    waits = three.drain()

    assert [] == waits
    assert 1 == three.servers.refreshes(provider)
    three.assert_in_sync()


def test_many_concurrent_sessions_refresh_each_access_token_once(three: ThreeProviders) -> None:
    names = [f"s{number}" for number in range(1, 7)]
    three.servers.expire_access()
    for each in names:
        three.meet(each)

    def deliver(event_id: str) -> timedelta | None:
        return three.sync.reconcile(event_id, now=three.at)

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(deliver, names))
    for each in names:
        three.drain(each)

    assert ONCE == refreshes(three)
    assert [len(names)] * 3 == [len(three.visible_entries(each)) for each in USERS]
    states = {three.state(provider, each) for each in names for provider in USERS}
    assert {CopyState.SYNCED} == states


@pytest.mark.parametrize("provider", OAUTH)
def test_many_concurrent_readers_of_a_calendar_refresh_its_token_once(
    three: ThreeProviders, provider: Provider
) -> None:
    slow = {"kind": "slow", "seconds": 0.2}
    three.servers.simulator(provider).break_next(slow, path="*/token", times=9)
    three.servers.expire_access()
    calendars = Calendars(
        providers=three.providers,
        tokens=three.tokens_over(three.people, pause=pause),
        meter=three.meter,
        deadline=timedelta(seconds=20),
    )
    connection = three.connection(USERS[provider], provider)
    assert connection

    def read(_: int) -> SourceState:
        (reading,) = calendars.read([connection], Interval(START, START + timedelta(days=1)))
        return reading.state

    with ThreadPoolExecutor(6) as pool:
        states = list(pool.map(read, range(6)))

    assert [SourceState.OK] * 6 == states
    assert 1 == three.servers.refreshes(provider)


@pytest.mark.parametrize("provider", OAUTH)
def test_a_revoked_grant_requires_a_reconnect_and_works_after_it(
    three: ThreeProviders, provider: Provider
) -> None:
    three.meet()
    three.drain()
    three.servers.end_grant(provider)
    three.change(title="Review")

    waits = three.drain()

    connection = three.connection(USERS[provider], provider)
    assert connection
    assert ([], CopyState.RECONNECT_REQUIRED) == (waits, three.state(provider))
    assert ConnectionStatus.RECONNECT_REQUIRED is connection.status
    assert ["Coaching"] == [each.title for each in three.visible_entries(provider)]
    three.assert_in_sync(leaving_out=provider)
    three.join(provider)
    assert three.deliver() is None
    three.assert_in_sync()


def test_a_revoked_password_requires_a_reconnect_and_works_after_it(
    three: ThreeProviders,
) -> None:
    three.join(Provider.APPLE, credential=Credentials(USERNAME, "revoked").as_json)
    three.meet()

    waits = three.drain()

    assert ([], CopyState.RECONNECT_REQUIRED) == (waits, three.state(Provider.APPLE))
    three.assert_in_sync(leaving_out=Provider.APPLE)
    three.join(Provider.APPLE)
    assert three.deliver() is None
    three.assert_in_sync()


@pytest.mark.parametrize("provider", OAUTH)
def test_a_grant_revoked_before_a_cancellation_leaves_the_entry(
    three: ThreeProviders, provider: Provider
) -> None:
    three.meet()
    three.drain()
    three.servers.end_grant(provider)
    three.cancel()

    three.drain()

    assert CopyState.RECONNECT_REQUIRED is three.state(provider)
    assert 1 == len(three.visible_entries(provider))
    three.assert_in_sync(leaving_out=provider)
    three.join(provider)
    three.drain()
    three.assert_in_sync()
