from typing import cast

import pytest

from tests.support import icloudish
from tests.support.provider_peers import IcloudishPeer, Party


@pytest.fixture
def state(icloudish_party: Party) -> icloudish.Icloudish:
    """What the server with iCloud's ways holds, and what it was asked."""
    return cast("IcloudishPeer", icloudish_party.peer).state
