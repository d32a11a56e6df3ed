"""Making mail match an event: desired state, like its calendar copies.

Any number of runs, late, repeated or side by side, end the same: every recipient was told what the
event says now. A mail is on record before it is sent, so none is lost; one that a worker died over
is sent once more, with the same UID and SEQUENCE, which calendars take for one.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from shared.domain import invite_steps as records
from shared.domain.errors import (
    CalendarServiceError,
    LostRace,
    MailRefused,
)
from shared.domain.event import Event
from shared.domain.invite import Attempt, GuestList, Invite
from shared.domain.recipients import Audience
from shared.parallel import together
from shared.ports import InviteMail, InviteStore, InviteWriter, Mailer, Meter, Metric
from shared.usecases.invitations.audience import AudienceReader

_AT_ONCE = timedelta(seconds=1)
_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=5)
_RECORD_TRIES = 25

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MailResult:
    """What a run did: when to come back (None: all told), and which users are on mail from now.

    `guests` are those it rests on, None when none were ever set.
    """

    wait: timedelta | None = None
    moved: frozenset[str] = frozenset()
    guests: GuestList | None = None


class InviteSync:
    """Reconciles the mail of one event at a time.

    `mail_domain` ends the UID of every session for ever. `jitter` draws a wait between nothing and
    what it is given.
    """

    def __init__(
        self,
        *,
        audiences: AudienceReader,
        invites: InviteStore,
        writer: InviteWriter,
        mailer: Mailer,
        mail_domain: str,
        jitter: Callable[[timedelta], timedelta],
        meter: Meter,
    ) -> None:
        self._audiences = audiences
        self._invites = invites
        self._writer = writer
        self._mailer = mailer
        self._mail_domain = mail_domain
        self._jitter = jitter
        self._meter = meter

    def reconcile(self, event_id: str, *, now: datetime) -> MailResult:
        """Tell everybody by mail what they do not know yet, each on their own."""
        audience = self._audiences.of(event_id)
        if audience is None:
            return MailResult()
        if not audience.has_mail:
            return MailResult(guests=audience.guest_list)
        due = _due(audience, now=now)
        waits = together([partial(self._run, audience.event, each, now=now) for each in due])
        wait = min((each for each in waits if each is not None), default=None)
        new = (each.user_id for each in due if each.user_id and not each.row_version)
        return MailResult(wait, frozenset(new), audience.guest_list)

    def settle(self, mailed: MailResult) -> None:
        """Note that a run has told everybody what follows from its guests."""
        if mailed.guests and mailed.guests.unsynced_since:
            self._invites.mark_guests_synced(mailed.guests)

    def postpone_guests(self, event_id: str) -> None:
        """Let the guests of a session without an event wait for it: its creation invites them."""
        self.settle(MailResult(guests=self._invites.guest_list(event_id)))

    def _run(self, event: Event, step: Invite, *, now: datetime) -> timedelta | None:
        """Tell one recipient, or return how long to wait before the next try."""
        try:
            claimed = self._invites.save_invite(step)
            if claimed.newest and records.is_unsent(claimed):
                return self._send(event, claimed, claimed.newest, now=now)
        except LostRace:
            return _AT_ONCE
        return None

    def _send(
        self, event: Event, invite: Invite, attempt: Attempt, *, now: datetime
    ) -> timedelta | None:
        told = {"event_id": event.id, "invite_id": invite.id}
        try:
            raw = self._writer.write(self._mail(event, invite, attempt, now=now))
            tags = {"event": event.id, "invite": invite.id, "attempt": str(attempt.number)}
            message_id = self._mailer.send(raw, to=invite.address, tags=tags)
        except MailRefused as error:
            log.warning("mail refused", extra={**told, "reason": error.message})
            self._meter.count(Metric.INVITES, fate="refused")
            self._record(invite, partial(records.refused, reason=error.message, now=now))
        except ValueError as error:
            # Asking again would find the same text no mail can hold.
            log.exception("mail cannot be written", extra=told)
            self._meter.count(Metric.INVITES, fate="refused")
            self._record(invite, partial(records.refused, reason=str(error), now=now))
        except CalendarServiceError as error:
            # Unavailable, or our own fault, which is mended from outside: it is tried on.
            log.warning("mail not sent yet", extra={**told, "reason": error.message})
            self._meter.count(Metric.INVITES, fate="put_off")
            return self._later(attempt, now=now)
        else:
            self._meter.count(Metric.INVITES, fate="accepted")
            self._record(invite, partial(records.sent, message_id=message_id, now=now))
        return None

    def _mail(self, event: Event, invite: Invite, attempt: Attempt, *, now: datetime) -> InviteMail:
        return InviteMail(
            event=event,
            content=attempt.content,
            uid=f"{event.id}@{self._mail_domain}",
            address=invite.address,
            name=invite.name,
            stamp=now,
            is_update=records.is_update(invite),
        )

    def _record(self, invite: Invite, grown: Callable[[Attempt], Attempt]) -> None:
        """Join the outcome into the record, whoever else has written it meanwhile."""
        number = invite.attempts[-1].number
        present: Invite | None = invite
        for _ in range(_RECORD_TRIES):
            if present is None:
                break
            attempt = next(each for each in present.attempts if each.number == number)
            try:
                self._invites.save_invite(records.with_attempt(present, grown(attempt)))
            except LostRace:
                present = self._invites.invite(invite.event_id, invite.id)
                continue
            return
        raise LostRace(f"others keep writing the invites of {invite.event_id}; ask again later")

    def _later(self, attempt: Attempt, *, now: datetime) -> timedelta:
        """As long again as it has been tried for, so that the waits double."""
        tried_for = now - attempt.updated_at
        longest = min(max(tried_for, _FIRST_WAIT), _LONGEST_WAIT)
        return max(self._jitter(longest), _AT_ONCE)


def _due(audience: Audience, *, now: datetime) -> list[Invite]:
    """The record of everybody who must be told something, as it must be before that."""
    known = {each.id: each for each in audience.invites}
    for invite_id, recipient in audience.recipients.items():
        known.setdefault(invite_id, records.new_invite(audience.event, recipient))
    steps = (
        records.next_step(invite, audience.event, audience.recipients.get(invite_id), now=now)
        for invite_id, invite in known.items()
    )
    return [each for each in steps if each is not None]
