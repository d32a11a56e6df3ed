"""The transitions of the record of an invite, as pure functions."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from shared.domain.event import Event, EventStatus
from shared.domain.invite import (
    KEPT_ATTEMPTS,
    Attempt,
    DeliveryState,
    Invite,
    InviteMethod,
    MailContent,
    Shown,
    mail_content,
    shown,
    strength,
)
from shared.domain.recipients import Audience, Recipient

COMPLAINED = "RecipientComplained"
COMPLAINED_REASON = (
    "The recipient has complained about a mail of this service. An Admin can clear this by naming "
    "the address in resend-invites."
)

ENDED_REASON = "The session was over before the mail could be sent."


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
    may have been sent; it is sent again unchanged. An attempt that waits, for a limit or because
    SES refused it, has not been sent: it gives way to newer content, and it is dropped if no mail
    is needed any more. A pending event invites no one, and after the end of the session nothing is
    sent.
    """
    if audience.event.has_ended(now=now):
        last = replace(_given_up(invite, now=now), resend=False, resend_since=None)
        return None if last == invite else last
    is_pending = audience.event.status is EventStatus.PENDING_APPROVAL
    recipient = None if is_pending else audience.recipients.get(invite.id)
    sent = _without_waiting(invite)
    updated = replace(_with_recipient(sent, recipient), resend=False, resend_since=None)
    content = _next_content(sent, audience, recipient)
    if content is None:
        is_changed = is_unsent(sent) or updated != invite
        return _stamped(updated, now=now) if is_changed else None
    attempt = _waiting(invite, content, now=now) or Attempt(
        number=sent.attempt_count + 1,
        content=content,
        shown=shown(audience.event) if content.method is InviteMethod.REQUEST else None,
        event_version=audience.event.version,
        updated_at=now,
    )
    step = replace(updated, attempts=_kept((*sent.attempts, attempt)))
    return None if step == invite and not is_due(step, now=now) else _stamped(step, now=now)


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
    before = stored.newest
    return before is None or before.is_postponed or stored.attempt_count != step.attempt_count


def mark_postponed(attempt: Attempt, *, until: datetime, reason: str) -> Attempt:
    """Return the attempt as one over a limit, which is not sent before `until`."""
    return replace(attempt, not_before=until, diagnostic=reason)


def mark_refused(attempt: Attempt) -> Attempt:
    """Return the attempt after SES answered that it does not accept the mail now."""
    return replace(attempt, is_refused=True)


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
    newest = invite.newest
    return has_complained(invite) or (newest is not None and newest.is_suppressed)


def is_update(invite: Invite) -> bool:
    """Whether the newest attempt replaces an invitation with other content."""
    return _replaced(invite) is not None


def shown_before(invite: Invite) -> Shown | None:
    """Return what the invitation showed that the newest attempt replaces; None if not known."""
    replaced = _replaced(invite)
    return replaced.shown if replaced else None


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


def _given_up(invite: Invite, *, now: datetime) -> Invite:
    """Return the invite without a mail that still waits to be sent."""
    newest = invite.newest
    if newest is None or not newest.is_unsent:
        return invite
    return with_attempt(invite, mark_rejected(newest, ENDED_REASON, now=now))


def _replaced(invite: Invite) -> Attempt | None:
    """Return the invitation that the recipient may hold and the newest attempt replaces."""
    newest = invite.attempts[-1].content
    if newest.method is InviteMethod.CANCEL:
        return None
    held = None
    for each in invite.attempts[:-1]:
        is_request = each.content.method is InviteMethod.REQUEST
        if each.may_have_arrived and not is_request:
            held = None
        elif each.may_have_arrived and not _is_same(each.content, newest):
            held = each
    return held


