"""Calendars at every provider, one set of servers per test process."""

from collections.abc import Iterator

import pytest

from tests.support.elsewhere import Elsewhere, elsewhere
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
