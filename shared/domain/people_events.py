"""The domain events of connections, availability and holidays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.connection import ConnectionStatus
from shared.domain.domain_event import (
    DomainEvent,
    DomainEventType,
    EventSubject,
    SubjectKind,
    domain_event,
)
from shared.domain.person import Holiday
from shared.domain.week import DAY_MINUTES, WEEKDAYS, RoleAvailability, Window

_UNREADABLE_CODES = {
    None,  # recorded before causes had codes
    "CALENDAR_DELETED",
    "CALENDAR_DISABLED",
    "CALENDAR_TOO_LARGE",
    "ENTRY_UNREADABLE",
}
"""The causes for which an active connection cannot be read until its user acts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionHealth:
    """What domain events say of a connection: no address, no credential and no text of an entry.

    `has_error` means that an error is recorded, and `cause` is its code. `version` increases with
    every change of the others.
    """

    id: str
    user_id: str
    provider: str
    status: str
    has_error: bool
    cause: str | None
    version: int


def connection_events(
    old: ConnectionHealth | None, new: ConnectionHealth | None, *, at: datetime
) -> Iterator[DomainEvent]:
    """Yield the domain event of a write that connected, disconnected or broke a connection."""
    shown = new or old
    if shown is None or (old and new and old.version >= new.version):
        return
    yield domain_event(
        _connection_type(new),
        EventSubject(SubjectKind.CONNECTION, shown.id),
        new.version if new else shown.version + 1,
        at=at,
        data={
            "connectionId": shown.id,
            "userId": shown.user_id,
            "provider": shown.provider,
            "status": new.status if new else "disconnected",
            "cause": new.cause if new else None,
        },
    )


def availability_events(
    user_id: str,
    old: tuple[RoleAvailability, int] | None,
    new: tuple[RoleAvailability, int] | None,
    *,
    at: datetime,
) -> Iterator[DomainEvent]:
    """Yield the domain event of a write that changed a user's availability in a role.

    Each is given with the version of its row.
    """
    shown = new or old
    if shown is None or (old and new and old[0] == new[0]):
        return
    role = shown[0].role
    yield domain_event(
        DomainEventType.AVAILABILITY_CHANGED,
        EventSubject(SubjectKind.AVAILABILITY, f"{user_id}/{role.value}"),
        new[1] if new else shown[1] + 1,
        at=at,
        data={
            "userId": user_id,
            "role": role.value,
            "availability": _availability(new[0]) if new else None,
        },
    )


def holiday_events(
    user_id: str, old: Holiday | None, new: Holiday | None, *, at: datetime
) -> Iterator[DomainEvent]:
    """Yield the domain event of a write that added a holiday (version 1) or deleted it (2)."""
    shown = new or old
    if shown is None or old == new:
        return
    yield domain_event(
        DomainEventType.HOLIDAY_CHANGED,
        EventSubject(SubjectKind.HOLIDAY, shown.id),
        1 if new else 2,
        at=at,
        data={
            "holidayId": shown.id,
            "userId": user_id,
            "role": shown.role.value,
            "isDeleted": new is None,
            "startDate": shown.first.isoformat(),
            "endDate": shown.last.isoformat(),
        },
    )


def _connection_type(new: ConnectionHealth | None) -> DomainEventType:
    if new is None:
        return DomainEventType.CONNECTION_DISCONNECTED
    if new.status != ConnectionStatus.ACTIVE:
        return DomainEventType.CONNECTION_RECONNECT_REQUIRED
    if new.has_error and new.cause in _UNREADABLE_CODES:
        return DomainEventType.CALENDAR_UNREADABLE
    return DomainEventType.CONNECTION_CONNECTED


def _availability(availability: RoleAvailability) -> Mapping[str, Any]:
    return {
        "timezone": availability.zone,
        "useDefaultAvailability": availability.use_default,
        "windows": [_window(each) for each in availability.windows],
    }


def _window(window: Window) -> Mapping[str, str | int]:
    return {
        "dayOfWeek": (window.weekday + 1) % len(WEEKDAYS),  # from Sunday, as in the API
        "startTime": _clock(window.start),
        "endTime": _clock(window.end),
        "timezone": window.zone,
    }


def _clock(minutes: int) -> str:
    return "24:00" if minutes == DAY_MINUTES else f"{minutes // 60:02}:{minutes % 60:02}"
