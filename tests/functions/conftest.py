"""Fixtures that run the functions of this process in their own AWS account."""

from collections.abc import Iterator, Mapping

import pytest

from infra.local.aws import create_resources
from tests.support.aws import fresh_account
from tests.support.aws_fixtures import ministack_url
from tests.support.oauth_flows import OAuthSimulators, with_oauth_simulators
from tests.support.service import installed

__all__ = ["ministack_url"]


@pytest.fixture(scope="session")
def environment(ministack_url: str) -> Mapping[str, str]:
    """The functions' environment, created once per test process."""
    return create_resources(ministack_url, account=fresh_account())


@pytest.fixture(scope="package")
def service(environment: Mapping[str, str]) -> Iterator[None]:
    """The functions in that environment, at a fixed time."""
    with installed(environment):
        yield


@pytest.fixture(scope="module")
def running_simulators(ministack_url: str) -> Iterator[OAuthSimulators]:
    """The functions in their own account, with simulators of Google and Microsoft."""
    with with_oauth_simulators(ministack_url) as simulators:
        yield simulators


@pytest.fixture
def simulators(running_simulators: OAuthSimulators) -> OAuthSimulators:
    """The simulators, reset to their initial state."""
    running_simulators.google.reset()
    running_simulators.microsoft.reset()
    return running_simulators
