import pytest

from infra.local.aws import create_resources
from tests.support.aws import fresh_account


@pytest.fixture
def environment(ministack_url: str) -> dict[str, str]:
    """Create resources nobody else sees and return what leads to them."""
    return create_resources(ministack_url, account=fresh_account())
