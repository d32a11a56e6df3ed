"""Merging SES notifications into the record of a mail, in any order, any number of times."""

from dataclasses import replace
from datetime import UTC, datetime

from shared.domain.invite import Attempt, DeliveryState, Invite, Notification, strength

_UNKNOWN = datetime.max.replace(tzinfo=UTC)

Details = tuple[datetime, str, str]


def find_attempt(invite: Invite, notification: Notification) -> Attempt | None:
    """Return the attempt a notification is about: by its tag, else by its message id."""
    by_tag = (each for each in invite.attempts if each.number == notification.attempt)
    by_id = (each for each in invite.attempts if each.message_id == notification.message_id)
    return next(by_tag, None) or next(by_id, None)


def with_notification(invite: Invite, attempt: Attempt, notification: Notification) -> Invite:
    """Return the invite with the notification merged into that attempt.

    The status is the strongest one notified; `bounce_type` and `diagnostic` come from the first
    notification of that strength (of bounces, the first in alphabetical order), and `seen` has the
    earliest time of each status. The same
    notifications in any order, with any repeats, result in the same record.
    """
    merged = _merged(attempt, notification)
    attempts = tuple(merged if each.number == attempt.number else each for each in invite.attempts)
    return replace(invite, attempts=attempts)


def _merged(attempt: Attempt, notification: Notification) -> Attempt:
    reports = (_of_attempt(attempt), _of_notification(notification))
    strongest = max(_strength(each) for each in reports)
    candidates = [each for each in reports if _strength(each) == strongest]
    status, (_, bounce_type, diagnostic) = min(candidates, key=lambda each: each[1])
    return replace(
        attempt,
        status=status,
        message_id=attempt.message_id or notification.message_id,
        bounce_type=bounce_type or None,
        diagnostic=diagnostic or None,
        seen=_seen(attempt, notification),
        updated_at=max(attempt.updated_at, notification.at),
    )


def _strength(report: tuple[DeliveryState, Details]) -> float:
    state, (_, bounce_type, _) = report
    return strength(state, bounce_type)


def _of_attempt(attempt: Attempt) -> tuple[DeliveryState, Details]:
    at = _first_seen(attempt.status, dict(attempt.seen).get(attempt.status, _UNKNOWN))
    return attempt.status, (at, attempt.bounce_type or "", attempt.diagnostic or "")


def _of_notification(notification: Notification) -> tuple[DeliveryState, Details]:
    texts = (notification.bounce_type or "", notification.diagnostic or "")
    return notification.state, (_first_seen(notification.state, notification.at), *texts)


def _first_seen(state: DeliveryState, at: datetime) -> datetime:
    """Return the time that decides between equally strong reports of a state.

    `seen` has one time for bounces of all types, so between two permanent ones only texts decide.
    """
    return _UNKNOWN if state is DeliveryState.BOUNCED else at


def _seen(
    attempt: Attempt, notification: Notification
) -> tuple[tuple[DeliveryState, datetime], ...]:
    times = dict(attempt.seen)
    times[notification.state] = min(notification.at, times.get(notification.state, _UNKNOWN))
    return tuple(sorted(times.items(), key=lambda each: each[0].rank))
