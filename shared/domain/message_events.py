"""The domain events of calendar copies, of invitations by mail, and of webhooks."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shared.domain.copy import Copy, CopyState
from shared.domain.domain_event import (
    DomainEvent,
    DomainEventType,
    EventSubject,
    SubjectKind,
    domain_event,
    instant_text,
)
from shared.domain.invite import Attempt, DeliveryState, Invite, InviteKind

_COPY_TYPES = {
    CopyState.SYNCED: DomainEventType.COPY_SYNCED,
    CopyState.REMOVED: DomainEventType.COPY_SYNCED,
    CopyState.FAILED: DomainEventType.COPY_FAILED,
    CopyState.RECONNECT_REQUIRED: DomainEventType.COPY_FAILED,
}
"""By state: the type. A removed copy matches its session too; PENDING is no outcome."""

_MAIL_TYPES = {
    DeliveryState.SENT: DomainEventType.INVITE_SENT,
    DeliveryState.DELIVERED: DomainEventType.INVITE_DELIVERED,
    DeliveryState.BOUNCED: DomainEventType.INVITE_BOUNCED,
    DeliveryState.FAILED: DomainEventType.INVITE_BOUNCED,
    DeliveryState.REJECTED: DomainEventType.INVITE_BOUNCED,
    DeliveryState.COMPLAINT: DomainEventType.INVITE_COMPLAINED,
}
"""By status: the type. A mail that SES rejected or could not send was not delivered either."""


def copy_events(old: Copy | None, new: Copy | None) -> Iterator[DomainEvent]:
    """Yield the domain event of a write that recorded an outcome of a copy."""
    if new is None or new.state not in _COPY_TYPES or (old and _outcome(old) == _outcome(new)):
        return
    yield domain_event(
        _COPY_TYPES[new.state],
        EventSubject(SubjectKind.COPY, f"{new.event_id}/{new.connection_id}"),
        new.row_version,
        at=new.updated_at,
        data={
            "sessionId": new.event_id,
            "connectionId": new.connection_id,
            "userId": new.user_id,
            "provider": new.provider.value,
            "state": new.state.value,
            "sessionVersion": new.desired_version,
        },
    )


def invite_events(
    old: Invite | None, new: Invite | None, *, shows_guests: bool
) -> Iterator[DomainEvent]:
    """Yield the domain events of a write that recorded a delivery status or an answer.

    With `shows_guests`, those about guests have the guest's address.
    """
    if new is None:
        return
    before = {each.number: each.status for each in old.attempts} if old else {}
    facts = _recipient(new, shows_guests=shows_guests)
    subject = EventSubject(SubjectKind.INVITE, f"{new.event_id}/{new.id}")
    for attempt in new.attempts:
        kind = _MAIL_TYPES.get(attempt.status)
        if kind and before.get(attempt.number) is not attempt.status:
            yield domain_event(
                kind,
                subject,
                new.row_version,
                at=attempt.updated_at,
                data={**facts, "mail": _mail(attempt)},
                part=str(attempt.number),
            )
    if new.response and (old is None or old.response != new.response):
        yield domain_event(
            DomainEventType.INVITE_RESPONDED,
            subject,
            new.row_version,
            at=new.response.received_at,
            data={
                **facts,
                "answer": new.response.answer.value,
                "respondedAt": instant_text(new.response.responded_at),
            },
        )


def webhook_disabled(webhook_id: str, version: int, reason: str, *, at: datetime) -> DomainEvent:
    """Return the domain event of a webhook that is sent no domain events any more."""
    return domain_event(
        DomainEventType.WEBHOOK_DISABLED,
        EventSubject(SubjectKind.WEBHOOK, webhook_id),
        version,
        at=at,
        data={"webhookId": webhook_id, "reason": reason},
    )


def _outcome(copy: Copy) -> tuple[CopyState, int, int, str | None]:
    return copy.state, copy.desired_version, copy.applied_version, copy.error


def _recipient(invite: Invite, *, shows_guests: bool) -> dict[str, Any]:
    """Return who is invited; a guest is known by the invite id, a participant by the user id."""
    is_guest = invite.kind is InviteKind.EXTERNAL
    return {
        "sessionId": invite.event_id,
        "inviteId": invite.id,
        "kind": invite.kind.value,
        "userId": invite.user_id,
        **({"email": invite.address} if is_guest and shows_guests else {}),
    }


def _mail(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt": attempt.number,
        "method": attempt.content.method.value,
        "sequence": attempt.content.sequence,
        "status": attempt.status.value,
        "bounceType": attempt.bounce_type,
    }
