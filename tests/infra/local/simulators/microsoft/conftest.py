from collections.abc import Iterator

import httpx
import pytest

from infra.local.simulators import microsoft
from shared.providers.tls import tls_context
from tests.support.microsoft_requests import SCOPE
from tests.support.microsoft_test_server import EMAIL


@pytest.fixture
def simulator() -> Iterator[microsoft.MicrosoftSimulator]:
    with microsoft.serve() as simulator:
        yield simulator


@pytest.fixture
def client(simulator: microsoft.MicrosoftSimulator) -> Iterator[httpx.Client]:
    token, _ = simulator.sign_ins.grant(EMAIL, frozenset(SCOPE.split()))
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=simulator.graph_url, headers=headers, verify=tls_context()
    ) as client:
        yield client
