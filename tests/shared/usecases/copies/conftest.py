"""Calendars at every provider, on one set of servers per process."""

from collections.abc import Iterator

import pytest

from tests.support.provider_servers import ProviderServers, provider_servers
from tests.support.three_providers import ThreeProviders


@pytest.fixture(scope="session")
def servers() -> Iterator[ProviderServers]:
    with provider_servers() as running:
        yield running


@pytest.fixture
def three(servers: ProviderServers) -> ThreeProviders:
    """Three people, each with an empty calendar at another provider."""
    servers.reset()
    return ThreeProviders(servers)
