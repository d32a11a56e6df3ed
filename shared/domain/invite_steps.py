"""The transitions of the record of an invite, as pure functions."""

from dataclasses import replace
from datetime import datetime

from shared.domain.event import Event, EventStatus
from shared.domain.invite import (
    Attempt,
    DeliveryState,
    Invite,
    InviteMethod,
    MailContent,
    combined_state,
    mail_content,
)
from shared.domain.recipients import Recipient

SUPPRESSED = "OnAccountSuppressionList"


def new_invite(event: Event, recipient: Recipient) -> Invite:
    """Return the record of an invite without attempts."""
    return Invite(
        event_id=event.id,
        address=recipient.address,
        kind=recipient.kind,
        name=recipient.name,
        user_id=recipient.user_id,
    )


def next_step(
    invite: Invite, event: Event, recipient: Recipient | None, *, now: datetime
) -> Invite | None:
    """Return the record to store before sending, or None when there is nothing to do.

    `recipient` is None when the event does not invite the address, or no longer does. The mail to
    send is the newest attempt if `is_unsent`. An unsent attempt of a worker that crashed may have
    been sent; it is sent again unchanged.
    """
    if event.status is EventStatus.PENDING_APPROVAL:
        return None
    updated = replace(_with_recipient(invite, recipient), resend=False, resend_since=None)
    content = _next_content(invite, event, recipient)
    if content is None:
        return updated if is_unsent(invite) or updated != invite else None
    attempt = Attempt(number=len(invite.attempts) + 1, content=content, updated_at=now)
    return replace(updated, attempts=(*invite.attempts, attempt))


def is_unsent(invite: Invite) -> bool:
    """Whether SES has not yet accepted the newest attempt."""
    return invite.newest is not None and invite.newest.is_unsent


def is_suppressed(invite: Invite) -> bool:
    """Whether the address is on the SES suppression list; only a resend by a user sends again."""
    return SUPPRESSED in ((invite.newest and invite.newest.bounce_type) or "")


def is_update(invite: Invite) -> bool:
    """Whether the newest attempt replaces an invitation with other content."""
    newest = invite.attempts[-1]
    others = [
        each.content for each in invite.attempts if not _is_same(each.content, newest.content)
    ]
    return (
        newest.content.method is InviteMethod.REQUEST
        and bool(others)
        and others[-1].method is InviteMethod.REQUEST
    )


def mark_sent(attempt: Attempt, message_id: str, *, now: datetime) -> Attempt:
    """Return the attempt after SES accepted it; notifications may have arrived before."""
    return replace(_with_state(attempt, DeliveryState.SENT, now=now), message_id=message_id)


def mark_rejected(attempt: Attempt, reason: str, *, now: datetime) -> Attempt:
    """Return the attempt after SES rejected the mail permanently."""
    return replace(_with_state(attempt, DeliveryState.FAILED, now=now), diagnostic=reason)


def with_attempt(invite: Invite, attempt: Attempt) -> Invite:
    """Return the invite with the attempt of that number replaced."""
    attempts = (attempt if each.number == attempt.number else each for each in invite.attempts)
    return replace(invite, attempts=tuple(attempts))


def _with_state(attempt: Attempt, state: DeliveryState, *, now: datetime) -> Attempt:
    is_seen = any(seen is state for seen, _ in attempt.seen)
    return replace(
        attempt,
        status=combined_state(attempt.status, state),
        seen=attempt.seen if is_seen else (*attempt.seen, (state, now)),
        updated_at=max(attempt.updated_at, now),
    )


def _with_recipient(invite: Invite, recipient: Recipient | None) -> Invite:
    if recipient is None:
        return invite
    return replace(invite, kind=recipient.kind, name=recipient.name, user_id=recipient.user_id)


def _next_content(invite: Invite, event: Event, recipient: Recipient | None) -> MailContent | None:
    """Return the content of the next attempt, or None when none is needed."""
    newest = invite.newest
    if newest is None:
        return mail_content(event, InviteMethod.REQUEST) if recipient else None
    if is_suppressed(invite) and not invite.resend:
        return None
    desired = mail_content(event, InviteMethod.REQUEST if recipient else InviteMethod.CANCEL)
    if _is_same(newest.content, desired):
        is_requested = invite.resend and recipient is not None and not is_unsent(invite)
        return newest.content if is_requested else None
    method_changed = newest.content.method is not desired.method
    sequence = max(desired.sequence, newest.content.sequence + method_changed)
    return replace(desired, sequence=sequence)


def _is_same(first: MailContent, second: MailContent) -> bool:
    """Whether two mails have the same content; all cancellations have."""
    if first.method is InviteMethod.CANCEL:
        return second.method is InviteMethod.CANCEL
    return (first.method, first.digest) == (second.method, second.digest)
