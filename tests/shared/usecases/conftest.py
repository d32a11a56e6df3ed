"""The platform in memory, and calendars at every provider on one set of servers per process."""

from collections.abc import Iterator

import pytest

from tests.support.platform import Platform
from tests.support.provider_servers import Elsewhere, elsewhere
from tests.support.three_calendars import ThreeCalendars


@pytest.fixture(scope="session")
def providers_elsewhere() -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


@pytest.fixture
def three(providers_elsewhere: Elsewhere) -> ThreeCalendars:
    """Three people with a calendar each, empty."""
    providers_elsewhere.reset()
    return ThreeCalendars(providers_elsewhere)


@pytest.fixture
def platform() -> Platform:
    """Nobody has anything yet."""
    return Platform()
