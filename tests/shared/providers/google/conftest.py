from collections.abc import Iterator

import pytest

from infra.local.simulators import google
from infra.local.simulators.google_calendar import BASE
from shared.providers.http import Http
from tests.support import google_peer
from tests.support.google_discovery import CheckedTransport
from tests.support.google_peer import GooglePeer
from tests.support.google_sign_in import Flow, oauth_for
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


@pytest.fixture
def http() -> Iterator[Http]:
    """What asks Google nothing that its description does not know."""
    sender = Http(CheckedTransport(BASE))
    yield sender
    sender.close()


@pytest.fixture
def flow(http: Http) -> Iterator[Flow]:
    with google.serve() as simulator:
        yield Flow(oauth_for(simulator, http), simulator)
