"""Copies of connections that use another calendar of their account now, at every provider."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.local.simulators.google.listing import Calendar
from shared.domain.connection import Provider
from shared.domain.copy import CopyState
from tests.support import icloud_simulator
from tests.support.google_test_server import EMAIL
from tests.support.icloud_collections import DavCollection
from tests.support.microsoft_test_server import MicrosoftTestServer
from tests.support.provider_servers import ProviderServers
from tests.support.three_providers import USERS, ProcessEnd, ThreeProviders, ending_worker

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

WORK = "work@group.calendar.google.com"
MOST_CALLS = 60


@pytest.fixture
def places(servers: ProviderServers) -> Iterator[ProviderServers]:
    """Servers with a second calendar in every account."""
    collection = DavCollection("work", title="Work")
    servers.icloud.collections.append(collection)
    yield servers
    servers.icloud.collections.remove(collection)


def with_second_calendars(servers: ProviderServers) -> dict[Provider, str]:
    """Add the second calendars after a reset; return their ids."""
    servers.google.calendar(EMAIL)
    servers.google.api.calendars[EMAIL, WORK] = Calendar(WORK, "Work", "UTC")
    outlook = servers.test_servers[Provider.OUTLOOK]
    assert isinstance(outlook, MicrosoftTestServer)
    outlook.mailbox.calendars["work/2"] = "Work"
    return {
        Provider.GOOGLE: WORK,
        Provider.OUTLOOK: "work/2",
        Provider.APPLE: f"{servers.icloud_url}{icloud_simulator.HOME}work/",
    }


def use(three: ThreeProviders, calendars: dict[Provider, str]) -> None:
    for provider, calendar_id in calendars.items():
        connection = three.connection(USERS[provider], provider)
        assert connection is not None
        three.people.save_connection(replace(connection, calendar_id=calendar_id))


def counts(servers: ProviderServers) -> list[tuple[int, int]]:
    """Return how many entries the first and the second calendar of each account have."""
    outlook = servers.test_servers[Provider.OUTLOOK]
    assert isinstance(outlook, MicrosoftTestServer)
    google, paths = servers.google.api, list(servers.icloud.objects)
    first, second = (len(google.calendar(EMAIL, each).current_events()) for each in (EMAIL, WORK))
    home, work = (sum(f"/{each}/" in path for path in paths) for each in ("home", "work"))
    outlook_second = len(outlook.mailbox.events("work/2"))
    return [(first, second), (len(outlook.items()), outlook_second), (home, work)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_copies_follow_their_connection_to_another_calendar(
    places: ProviderServers, *, after: bool
) -> None:
    for step in range(1, MOST_CALLS):
        places.reset()
        calendars = with_second_calendars(places)
        three = ThreeProviders(places)
        three.meet()
        three.drain()
        assert [(1, 0)] * 3 == counts(places)
        use(three, calendars)

        death = ProcessEnd(step, after=after)
        three.sync = ending_worker(three, death)
        three.deliver()
        three.sync = three.worker()
        three.drain()

        assert [(0, 1)] * 3 == counts(places)
        assert {CopyState.SYNCED} == {three.state(each) for each in USERS}
        if not death.has_fired:
            break

    assert 9 < step < MOST_CALLS - 1


def test_a_session_cancelled_after_the_change_is_removed_from_the_old_calendar(
    places: ProviderServers,
) -> None:
    places.reset()
    calendars = with_second_calendars(places)
    three = ThreeProviders(places)
    three.meet()
    three.drain()
    use(three, calendars)

    three.cancel()
    three.drain()

    assert [(0, 0)] * 3 == counts(places)
