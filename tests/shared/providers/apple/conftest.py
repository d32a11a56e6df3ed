from typing import cast

import pytest

from tests.support import icloud_simulator
from tests.support.provider_cases import IcloudTestServer, ProviderCase


@pytest.fixture
def simulator(icloud_case: ProviderCase) -> icloud_simulator.IcloudSimulator:
    """The iCloud simulator behind `icloud_case`."""
    return cast("IcloudTestServer", icloud_case.server).simulator
