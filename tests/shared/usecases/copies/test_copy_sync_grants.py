"""Calendar sync with access that expires or is withdrawn, at providers that really refresh it."""

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
from tests.support.icloudish import USERNAME
from tests.support.provider_peers import Failure
from tests.support.provider_servers import CHANGES
from tests.support.sync_world import START
from tests.support.three_calendars import LIFETIME, USERS, ThreeCalendars

OAUTH = (Provider.GOOGLE, Provider.OUTLOOK)
ONCE = dict.fromkeys(OAUTH, 1)


def refreshes(three: ThreeCalendars) -> dict[Provider, int]:
    return {each: three.elsewhere.refreshes(each) for each in OAUTH}


def refused(simulator: Simulator) -> int:
    return sum(each["status"] == 401 for each in simulator.requests)


def test_good_access_is_never_refreshed(three: ThreeCalendars) -> None:
    three.meet()
    three.drain()
    three.cancel()
    three.drain()

    assert dict.fromkeys(OAUTH, 0) == refreshes(three)


def test_access_that_has_run_out_is_refreshed_once_before_anything_is_asked(
    three: ThreeCalendars,
) -> None:
    three.meet()
    three.drain()
    three.elsewhere.expire_access()
    three.advance(LIFETIME)
    three.change(title="Review")

    waits = three.drain()

    assert ([], ONCE) == (waits, refreshes(three))
    assert [0, 0] == [refused(three.elsewhere.simulator(each)) for each in OAUTH]
    three.assert_right()


def test_access_that_ends_early_is_refreshed_once_and_the_work_done(three: ThreeCalendars) -> None:
    three.meet()
    three.drain()
    three.elsewhere.expire_access()
    for title in ("Second", "Third", "Fourth"):
        three.change(title=title)

        assert [] == three.drain()

    assert ONCE == refreshes(three)
    three.assert_right()


@pytest.mark.parametrize("provider", OAUTH)
def test_access_that_ends_between_two_requests_is_refreshed_once(
    three: ThreeCalendars, provider: Provider
) -> None:
    three.meet()
    three.drain()
    three.elsewhere.peers[provider].fail_next(Failure.UNAUTHORIZED, method=CHANGES[provider])
    three.change(title="Review")

    waits = three.drain()

    assert [] == waits
    assert 1 == three.elsewhere.refreshes(provider)
    three.assert_right()


def test_many_sessions_at_once_refresh_each_access_once(three: ThreeCalendars) -> None:
    names = [f"s{number}" for number in range(1, 7)]
    three.elsewhere.expire_access()
    for each in names:
        three.meet(each)

    def deliver(event_id: str) -> timedelta | None:
        return three.sync.reconcile(event_id, now=three.at)

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(deliver, names))
    for each in names:
        three.drain(each)

    assert ONCE == refreshes(three)
    assert [len(names)] * 3 == [len(three.shown(each)) for each in USERS]
    states = {three.state(provider, each) for each in names for provider in USERS}
    assert {CopyState.SYNCED} == states


@pytest.mark.parametrize("provider", OAUTH)
def test_many_readers_of_a_calendar_at_once_refresh_its_access_once(
    three: ThreeCalendars, provider: Provider
) -> None:
    slow = {"kind": "slow", "seconds": 0.2}
    three.elsewhere.simulator(provider).break_next(slow, path="*/token", times=9)
    three.elsewhere.expire_access()
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
    assert 1 == three.elsewhere.refreshes(provider)


@pytest.mark.parametrize("provider", OAUTH)
def test_a_withdrawn_grant_is_told_and_heals_with_the_next_delivery_once_given_again(
    three: ThreeCalendars, provider: Provider
) -> None:
    three.meet()
    three.drain()
    three.elsewhere.end_grant(provider)
    three.change(title="Review")

    waits = three.drain()

    connection = three.connection(USERS[provider], provider)
    assert connection
    assert ([], CopyState.RECONNECT_REQUIRED) == (waits, three.state(provider))
    assert ConnectionStatus.RECONNECT_REQUIRED is connection.status
    assert ["Coaching"] == [each.title for each in three.shown(provider)]
    three.assert_right(leaving_out=provider)
    three.join(provider)
    assert three.deliver() is None
    three.assert_right()


def test_a_withdrawn_password_is_told_and_heals_with_the_next_delivery_once_given_again(
    three: ThreeCalendars,
) -> None:
    three.join(Provider.APPLE, credential=Credentials(USERNAME, "withdrawn").as_json)
    three.meet()

    waits = three.drain()

    assert ([], CopyState.RECONNECT_REQUIRED) == (waits, three.state(Provider.APPLE))
    three.assert_right(leaving_out=Provider.APPLE)
    three.join(Provider.APPLE)
    assert three.deliver() is None
    three.assert_right()


@pytest.mark.parametrize("provider", OAUTH)
def test_a_grant_withdrawn_before_a_cancellation_leaves_what_nobody_may_remove(
    three: ThreeCalendars, provider: Provider
) -> None:
    three.meet()
    three.drain()
    three.elsewhere.end_grant(provider)
    three.cancel()

    three.drain()

    assert CopyState.RECONNECT_REQUIRED is three.state(provider)
    assert 1 == len(three.shown(provider))
    three.assert_right(leaving_out=provider)
    three.join(provider)
    three.drain()
    three.assert_right()
