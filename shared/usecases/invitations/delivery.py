"""Record the delivery status of mails that SES reports in its notifications."""

from enum import StrEnum
from functools import partial

from shared.domain.delivery import find_attempt, with_notification
from shared.domain.errors import LostRace
from shared.domain.invite import DeliveryState, Invite, Notification
from shared.domain.retry import Pause, retry_lost_races
from shared.ports import InviteStore, Meter, Metric, SuppressionStore

TRIES = 8
"""How many times a notification is tried against concurrent ones for the same invite."""


class NotificationOutcome(StrEnum):
    """The effect of a notification."""

    CHANGED = "changed"
    KNOWN = "known"
    UNKNOWN_MAIL = "unknown mail"


class Delivery:
    """Records what SES reports.

    `pause` waits before try number n of a write that lost a race.
    """

    def __init__(
        self,
        *,
        invites: InviteStore,
        suppressions: SuppressionStore,
        pause: Pause,
        meter: Meter,
    ) -> None:
        self._invites = invites
        self._suppressions = suppressions
        self._pause = pause
        self._meter = meter

    def record(self, notification: Notification) -> NotificationOutcome:
        """Merge the notification into the attempt it reports on.

        The attempt is found by the mail's tags, because it is stored before the mail is sent;
        without tags, by the message id. A mail of another service is ignored. An address that has
        complained gets no mail any more, until an Admin clears it.

        Raises:
            LostRace: when other writers were faster every time; SNS delivers again.
        """
        return retry_lost_races(
            partial(self._record, notification),
            pause=self._pause,
            error=LostRace("Too many concurrent writes to this invite. Retry later."),
            tries=TRIES,
        )

    def _record(self, notification: Notification) -> NotificationOutcome:
        invite = self._invite(notification)
        attempt = find_attempt(invite, notification) if invite else None
        if invite is None:
            return NotificationOutcome.UNKNOWN_MAIL
        if attempt is None:
            return self._record_dropped(invite, notification)
        after = with_notification(invite, attempt, notification)
        if after == invite:
            return NotificationOutcome.KNOWN
        if notification.state is DeliveryState.COMPLAINT:
            # First, so that a crash in between cannot lose it: SNS delivers again.
            self._suppressions.suppress_address(invite.id, since=notification.at)
        self._invites.save_invite(after)
        self._meter.count(Metric.INVITES, fate=notification.state.value)
        return NotificationOutcome.CHANGED

    def _record_dropped(self, invite: Invite, notification: Notification) -> NotificationOutcome:
        """Record only a complaint about a mail whose attempt the invite no longer keeps."""
        if not invite.has_dropped(notification.attempt or 0):
            return NotificationOutcome.UNKNOWN_MAIL
        if notification.state is DeliveryState.COMPLAINT:
            self._suppressions.suppress_address(invite.id, since=notification.at)
        return NotificationOutcome.KNOWN

    def _invite(self, notification: Notification) -> Invite | None:
        if notification.event_id and notification.invite_id:
            invite = self._invites.invite(notification.event_id, notification.invite_id)
            if invite:
                return invite
        ids = self._invites.find_by_message(notification.message_id)
        return self._invites.invite(*ids) if ids else None
