from collections.abc import Iterator

import pytest

from tests.support import microsoft_peer
from tests.support.microsoft_peer import MicrosoftPeer
from tests.support.microsoft_sign_in import SigningIn, signing_in
from tests.support.provider_peers import Party


@pytest.fixture
def party() -> Iterator[Party]:
    """Microsoft alone."""
    with microsoft_peer.microsoft_party() as found:
        yield found


@pytest.fixture
def peer(party: Party) -> MicrosoftPeer:
    assert isinstance(party.peer, MicrosoftPeer)
    return party.peer


@pytest.fixture
def there() -> Iterator[SigningIn]:
    """Microsoft, where nobody has signed in yet."""
    with signing_in() as there:
        yield there
