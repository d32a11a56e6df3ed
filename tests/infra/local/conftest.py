from collections.abc import Iterator
from itertools import count

import pytest

from infra.local.aws import create_resources
from infra.local.processes import ministack

_accounts = count(111111111111)


@pytest.fixture(scope="package")
def endpoint() -> Iterator[str]:
    """Run one local AWS for these tests."""
    with ministack() as url:
        yield url


@pytest.fixture
def environment(endpoint: str) -> dict[str, str]:
    """Create resources nobody else sees and return what leads to them."""
    return create_resources(endpoint, account=str(next(_accounts)))
