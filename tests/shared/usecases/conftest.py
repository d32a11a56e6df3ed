import pytest

from tests.support.platform import Platform


@pytest.fixture
def platform() -> Platform:
    """A platform in memory, without any users."""
    return Platform()
