from collections.abc import Iterator

import pytest

from tests.support import google_peer
from tests.support.google_peer import GooglePeer
from tests.support.provider_peers import Party


@pytest.fixture
def party() -> Iterator[Party]:
    """Google alone."""
    with google_peer.google_party() as found:
        yield found


@pytest.fixture
def peer(party: Party) -> GooglePeer:
    assert isinstance(party.peer, GooglePeer)
    return party.peer
