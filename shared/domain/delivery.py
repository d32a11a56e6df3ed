"""Merging SES notifications into the record of a mail, in any order, any number of times."""

from dataclasses import replace
from datetime import UTC, datetime

from shared.domain.invite import Attempt, DeliveryState, Invite, Notification, combined_state

_UNKNOWN = datetime.max.replace(tzinfo=UTC)

Details = tuple[datetime, str, str]


def find_attempt(invite: Invite, notification: Notification) -> Attempt | None:
    """Return the attempt a notification is about: by its tag, else by its message id."""
    by_tag = (each for each in invite.attempts if each.number == notification.attempt)
    by_id = (each for each in invite.attempts if each.message_id == notification.message_id)
    return next(by_tag, None) or next(by_id, None)


def with_notification(invite: Invite, attempt: Attempt, notification: Notification) -> Invite:
    """Return the invite with the notification merged into that attempt.

    The status is the highest one notified; `bounce_type` and `diagnostic` come from the first
    notification of that status, and `seen` has the earliest time of each status. The same
    notifications in any order, with any repeats, result in the same record.
    """
    merged = _merged(attempt, notification)
    attempts = tuple(merged if each.number == attempt.number else each for each in invite.attempts)
    return replace(invite, attempts=attempts)


def _merged(attempt: Attempt, notification: Notification) -> Attempt:
    status = combined_state(attempt.status, notification.state)
    candidates = [
        details
        for state, details in (_of_attempt(attempt), _of_notification(notification))
        if state is status
    ]
    _, bounce_type, diagnostic = min(candidates)
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
    texts = (notification.bounce_type or "", notification.diagnostic or "")
    return notification.state, (notification.at, *texts)


def _seen(
    attempt: Attempt, notification: Notification
) -> tuple[tuple[DeliveryState, datetime], ...]:
    times = dict(attempt.seen)
    times[notification.state] = min(notification.at, times.get(notification.state, _UNKNOWN))
    return tuple(sorted(times.items(), key=lambda each: each[0].rank))
