"""The functions of this process on an account of their own."""

from collections.abc import Iterator, Mapping

import pytest

from infra.local.aws import create_resources
from tests.support.aws import fresh_account
from tests.support.oauth_flows import Peers, beside_providers
from tests.support.service import installed


@pytest.fixture(scope="session")
def environment(ministack_url: str) -> Mapping[str, str]:
    """What the functions would be given; made once per test process."""
    return create_resources(ministack_url, account=fresh_account())


@pytest.fixture(scope="package")
def service(environment: Mapping[str, str]) -> Iterator[None]:
    """The functions in that environment, at a fixed time."""
    with installed(environment):
        yield


@pytest.fixture(scope="module")
def served_peers(ministack_url: str) -> Iterator[Peers]:
    """The functions in an account of their own, beside a Google and a Microsoft."""
    with beside_providers(ministack_url) as peers:
        yield peers


@pytest.fixture
def peers(served_peers: Peers) -> Peers:
    """That Google and that Microsoft, in their first state."""
    served_peers.google.reset()
    served_peers.microsoft.reset()
    return served_peers
