"""Send one mail of an invite, and translate SES's errors into what to record or when to retry."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from shared.domain import invite_steps
from shared.domain.errors import CalendarServiceError, MailNotPermitted, MailRefused, MailRejected
from shared.domain.invite import Attempt, Invite, InviteKind
from shared.domain.recipients import Audience, inviter, mail_zone, reason_for
from shared.domain.retry import next_wait
from shared.ports import CancelCause, InviteMail, InviteWriter, Mailer, Meter, Metric

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendResult:
    """The result of sending a mail: the change to record, or how long to wait before retrying."""

    change: Callable[[Attempt], Attempt] | None = None
    wait: timedelta | None = None


class InviteSender:
    """Writes mails and sends them through SES.

    `mail_domain` is the last part of the UID of every session; never change it. `organization` is
    the name of the sender. `jitter` returns a random duration between zero and its argument.
    """

    def __init__(
        self,
        *,
        writer: InviteWriter,
        mailer: Mailer,
        mail_domain: str,
        organization: str,
        jitter: Callable[[timedelta], timedelta],
        meter: Meter,
    ) -> None:
        self._writer = writer
        self._mailer = mailer
        self._mail_domain = mail_domain
        self._organization = organization
        self._jitter = jitter
        self._meter = meter

    def send(
        self, audience: Audience, invite: Invite, attempt: Attempt, *, now: datetime
    ) -> SendResult:
        """Send the attempt, which is the newest one of the invite."""
        fields = {"event_id": invite.event_id, "invite_id": invite.id}
        try:
            message_id = self._send(audience, invite, attempt, now=now)
        except MailRejected as error:
            log.warning("mail rejected", extra={**fields, "reason": error.message})
            return self._rejected(error.message, now=now)
        except ValueError as error:
            # The same text fails every time, so do not retry.
            log.exception("mail cannot be written", extra=fields)
            return self._rejected(str(error), now=now)
        except CalendarServiceError as error:
            # SES is unavailable, or this stack has a fault that can be fixed from outside: retry.
            log.warning("mail not sent yet", extra={**fields, "reason": error.message})
            is_permitted = not isinstance(error, MailNotPermitted)
            self._meter.count(Metric.INVITES, fate="put_off" if is_permitted else "not_permitted")
            # Waiting as long again as the attempt has lasted doubles the wait each time.
            wait = next_wait(now - attempt.updated_at, jitter=self._jitter)
            is_refused = isinstance(error, MailRefused)
            return SendResult(invite_steps.mark_refused if is_refused else None, wait)
        self._meter.count(Metric.INVITES, fate="accepted")
        return SendResult(partial(invite_steps.mark_sent, message_id=message_id, now=now))

    def _send(self, audience: Audience, invite: Invite, attempt: Attempt, *, now: datetime) -> str:
        """Return SES's message id."""
        raw = self._writer.write(self._mail(audience, invite, attempt, now=now))
        tags = {"event": invite.event_id, "invite": invite.id, "attempt": str(attempt.number)}
        return self._mailer.send(raw, to=invite.address, tags=tags)

    def _mail(
        self, audience: Audience, invite: Invite, attempt: Attempt, *, now: datetime
    ) -> InviteMail:
        event, is_guest = audience.event, invite.kind is InviteKind.EXTERNAL
        return InviteMail(
            event=event,
            content=attempt.content,
            uid=f"{event.id}@{self._mail_domain}",
            address=invite.address,
            name=invite.name,
            stamp=attempt.stamp or now,
            sent_at=now,
            is_update=invite_steps.is_update(invite),
            before=invite_steps.shown_before(invite),
            zone=mail_zone(audience, invite.user_id),
            inviter=inviter(event, user_id=invite.user_id)
            or (self._organization if is_guest else None),
            is_guest=is_guest,
            cause=_cause(audience, invite),
            reply_address=invite.reply_address,
            reason=reason_for(event, invite.kind),
        )

    def _rejected(self, reason: str, *, now: datetime) -> SendResult:
        self._meter.count(Metric.INVITES, fate="refused")
        return SendResult(partial(invite_steps.mark_rejected, reason=reason, now=now))


def _cause(audience: Audience, invite: Invite) -> CancelCause:
    """Return why the recipient gets a cancellation, should this mail be one."""
    if audience.event.is_closed:
        return CancelCause.SESSION_CANCELLED
    takes_part = invite.user_id in audience.event.participants
    return CancelCause.REPLACED if takes_part else CancelCause.REMOVED
