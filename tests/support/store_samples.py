"""Domain objects for store tests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.domain.audit import SERVICE, AuditAction, AuditEntry
from shared.domain.connection import (
    Connection,
    ConnectionProblem,
    ConnectionStatus,
    ProblemCode,
    Provider,
)
from shared.domain.copy import Copy, CopyRef, CopyState
from shared.domain.event import Contact, Event, EventStatus, Owner
from shared.domain.interval import Interval
from shared.domain.person import Holiday
from shared.domain.role import Role

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
DAY = date(2026, 11, 23)


def hours(start: float, length: float = 1, *, day: date = DAY) -> Interval:
    """Return the interval of `length` hours that starts at hour `start` of the UTC day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Interval(midnight + timedelta(hours=start), midnight + timedelta(hours=start + length))


def session(event_id: str = "1-a", **changes: Any) -> Event:
    """Return a coaching session of coach-1 with learner-1 at 09:00."""
    fields: dict[str, Any] = {
        "id": event_id,
        "title": "Überblick 🗓",
        "interval": hours(9),
        "zone": "Asia/Kolkata",
        "owner": Owner.COACH,
        "coach_ids": ("coach-1",),
        "learner_ids": ("learner-1",),
        "admin_id": None,
        "status": EventStatus.SCHEDULED,
        "created_at": NOON,
        "updated_at": NOON + timedelta(seconds=1),
        "request_digest": "digest",
    }
    return Event(**{**fields, **changes})


def full_session() -> Event:
    """Return a session with every optional field."""
    return session(
        admin_id="admin-1",
        session_link="https://meet.example/1",
        location="Room 2",
        contacts=(
            Contact("learner-1", "l@example.com", "Lea"),
            Contact("coach-1", "c@example.com"),
        ),
        version=7,
        sequence=3,
        audit=(
            audit_entry(AuditAction.CREATED, "coach-1", Role.COACH),
            audit_entry(AuditAction.CHANGED, "learner-1", Role.LEARNER, version=6),
            audit_entry(AuditAction.APPROVED, "admin-1", Role.ADMIN, version=5),
            audit_entry(AuditAction.REPLACED, "platform", SERVICE, note="Überblick 🗓", version=7),
        ),
    )


def audit_entry(
    action: AuditAction, actor_id: str, role: str, *, version: int = 1, note: str | None = None
) -> AuditEntry:
    """Return an audit entry."""
    return AuditEntry(
        action=action, actor_id=actor_id, role=role, at=NOON, version=version, note=note
    )


PROBLEM = ConnectionProblem(ProblemCode.RECONNECT_REQUIRED, "invalid_grant", NOON)


def connection(connection_id: str = "c-1", **changes: Any) -> Connection:
    """Return a connection with every optional field."""
    fields: dict[str, Any] = {
        "id": connection_id,
        "user_id": "coach-1",
        "provider": Provider.GOOGLE,
        "account": "account-1",
        "email": "c@example.com",
        "is_email_verified": True,
        "calendar_id": "primary",
        "calendar_name": "Work",
        "zone": "Europe/Berlin",
        "status": ConnectionStatus.RECONNECT_REQUIRED,
        "credential": b"\x00ciphertext\xff",
        "token_expires_at": NOON,
        "last_error": PROBLEM,
        "created_at": NOON,
        "connected_at": NOON,
        "heal_from": NOON,
    }
    return Connection(**{**fields, **changes})


def copy(connection_id: str = "c-1", **changes: Any) -> Copy:
    """Return the unsaved record of a copy with every optional field."""
    fields: dict[str, Any] = {
        "event_id": "1-a",
        "connection_id": connection_id,
        "user_id": "coach-1",
        "provider": Provider.APPLE,
        "state": CopyState.FAILED,
        "desired_version": 4,
        "applied_version": 3,
        "applied_digest": "digest",
        "ref": CopyRef("https://dav.example/1.ics", '"etag"'),
        "calendar_id": "https://dav.example/",
        "attempts": 2,
        "error": "403 rejected",
        "unsettled_until": NOON + timedelta(minutes=5),
        "not_before": NOON + timedelta(minutes=6),
        "updated_at": NOON,
    }
    return Copy(**{**fields, **changes})


def holiday(holiday_id: str = "h-1", **changes: Any) -> Holiday:
    """Return a holiday of one week."""
    fields: dict[str, Any] = {
        "id": holiday_id,
        "name": "Diwali",
        "role": Role.COACH,
        "first": DAY,
        "last": DAY + timedelta(days=6),
        "created_at": NOON,
    }
    return Holiday(**{**fields, **changes})
