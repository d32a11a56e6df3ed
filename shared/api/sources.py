"""How the calendars an answer rests on are told."""

from typing import Any

from shared.domain.caller import Caller
from shared.usecases.calendars import Source


def source(asked: Source, caller: Caller | None) -> dict[str, Any]:
    """Return the contract's source; connectionId is for the caller's own calendars only."""
    own = caller is not None and caller.user_id == asked.user_id
    return {
        "userId": asked.user_id,
        **({"connectionId": asked.connection_id} if own else {}),
        "provider": asked.provider,
        "state": asked.state,
    }
