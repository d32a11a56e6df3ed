"""Make mail match an event. The workers compare states; they carry no change messages.

However often runs repeat, overlap or come late, they end with the same result: every recipient has
been sent the current content of the event. Each mail is recorded before it is sent, so none is
lost. A mail whose worker crashed is sent again with the same UID and SEQUENCE, which calendars
treat as one invitation.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from shared.domain import invite_steps
from shared.domain.errors import LostRace
from shared.domain.event import EventStatus
from shared.domain.invite import Attempt, GuestList, Invite
from shared.domain.recipients import Audience, usable_calendars
from shared.domain.retry import SHORTEST_WAIT, Pause
from shared.parallel import together
from shared.ports import InviteStore, RecordRejected
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.invite_sender import InviteSender, SendResult
from shared.usecases.invitations.invite_update import update_invite
from shared.usecases.invitations.mail_limits import MailLimits

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MailResult:
    """The result of a run.

    `wait` says when to run again, None when no mail is due. `new_users` are the users who got
    their first mail record in this run. `guests` is the guest list that the run used, None if there
    is none. `version` is that of the event, and `calendars` are the usable calendars of its
    participants, as this run read them. `unreachable` are those whom no calendar and no mail
    reaches; none while the event is pending, because nothing is sent then.
    """

    wait: timedelta | None = None
    new_users: frozenset[str] = frozenset()
    guests: GuestList | None = None
    version: int | None = None
    calendars: frozenset[str] = frozenset()
    unreachable: tuple[str, ...] = ()


class InviteSync:
    """Reconciles the mail of one event at a time.

    `reply_address` returns a new secret address for the answers of a recipient, None if answers are
    not received. `pause` waits before try number n of a write that lost a race.
    """

    def __init__(
        self,
        *,
        audiences: AudienceReader,
        invites: InviteStore,
        sender: InviteSender,
        limits: MailLimits,
        pause: Pause,
        reply_address: Callable[[], str] | None = None,
    ) -> None:
        self._audiences = audiences
        self._invites = invites
        self._sender = sender
        self._limits = limits
        self._pause = pause
        self._reply_address = reply_address

    def reconcile(self, event_id: str, *, now: datetime) -> MailResult:
        """Send each recipient, independently of the others, the mail that is due."""
        audience = self._audiences.of(event_id)
        if audience is None:
            return MailResult()
        result = MailResult(
            version=audience.event.version,
            calendars=usable_calendars(audience.persons.values()),
            unreachable=_unreachable(audience, now=now),
        )
        try:
            result = replace(result, guests=self._adopted_guests(audience))
        except LostRace:
            return replace(result, wait=SHORTEST_WAIT)
        if not audience.has_mail:
            return result
        steps = _due_steps(audience, now=now)
        waits = together([partial(self._run, audience, *step, now=now) for step in steps])
        wait = min((wait for wait in waits if wait is not None), default=None)
        new_users = (step.user_id for step, _ in steps if step.user_id and not step.row_version)
        return replace(result, wait=wait, new_users=frozenset(new_users))

    def mark_synced(self, result: MailResult) -> None:
        """Record that every mail that follows from the guest list of that run has been sent."""
        if result.guests and result.guests.unsynced_since:
            self._invites.mark_guests_synced(result.guests)

    def mark_guests_synced(self, event_id: str) -> None:
        """Stop retrying the guests of a session without an event; creating it invites them."""
        self.mark_synced(MailResult(guests=self._invites.guest_list(event_id)))

    def _adopted_guests(self, audience: Audience) -> GuestList | None:
        """Return the guest list after storing it as the event's own, if another one prepared it.

        This comes before the first mail, so that a change of coaches while mail waits does not
        drop guests who have been invited.
        """
        stored = audience.guest_list
        if stored is None or (adopted := stored.of_event(audience.event)) == stored:
            return stored
        return self._invites.save_guest_list(adopted)

    def _run(
        self, audience: Audience, step: Invite, stored: Invite, *, now: datetime
    ) -> timedelta | None:
        """Send one mail; return how long to wait before the next try, None when it is done.

        A mail that waits for a limit is done: the sweeper finds it after the wait. Waiting on the
        queue would hold back later changes of the event, such as a cancellation.
        """
        try:
            if not step.row_version:  # first, so that a crash cannot lose it
                self._invites.record_recipient(step)
            claim = self._invites.save_invite(self._answerable(step))
            if claim.newest is None or not invite_steps.is_due(claim, now=now):
                return None
            is_first_try = invite_steps.is_first_try(step, stored)
            change = self._limits.obstacle(
                audience.event, claim, is_first_try=is_first_try, now=now
            )
            result = (
                SendResult(change)
                if change
                else self._sender.send(audience, claim, claim.newest, now=now)
            )
            if result.change:
                self._record(claim, claim.newest.number, result.change)
        except LostRace:
            return SHORTEST_WAIT
        except RecordRejected:
            # The same record fails every time: a retry might send the mail again and again.
            log.exception("invite cannot be stored", extra=_fields(step))
            return None
        return result.wait

    def _answerable(self, step: Invite) -> Invite:
        """Return a new record with an address for answers.

        Older ones stay as they are: a calendar may ignore an update by another organizer.
        """
        if step.row_version or self._reply_address is None:
            return step
        return replace(step, reply_address=self._reply_address())

    def _record(self, invite: Invite, number: int, change: Callable[[Attempt], Attempt]) -> None:
        """Apply a change to one attempt of the invite.

        A record that the store rejects is shortened, because a mail that was sent and is not
        recorded would be sent again.
        """

        def changed(current: Invite) -> Invite:
            attempt = next(each for each in current.attempts if each.number == number)
            return invite_steps.with_attempt(current, change(attempt))

        def shortened(current: Invite) -> Invite:
            return invite_steps.shortened(changed(current))

        try:
            stored = update_invite(self._invites, invite, changed, pause=self._pause)
        except RecordRejected:
            log.exception("invite shortened", extra=_fields(invite))
            stored = update_invite(self._invites, invite, shortened, pause=self._pause)
        if stored is None:
            raise LostRace(f"The invite {invite.id} of {invite.event_id} is no longer stored.")


def _fields(invite: Invite) -> dict[str, str]:
    return {"event_id": invite.event_id, "invite_id": invite.id}


def _unreachable(audience: Audience, *, now: datetime) -> tuple[str, ...]:
    """Return whom nothing reaches, although the session is to take place."""
    event = audience.event
    is_coming = event.status is EventStatus.SCHEDULED and not event.has_ended(now=now)
    return audience.unreachable if is_coming else ()


def _due_steps(audience: Audience, *, now: datetime) -> list[tuple[Invite, Invite]]:
    """Return the record of every invite with mail due, to be saved before sending, and as stored.

    A record that is not stored has no `row_version`.
    """
    invites = {invite.id: invite for invite in audience.invites}
    for invite_id, recipient in (*audience.recipients.items(), *audience.informed.items()):
        invites.setdefault(invite_id, invite_steps.new_invite(audience.event, recipient))
    steps = ((invite_steps.next_step(each, audience, now=now), each) for each in invites.values())
    return [(step, stored) for step, stored in steps if step is not None]
