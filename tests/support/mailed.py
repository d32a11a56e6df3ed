"""An invite that has been mailed, and what SES says of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.invite import (
    Attempt,
    DeliveryState,
    Invite,
    InviteKind,
    InviteMethod,
    MailContent,
    Notification,
)

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ADDRESS = "ada@example.org"


def attempt(number: int = 1, **changes: Any) -> Attempt:
    """Return a mail as it is on record before it is sent."""
    fields: dict[str, Any] = {
        "number": number,
        "content": MailContent(method=InviteMethod.REQUEST, sequence=0, digest="d"),
        "updated_at": START,
    }
    return Attempt(**{**fields, **changes})


def invite(*attempts: Attempt, address: str = ADDRESS) -> Invite:
    """Return an invite of event `session-1` with those attempts, or one."""
    return Invite(
        event_id="session-1",
        address=address,
        kind=InviteKind.EXTERNAL,
        attempts=attempts or (attempt(),),
    )


def notification(state: DeliveryState, minutes: float = 1, **changes: Any) -> Notification:
    """Return what SES says so long after `START`, tagged with the first attempt."""
    fields: dict[str, Any] = {
        "message_id": "m-1",
        "at": START + timedelta(minutes=minutes),
        "event_id": "session-1",
        "invite_id": invite().id,
        "attempt": 1,
    }
    return Notification(state=state, **{**fields, **changes})
