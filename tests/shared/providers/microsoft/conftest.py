from collections.abc import Iterator

import pytest

from tests.support import microsoft_test_server
from tests.support.microsoft_sign_in import MicrosoftSignInFlow, microsoft_flow
from tests.support.microsoft_test_server import MicrosoftTestServer
from tests.support.provider_cases import ProviderCase


@pytest.fixture
def case() -> Iterator[ProviderCase]:
    """The Microsoft simulator with one account."""
    with microsoft_test_server.microsoft_case() as case:
        yield case


@pytest.fixture
def server(case: ProviderCase) -> MicrosoftTestServer:
    assert isinstance(case.server, MicrosoftTestServer)
    return case.server


@pytest.fixture
def flow() -> Iterator[MicrosoftSignInFlow]:
    """A sign-in at a new Microsoft simulator."""
    with microsoft_flow() as flow:
        yield flow
