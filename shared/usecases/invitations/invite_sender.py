"""Send one mail of an invite, and translate SES's errors into what to record or when to retry."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from shared.domain import invite_steps
from shared.domain.errors import CalendarServiceError, MailRejected
from shared.domain.event import Event
from shared.domain.invite import Attempt, Invite, InviteKind
from shared.domain.recipients import inviter
from shared.domain.retry import next_wait
from shared.ports import InviteMail, InviteWriter, Mailer, Meter, Metric

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

    def send(self, event: Event, invite: Invite, attempt: Attempt, *, now: datetime) -> SendResult:
        """Send the attempt, which is the newest one of the invite."""
        fields = {"event_id": event.id, "invite_id": invite.id}
        try:
            message_id = self._send(event, invite, attempt, now=now)
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
            self._meter.count(Metric.INVITES, fate="put_off")
            # Waiting as long again as the attempt has lasted doubles the wait each time.
            return SendResult(wait=next_wait(now - attempt.updated_at, jitter=self._jitter))
        self._meter.count(Metric.INVITES, fate="accepted")
        return SendResult(partial(invite_steps.mark_sent, message_id=message_id, now=now))

    def _send(self, event: Event, invite: Invite, attempt: Attempt, *, now: datetime) -> str:
        """Return SES's message id."""
        raw = self._writer.write(self._mail(event, invite, attempt, now=now))
        tags = {"event": event.id, "invite": invite.id, "attempt": str(attempt.number)}
        return self._mailer.send(raw, to=invite.address, tags=tags)

    def _mail(self, event: Event, invite: Invite, attempt: Attempt, *, now: datetime) -> InviteMail:
        return InviteMail(
            event=event,
            content=attempt.content,
            uid=f"{event.id}@{self._mail_domain}",
            address=invite.address,
            name=invite.name,
            stamp=now,
            is_update=invite_steps.is_update(invite),
            inviter=inviter(event) or self._organization
            if invite.kind is InviteKind.EXTERNAL
            else None,
        )

    def _rejected(self, reason: str, *, now: datetime) -> SendResult:
        self._meter.count(Metric.INVITES, fate="refused")
        return SendResult(partial(invite_steps.mark_rejected, reason=reason, now=now))
