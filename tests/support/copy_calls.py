"""Creates, updates and deletes a copy at the provider under test."""

from datetime import timedelta

from shared.domain.copy import CopyContent, CopyRef
from tests.support.provider_cases import ProviderCase, content

_TIMEOUT = timedelta(seconds=5)


def create(case: ProviderCase, wanted: CopyContent | None = None) -> CopyRef:
    """Create the copy, by default with `content()`."""
    return case.provider.create_copy(case.account, wanted or content(), timeout=_TIMEOUT)


def update(case: ProviderCase, ref: CopyRef, wanted: CopyContent | None = None) -> CopyRef:
    """Update the copy, by default with another title."""
    updated = wanted or content(title="New")
    return case.provider.update_copy(case.account, ref, updated, timeout=_TIMEOUT)


def delete(case: ProviderCase, ref: CopyRef | None) -> None:
    """Delete the copy, by its key if `ref` is None."""
    case.provider.delete_copy(case.account, ref, key=content().key, timeout=_TIMEOUT)
