"""What became of invitations, as SES reports it."""

from collections.abc import Callable
from enum import StrEnum

from shared.domain.delivery import attempt_of, with_notification
from shared.domain.errors import LostRace
from shared.domain.invite import Invite, Notification
from shared.ports import InviteStore, Meter, Metric

TRIES = 8
"""How often one notification is tried against others of the same invite at the same time."""


class NotificationOutcome(StrEnum):
    """What a notification has done."""

    CHANGED = "changed"
    KNOWN = "known"
    UNKNOWN_MAIL = "unknown mail"


class Delivery:
    """Puts what SES reports on record.

    `pause` waits a little before try number n, each time some other while.
    """

    def __init__(self, *, invites: InviteStore, pause: Callable[[int], None], meter: Meter) -> None:
        self._invites = invites
        self._pause = pause
        self._meter = meter

    def record(self, notification: Notification) -> NotificationOutcome:
        """Join the notification into the attempt it is about, and return whether that told more.

        A mail is found by its tags, for its attempt is on record before it is sent; without tags by
        its message id. About a mail that is none of ours nothing happens.

        Raises:
            LostRace: others kept writing; SNS delivers again.
        """
        for number in range(TRIES):
            if number:
                self._pause(number)
            try:
                return self._record(notification)
            except LostRace:
                continue
        raise LostRace("Other notifications keep changing this invite; deliver this one again.")

    def _record(self, notification: Notification) -> NotificationOutcome:
        invite = self._invite(notification)
        attempt = attempt_of(invite, notification) if invite else None
        if invite is None or attempt is None:
            return NotificationOutcome.UNKNOWN_MAIL
        after = with_notification(invite, attempt, notification)
        if after == invite:
            return NotificationOutcome.KNOWN
        self._invites.save_invite(after)
        self._meter.count(Metric.INVITES, fate=notification.state.value)
        return NotificationOutcome.CHANGED

    def _invite(self, notification: Notification) -> Invite | None:
        if notification.event_id and notification.invite_id:
            found = self._invites.invite(notification.event_id, notification.invite_id)
            if found:
                return found
        known = self._invites.by_message(notification.message_id)
        return self._invites.invite(*known) if known else None
