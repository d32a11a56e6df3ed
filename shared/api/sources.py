"""How the calendars an answer rests on are told."""

from typing import NotRequired

from typing_extensions import TypedDict

from shared.domain.caller import Caller
from shared.domain.connection import Provider
from shared.usecases.finding.calendars import Source, SourceState


class SourceOut(TypedDict):
    """A calendar that was asked; connectionId for the caller's own only."""

    userId: str
    connectionId: NotRequired[str]
    provider: Provider
    state: SourceState


def source(asked: Source, caller: Caller | None) -> SourceOut:
    """Return the contract's source; connectionId is for the caller's own calendars only."""
    told: SourceOut = {
        "userId": asked.user_id,
        "provider": asked.provider,
        "state": asked.state,
    }
    if caller is not None and caller.user_id == asked.user_id:
        told["connectionId"] = asked.connection_id
    return told
