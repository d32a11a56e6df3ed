"""The transitions of the record of an invite, as pure functions."""

from dataclasses import replace
from datetime import datetime

from shared.domain.event import Event, EventStatus
from shared.domain.invite import (
    KEPT_ATTEMPTS,
    Attempt,
    DeliveryState,
    Invite,
    InviteMethod,
    MailContent,
    combined_state,
    mail_content,
)
from shared.domain.recipients import Audience, Recipient

SUPPRESSED = "OnAccountSuppressionList"
COMPLAINED = "RecipientComplained"
COMPLAINED_REASON = (
    "The recipient has complained about a mail of this service. An Admin can clear this by naming "
    "the address in resend-invites."
)


def new_invite(event: Event, recipient: Recipient) -> Invite:
    """Return the record of an invite without attempts."""
    return Invite(
        event_id=event.id,
        address=recipient.address,
        kind=recipient.kind,
        name=recipient.name,
        user_id=recipient.user_id,
    )


def next_step(invite: Invite, audience: Audience, *, now: datetime) -> Invite | None:
    """Return the record to store before sending, or None when there is nothing to do.

    The mail to send is the newest attempt if `is_due`. An unsent attempt of a worker that crashed
    may have been sent; it is sent again unchanged. A postponed attempt has not been sent: it gives
    way to newer content, and it is dropped if no mail is needed any more.
    """
    if audience.event.status is EventStatus.PENDING_APPROVAL:
        return None
    recipient = audience.recipients.get(invite.id)
    sent = _without_postponed(invite)
    updated = replace(_with_recipient(sent, recipient), resend=False, resend_since=None)
    content = _next_content(sent, audience, recipient)
    if content is None:
        return updated if is_unsent(sent) or updated != invite else None
    attempt = _waiting(invite, content, now=now) or Attempt(
        number=sent.attempt_count + 1, content=content, updated_at=now
    )
    step = replace(updated, attempts=_kept((*sent.attempts, attempt)))
    return None if step == invite else step


def is_due(invite: Invite, *, now: datetime) -> bool:
    """Whether the newest attempt must be sent now."""
    newest = invite.newest
    return (
        newest is not None
        and newest.is_unsent
        and (newest.not_before is None or newest.not_before <= now)
    )


def is_first_try(step: Invite, stored: Invite) -> bool:
    """Whether no worker has tried to send the newest attempt of the step yet."""
    return stored.newest != step.newest


def mark_postponed(attempt: Attempt, *, until: datetime, reason: str) -> Attempt:
    """Return the attempt as one over a limit, which is not sent before `until`."""
    return replace(attempt, not_before=until, diagnostic=reason)


def mark_complained(attempt: Attempt, *, now: datetime) -> Attempt:
    """Return the attempt to an address that has complained, which gets no mail."""
    failed = mark_rejected(attempt, COMPLAINED_REASON, now=now)
    return replace(failed, bounce_type=COMPLAINED)


def has_complained(invite: Invite) -> bool:
    """Whether the recipient has complained, as far as this invite shows."""
    newest = invite.newest
    return newest is not None and (
        newest.status is DeliveryState.COMPLAINT or newest.bounce_type == COMPLAINED
    )


def is_unsent(invite: Invite) -> bool:
    """Whether SES has not yet accepted the newest attempt."""
    return invite.newest is not None and invite.newest.is_unsent


def is_suppressed(invite: Invite) -> bool:
    """Whether the address is on a suppression list; only a resend by a user sends again.

    SES has a list, and this service has one of the recipients who complained.
    """
    on_ses_list = SUPPRESSED in ((invite.newest and invite.newest.bounce_type) or "")
    return on_ses_list or has_complained(invite)


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


def shortened(invite: Invite) -> Invite:
    """Return the invite with its newest attempt only, without the texts of SES.

    It needs less space than any record of the same attempt. Notifications find it by its tags.
    """
    newest = (replace(each, message_id=None, diagnostic=None) for each in invite.attempts[-1:])
    return replace(invite, attempts=tuple(newest))


def _kept(attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """Return the last attempts, with the last one of other content, which `is_update` needs."""
    recent, older = attempts[-KEPT_ATTEMPTS:], attempts[:-KEPT_ATTEMPTS]
    content = attempts[-1].content
    if not older or any(not _is_same(each.content, content) for each in recent):
        return recent
    others = [each for each in older if not _is_same(each.content, content)]
    return (*others[-1:], *recent[len(others[-1:]) :])


def _without_postponed(invite: Invite) -> Invite:
    """Return the invite without a postponed attempt; one of a resend requests it again."""
    if invite.newest is None or not invite.newest.is_postponed:
        return invite
    sent = replace(invite, attempts=invite.attempts[:-1])
    is_resend = sent.newest is not None and sent.newest.content == invite.newest.content
    return replace(sent, resend=invite.resend or is_resend)


def _waiting(invite: Invite, content: MailContent, *, now: datetime) -> Attempt | None:
    """Return the newest attempt if it has this content and waits for a limit."""
    newest = invite.newest
    if newest is None or newest.not_before is None or not newest.is_postponed:
        return None
    return newest if newest.content == content and newest.not_before > now else None


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


def _next_content(
    invite: Invite, audience: Audience, recipient: Recipient | None
) -> MailContent | None:
    """Return the content of the next attempt, or None when none is needed."""
    newest = invite.newest
    method = InviteMethod.REQUEST if recipient else InviteMethod.CANCEL
    desired = mail_content(audience.event, method)
    lowest = _lowest_sequence(audience, recipient) if recipient else 0
    if newest is None:
        first = replace(desired, sequence=max(desired.sequence, lowest))
        return first if recipient else None
    if is_suppressed(invite) and not invite.resend:
        return None
    if _is_same(newest.content, desired):
        is_requested = invite.resend and recipient is not None and not is_unsent(invite)
        return newest.content if is_requested else None
    return replace(desired, sequence=max(_next_sequence(newest.content, desired), lowest))


def _next_sequence(newest: MailContent, desired: MailContent) -> int:
    return max(desired.sequence, newest.sequence + (newest.method is not desired.method))


def _lowest_sequence(audience: Audience, recipient: Recipient) -> int:
    """Return a SEQUENCE above those of cancellations to former addresses of the same user.

    Both addresses may lead to one calendar, which must end up with the invitation.
    """
    former = [
        each.newest.content
        for each in audience.invites
        if each.newest and each.user_id == recipient.user_id and each.id not in audience.recipients
    ]
    if recipient.user_id is None or not former:
        return 0
    desired = mail_content(audience.event, InviteMethod.CANCEL)
    return 1 + max(
        each.sequence if each.method is InviteMethod.CANCEL else _next_sequence(each, desired)
        for each in former
    )


def _is_same(first: MailContent, second: MailContent) -> bool:
    """Whether two mails have the same content; all cancellations have."""
    if first.method is InviteMethod.CANCEL:
        return second.method is InviteMethod.CANCEL
    return (first.method, first.digest) == (second.method, second.digest)
