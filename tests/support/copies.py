"""The steps of a copy's life in a party's calendar, as a test takes them."""

from datetime import timedelta

from shared.domain.copy import CopyContent, CopyRef
from tests.support.provider_peers import Party, content

_TIMEOUT = timedelta(seconds=5)


def create(party: Party, told: CopyContent | None = None) -> CopyRef:
    """Make the copy, by default as `content` tells it."""
    return party.provider.create_copy(party.account, told or content(), timeout=_TIMEOUT)


def update(party: Party, ref: CopyRef, told: CopyContent | None = None) -> CopyRef:
    """Bring the copy up to date, by default with another title."""
    changed = told or content(title="New")
    return party.provider.update_copy(party.account, ref, changed, timeout=_TIMEOUT)


def delete(party: Party, ref: CopyRef | None) -> None:
    """Take the copy away, by its key where nobody knows where it is."""
    party.provider.delete_copy(party.account, ref, key=content().key, timeout=_TIMEOUT)
