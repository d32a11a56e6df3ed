from collections.abc import Iterator

import pytest

from infra.local.simulators import google
from infra.local.simulators.google.calendar import BASE
from shared.providers.http import HttpClient
from tests.support import google_test_server
from tests.support.google_discovery import DiscoveryCheckedTransport
from tests.support.google_sign_in import GoogleSignInFlow, oauth_for
from tests.support.google_test_server import GoogleTestServer
from tests.support.provider_cases import ProviderCase


@pytest.fixture
def case() -> Iterator[ProviderCase]:
    """The Google simulator with one account."""
    with google_test_server.google_case() as case:
        yield case


@pytest.fixture
def server(case: ProviderCase) -> GoogleTestServer:
    assert isinstance(case.server, GoogleTestServer)
    return case.server


@pytest.fixture
def http() -> Iterator[HttpClient]:
    """An HTTP client that checks every Google request against the discovery document."""
    client = HttpClient(DiscoveryCheckedTransport(BASE))
    yield client
    client.close()


@pytest.fixture
def flow(http: HttpClient) -> Iterator[GoogleSignInFlow]:
    with google.serve() as simulator:
        yield GoogleSignInFlow(oauth_for(simulator, http), simulator)
