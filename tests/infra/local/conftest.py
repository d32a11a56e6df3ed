import pytest

from infra.local.aws import create_resources
from tests.support.aws import fresh_account
from tests.support.aws_fixtures import ministack_url

__all__ = ["ministack_url"]


@pytest.fixture
def environment(ministack_url: str) -> dict[str, str]:
    """Create resources in a new account and return the variables that point to them."""
    return create_resources(ministack_url, account=fresh_account())
