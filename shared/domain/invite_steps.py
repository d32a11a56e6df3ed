"""What becomes of the record of an invite: pure steps between one state of it and the next."""

from dataclasses import replace
from datetime import datetime

from shared.domain.event import Event, EventStatus
from shared.domain.invite import (
    Attempt,
    DeliveryState,
    Invite,
    InviteMethod,
    MailContent,
    join,
    mail_content,
)
from shared.domain.recipients import Recipient

SUPPRESSED = "OnAccountSuppressionList"


def new_invite(event: Event, recipient: Recipient) -> Invite:
    """Return the record of an invite still to be sent."""
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
    """Return the record as it must be before anything is sent, or None when all is said.

    `recipient` is None when the event does not invite the address (any more). What is to be sent is
    the newest attempt, when `is_unsent`; one that may have been sent, by a worker that died, is
    sent once more as it was.
    """
    if event.status is EventStatus.PENDING_APPROVAL:
        return None
    described = _described(invite, recipient)
    following = _following(invite, event, recipient)
    if following is None:
        settled = replace(described, resend=False, resend_since=None)
        return settled if is_unsent(invite) or settled != invite else None
    attempt = Attempt(number=len(invite.attempts) + 1, content=following, updated_at=now)
    attempts = (*invite.attempts, attempt)
    return replace(described, attempts=attempts, resend=False, resend_since=None)


def is_unsent(invite: Invite) -> bool:
    """Whether nobody knows of the newest attempt that it was sent."""
    return invite.newest is not None and invite.newest.is_unsent


def is_suppressed(invite: Invite) -> bool:
    """Whether SES keeps the address from getting mail; only a person may ask it to try again."""
    return SUPPRESSED in ((invite.newest and invite.newest.bounce_type) or "")


def is_update(invite: Invite) -> bool:
    """Whether the newest attempt replaces an invitation that said something else."""
    newest = invite.attempts[-1]
    others = [
        each.content for each in invite.attempts if not _say_the_same(each.content, newest.content)
    ]
    return (
        newest.content.method is InviteMethod.REQUEST
        and bool(others)
        and others[-1].method is InviteMethod.REQUEST
    )


def sent(attempt: Attempt, message_id: str, *, now: datetime) -> Attempt:
    """SES took the mail; a notification may have told so, or more, before."""
    return replace(_joined(attempt, DeliveryState.SENT, now=now), message_id=message_id)


def refused(attempt: Attempt, reason: str, *, now: datetime) -> Attempt:
    """SES will not take the mail."""
    return replace(_joined(attempt, DeliveryState.FAILED, now=now), diagnostic=reason)


def with_attempt(invite: Invite, attempt: Attempt) -> Invite:
    """Return the invite with that attempt in place of the one of its number."""
    attempts = (attempt if each.number == attempt.number else each for each in invite.attempts)
    return replace(invite, attempts=tuple(attempts))


def _joined(attempt: Attempt, state: DeliveryState, *, now: datetime) -> Attempt:
    is_known = any(known is state for known, _ in attempt.seen)
    return replace(
        attempt,
        status=join(attempt.status, state),
        seen=attempt.seen if is_known else (*attempt.seen, (state, now)),
        updated_at=max(attempt.updated_at, now),
    )


def _described(invite: Invite, recipient: Recipient | None) -> Invite:
    if recipient is None:
        return invite
    return replace(invite, kind=recipient.kind, name=recipient.name, user_id=recipient.user_id)


def _following(invite: Invite, event: Event, recipient: Recipient | None) -> MailContent | None:
    """Return what one more attempt must say, or None when there is to be none."""
    newest = invite.newest
    if newest is None:
        return mail_content(event, InviteMethod.REQUEST) if recipient else None
    if is_suppressed(invite) and not invite.resend:
        return None
    due = mail_content(event, InviteMethod.REQUEST if recipient else InviteMethod.CANCEL)
    if _say_the_same(newest.content, due):
        is_asked_for = invite.resend and recipient is not None and not is_unsent(invite)
        return newest.content if is_asked_for else None
    turned = newest.content.method is not due.method
    return replace(due, sequence=max(due.sequence, newest.content.sequence + turned))


def _say_the_same(first: MailContent, second: MailContent) -> bool:
    """A cancellation says one thing only, whatever was cancelled."""
    if first.method is InviteMethod.CANCEL:
        return second.method is InviteMethod.CANCEL
    return (first.method, first.digest) == (second.method, second.digest)
