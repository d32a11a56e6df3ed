from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.local.processes import radicale
from shared.providers.apple.client import CaldavProvider
from shared.providers.apple.credentials import Credentials
from tests.support import google_test_server, icloud_simulator, microsoft_test_server
from tests.support.provider_cases import (
    IcloudTestServer,
    ProviderCase,
    RadicaleTestServer,
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
        RadicaleTestServer(f"{url}/coach/sessions/", RADICALE_USER).make_calendar(_MAKE_CALENDAR)
        yield url


@pytest.fixture
def radicale_case(radicale_url: str) -> Iterator[ProviderCase]:
    calendar = f"{radicale_url}/coach/sessions/"
    server = RadicaleTestServer(calendar, RADICALE_USER)
    provider = CaldavProvider([urlsplit(radicale_url).netloc])
    yield ProviderCase(provider, apple_account(calendar, RADICALE_USER), server)
    server.clear()


@pytest.fixture
def icloud_case() -> Iterator[ProviderCase]:
    with icloud_simulator.serve_icloud() as (url, simulator):
        provider = CaldavProvider([urlsplit(url).netloc])
        credentials = Credentials(icloud_simulator.USERNAME, icloud_simulator.PASSWORD)
        account = apple_account(f"{url}{icloud_simulator.CALENDAR}", credentials)
        yield ProviderCase(provider, account, IcloudTestServer(url, simulator))


@pytest.fixture
def google_case() -> Iterator[ProviderCase]:
    with google_test_server.google_case() as case:
        yield case


@pytest.fixture
def microsoft_case() -> Iterator[ProviderCase]:
    with microsoft_test_server.microsoft_case() as case:
        yield case


@pytest.fixture(params=["icloud", "radicale", "google", "microsoft"])
def case(request: pytest.FixtureRequest) -> ProviderCase:
    """Each provider that must meet the contract."""
    selected: ProviderCase = request.getfixturevalue(f"{request.param}_case")
    return selected


@pytest.fixture(params=["icloud", "google", "microsoft"])
def faulty_case(request: pytest.FixtureRequest) -> ProviderCase:
    """Each provider with a server that can be made to fail."""
    selected: ProviderCase = request.getfixturevalue(f"{request.param}_case")
    assert selected.server.can_fail
    return selected