def _kept(attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """Return the last attempts, with the older one that `is_update` and `Invite.held` need."""
    recent, older = attempts[-KEPT_ATTEMPTS:], attempts[:-KEPT_ATTEMPTS]
    if not older:
        return recent
    content = attempts[-1].content
    held = [each for each in older if each.may_have_arrived]
    others = [each for each in held if not _is_same(each.content, content)]
    needed = (others or held)[-1:]
    return (*needed, *recent[len(needed) :])


def _stamped(step: Invite, *, now: datetime) -> Invite:
    """Return the record with the DTSTAMP of the mail to send, which is later than that of others.

    It is stored before the mail is sent, so that it is later even after a crash.
    """
    if step.newest is None or not is_due(step, now=now):
        return step
    stamps = [each.stamp or each.updated_at for each in step.attempts[:-1]]
    earliest = max(stamps) + timedelta(seconds=1) if stamps else now
    stamp = max(now, earliest, step.newest.stamp or now)
    return with_attempt(step, replace(step.newest, stamp=stamp, is_refused=False))


def _without_waiting(invite: Invite) -> Invite:
    """Return the invite without an attempt that waits; one of a resend requests it again."""
    if invite.newest is None or not invite.newest.is_certainly_unsent:
        return invite
    sent = replace(invite, attempts=invite.attempts[:-1])
    is_resend = sent.newest is not None and sent.newest.content == invite.newest.content
    return replace(sent, resend=invite.resend or is_resend)


def _waiting(invite: Invite, content: MailContent, *, now: datetime) -> Attempt | None:
    """Return the newest attempt if it has this content and waits for a limit or for SES."""
    newest = invite.newest
    if newest is None or newest.content != content or not newest.is_certainly_unsent:
        return None
    return None if newest.not_before and newest.not_before <= now else newest


def _with_state(attempt: Attempt, state: DeliveryState, *, now: datetime) -> Attempt:
    is_seen = any(seen is state for seen, _ in attempt.seen)
    return replace(
        attempt,
        status=max(attempt.status, state, key=partial(strength, bounce_type=attempt.bounce_type)),
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
    if recipient is None:
        return _next_cancellation(invite, audience)
    newest, desired = invite.newest, mail_content(audience.event, InviteMethod.REQUEST)
    lowest = _lowest_sequence(audience, recipient)
    if newest is None:
        return replace(desired, sequence=max(desired.sequence, lowest))
    if is_suppressed(invite) and not invite.resend:
        return None
    if _is_same(newest.content, desired):
        return newest.content if invite.resend and not is_unsent(invite) else None
    sequence = max(_next_sequence(newest, audience.event, InviteMethod.REQUEST), lowest)
    return replace(desired, sequence=sequence)


def _next_cancellation(invite: Invite, audience: Audience) -> MailContent | None:
    """Return the content of a cancellation, None when none is needed.

    It goes to those who may hold an invitation, and to those whose calendar may have a copy that
    cannot be removed. One that failed is repeated on request.
    """
    newest, desired = invite.newest, mail_content(audience.event, InviteMethod.CANCEL)
    left_over = audience.left_over.get(invite.id)
    if newest is None:
        return replace(desired, sequence=desired.sequence + 1) if left_over is not None else None
    if is_suppressed(invite) and not invite.resend:
        return None
    is_informed = newest.content.method is InviteMethod.CANCEL and newest.event_version > (
        -1 if left_over is None else left_over
    )
    if is_informed:
        needed = invite.resend and not is_unsent(invite)
        return newest.content if needed else None
    if invite.held is None and left_over is None:
        return None
    sequence = _next_sequence(newest, audience.event, InviteMethod.CANCEL)
    return replace(desired, sequence=sequence)


def _next_sequence(newest: Attempt, event: Event, method: InviteMethod) -> int:
    """Return the SEQUENCE of the next mail: it rises with the method, the time and the place."""
    before = newest.shown
    is_other = (
        newest.content.method is not method
        or before is None
        or (before.interval, before.location) != (event.interval, event.location)
    )
    return max(event.sequence, newest.content.sequence + is_other)


def _lowest_sequence(audience: Audience, recipient: Recipient) -> int:
    """Return a SEQUENCE above those of cancellations to former addresses of the same user.

    Both addresses may lead to one calendar, which must end up with the invitation.
    """
    if recipient.user_id is None:
        return 0
    former = (
        each.newest
        for each in audience.invites
        if each.newest and each.user_id == recipient.user_id and each.id not in audience.recipients
    )
    return max((1 + _last_sequence(each, audience.event) for each in former), default=0)


def _last_sequence(newest: Attempt, event: Event) -> int:
    """Return the SEQUENCE of the cancellation that follows or that the newest attempt is."""
    if newest.content.method is InviteMethod.CANCEL:
        return newest.content.sequence
    return _next_sequence(newest, event, InviteMethod.CANCEL)


def _is_same(first: MailContent, second: MailContent) -> bool:
    """Whether two mails have the same content; all cancellations have."""
    if first.method is InviteMethod.CANCEL:
        return second.method is InviteMethod.CANCEL
    return (first.method, first.digest) == (second.method, second.digest)
