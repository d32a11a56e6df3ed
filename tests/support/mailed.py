"""Sample invites with attempts, and SES notifications about them."""

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
    """Return a mail as it is stored before it is sent."""
    fields: dict[str, Any] = {
        "number": number,
        "content": MailContent(method=InviteMethod.REQUEST, sequence=0, digest="d"),
        "updated_at": START,
    }
    return Attempt(**{**fields, **changes})


def invite(*attempts: Attempt, address: str = ADDRESS) -> Invite:
    """Return an invite to event `session-1` with the given attempts, or with one."""
    return Invite(
        event_id="session-1",
        address=address,
        kind=InviteKind.EXTERNAL,
        attempts=attempts or (attempt(),),
    )


def notification(state: DeliveryState, minutes: float = 1, **changes: Any) -> Notification:
    """Return an SES notification `minutes` after `START`, tagged with the first attempt."""
    fields: dict[str, Any] = {
        "message_id": "m-1",
        "at": START + timedelta(minutes=minutes),
        "event_id": "session-1",
        "invite_id": invite().id,
        "attempt": 1,
    }
    return Notification(state=state, **{**fields, **changes})
