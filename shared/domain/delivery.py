"""What one more notification adds to the record of a mail; order and repetition cannot matter."""

from dataclasses import replace
from datetime import UTC, datetime

from shared.domain.invite import Attempt, DeliveryState, Invite, Notification, join

_UNKNOWN = datetime.max.replace(tzinfo=UTC)

Details = tuple[datetime, str, str]


def attempt_of(invite: Invite, notification: Notification) -> Attempt | None:
    """Return the mail a notification is about: the tagged attempt, else the one with its id."""
    numbered = (each for each in invite.attempts if each.number == notification.attempt)
    named = (each for each in invite.attempts if each.message_id == notification.message_id)
    return next(numbered, None) or next(named, None)


def with_notification(invite: Invite, attempt: Attempt, notification: Notification) -> Invite:
    """Return the invite with what the notification tells of that attempt of it.

    The status is the highest ever told; `bounce_type` and `diagnostic` are of the first
    notification of that status, and `seen` keeps the first time of each. Any order and any number
    of repeats of the same notifications end in the same record.
    """
    grown = _grown(attempt, notification)
    attempts = tuple(grown if each.number == attempt.number else each for each in invite.attempts)
    return replace(invite, attempts=attempts)


def _grown(attempt: Attempt, notification: Notification) -> Attempt:
    status = join(attempt.status, notification.state)
    told = [
        details
        for state, details in (_of_attempt(attempt), _of_notification(notification))
        if state is status
    ]
    _, bounce_type, diagnostic = min(told)
    return replace(
        attempt,
        status=status,
        message_id=attempt.message_id or notification.message_id,
        bounce_type=bounce_type or None,
        diagnostic=diagnostic or None,
        seen=_seen(attempt, notification),
        updated_at=max(attempt.updated_at, notification.at),
    )


def _of_attempt(attempt: Attempt) -> tuple[DeliveryState, Details]:
    at = dict(attempt.seen).get(attempt.status, _UNKNOWN)
    return attempt.status, (at, attempt.bounce_type or "", attempt.diagnostic or "")


def _of_notification(notification: Notification) -> tuple[DeliveryState, Details]:
    words = (notification.bounce_type or "", notification.diagnostic or "")
    return notification.state, (notification.at, *words)


def _seen(
    attempt: Attempt, notification: Notification
) -> tuple[tuple[DeliveryState, datetime], ...]:
    times = dict(attempt.seen)
    times[notification.state] = min(notification.at, times.get(notification.state, _UNKNOWN))
    return tuple(sorted(times.items(), key=lambda each: each[0].rank))
