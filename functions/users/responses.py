"""Response data about erasures."""

from typing import Literal

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import InstantText
from shared.domain.erasure import Erasure


class ErasureOut(TypedDict):
    """The progress of an erasure, or its receipt: who asked for it, when, and what was erased."""

    userId: str
    status: Literal["RUNNING", "COMPLETED"]
    requestedBy: str
    requestedAt: InstantText
    completedAt: InstantText | None
    erased: dict[str, int]


def erasure_out(erasure: Erasure, user_id: str) -> ErasureOut:
    """Return the contract's Erasure; the stored receipt has only a digest of the user id."""
    return {
        "userId": user_id,
        "status": "RUNNING" if erasure.is_running else "COMPLETED",
        "requestedBy": erasure.requested_by,
        "requestedAt": zulu(erasure.requested_at),
        "completedAt": zulu(erasure.completed_at) if erasure.completed_at else None,
        "erased": dict(erasure.counts),
    }
