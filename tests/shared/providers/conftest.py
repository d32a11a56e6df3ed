from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.local.processes import radicale
from shared.providers.apple.client import CaldavProvider
from shared.providers.apple.credentials import Credentials
from tests.support import google_peer, icloudish, microsoft_peer
from tests.support.provider_peers import (
    IcloudishPeer,
    Party,
    RadicalePeer,
    apple_account,
)

RADICALE_USER = Credentials("coach", "pass wörd")

_MAKE_CALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<c:mkcalendar xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><set><prop>
<displayname>Sessions</displayname>
<c:supported-calendar-component-set><c:comp name="VEVENT"/></c:supported-calendar-component-set>
</prop></set></c:mkcalendar>"""


@pytest.fixture(scope="session")
def radicale_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("radicale")
    with radicale(folder, {RADICALE_USER.username: RADICALE_USER.password}) as url:
        RadicalePeer(f"{url}/coach/sessions/", RADICALE_USER).make_calendar(_MAKE_CALENDAR)
        yield url


@pytest.fixture
def radicale_party(radicale_url: str) -> Iterator[Party]:
    calendar = f"{radicale_url}/coach/sessions/"
    peer = RadicalePeer(calendar, RADICALE_USER)
    provider = CaldavProvider([urlsplit(radicale_url).netloc])
    yield Party(provider, apple_account(calendar, RADICALE_USER), peer)
    peer.clear()


@pytest.fixture
def icloudish_party() -> Iterator[Party]:
    with icloudish.icloudish() as (url, state):
        provider = CaldavProvider([urlsplit(url).netloc])
        credentials = Credentials(icloudish.USERNAME, icloudish.PASSWORD)
        account = apple_account(f"{url}{icloudish.CALENDAR}", credentials)
        yield Party(provider, account, IcloudishPeer(url, state))


@pytest.fixture
def google_party() -> Iterator[Party]:
    with google_peer.google_party() as party:
        yield party


@pytest.fixture
def microsoft_party() -> Iterator[Party]:
    with microsoft_peer.microsoft_party() as party:
        yield party


@pytest.fixture(params=["icloudish", "radicale", "google", "microsoft"])
def party(request: pytest.FixtureRequest) -> Party:
    """Every provider that keeps the contract, one after the other."""
    found: Party = request.getfixturevalue(f"{request.param}_party")
    return found


@pytest.fixture(params=["icloudish", "google", "microsoft"])
def faulty_party(request: pytest.FixtureRequest) -> Party:
    """Every provider whose peer can be told to fail."""
    found: Party = request.getfixturevalue(f"{request.param}_party")
    assert found.peer.can_fail
    return found
