"""Chromium, started once for the tests of a module."""

from collections.abc import Iterator

import pytest

from tests.support.chromium import Chromium, Profile, chromium


@pytest.fixture(scope="package")
def browser() -> Iterator[Chromium]:
    """ChromeDriver."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def profiles(browser: Chromium) -> Iterator[tuple[Profile, Profile]]:
    """The browsers of two people."""
    with browser.profile() as one, browser.profile() as another:
        yield one, another


@pytest.fixture
def own(profiles: tuple[Profile, Profile]) -> Profile:
    """The browser in which a user starts connecting, without cookies."""
    profiles[0].forget_cookies()
    return profiles[0]


@pytest.fixture
def other(profiles: tuple[Profile, Profile]) -> Profile:
    """Another person's browser, without cookies."""
    profiles[1].forget_cookies()
    return profiles[1]
