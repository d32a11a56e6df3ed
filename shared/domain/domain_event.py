"""Domain events: what consumers of this service learn of a change, and their identity.

Each is derived from one committed write of one row; deriving it again gives the same id.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

SCHEMA_VERSION = 1
"""The version of every schema; a change that is not compatible needs another one."""


class DomainEventType(StrEnum):
    """Every type of domain event."""

    SESSION_BOOKED = "session.booked"
    SESSION_CHANGED = "session.changed"
    SESSION_APPROVED = "session.approved"
    SESSION_DECLINED = "session.declined"
    SESSION_EXPIRED = "session.expired"
    SESSION_CANCELLED = "session.cancelled"
    SESSION_PARTICIPANT_LEFT = "session.participant_left"
    COPY_SYNCED = "copy.synced"
    COPY_FAILED = "copy.failed"
    INVITE_SENT = "invite.sent"
    INVITE_DELIVERED = "invite.delivered"
    INVITE_BOUNCED = "invite.bounced"
    INVITE_COMPLAINED = "invite.complained"
    INVITE_RESPONDED = "invite.responded"
    PARTICIPANT_UNREACHABLE = "participant.unreachable"
    CONNECTION_CONNECTED = "connection.connected"
    CONNECTION_RECONNECT_REQUIRED = "connection.reconnect_required"
    CONNECTION_DISCONNECTED = "connection.disconnected"
    CALENDAR_UNREADABLE = "calendar.unreadable"
    AVAILABILITY_CHANGED = "availability.changed"
    HOLIDAY_CHANGED = "holiday.changed"
    WEBHOOK_DISABLED = "webhook.disabled"


class SubjectKind(StrEnum):
    """What a domain event is about."""

    SESSION = "session"
    COPY = "copy"
    INVITE = "invite"
    PARTICIPANT = "participant"
    CONNECTION = "connection"
    AVAILABILITY = "availability"
    HOLIDAY = "holiday"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class EventSubject:
    """The record that a domain event is about; a part of another record has `/` in its id."""

    kind: SubjectKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """One domain event.

    `subject_version` increases with every event about the subject, so that a consumer can discard
    an older one that arrives later. `data` is plain JSON.
    """

    id: str
    type: DomainEventType
    occurred_at: datetime
    subject: EventSubject
    subject_version: int
    data: Mapping[str, Any]
    schema_version: int = SCHEMA_VERSION

    def as_json(self) -> dict[str, Any]:
        """Return the envelope: what the bus, the change list and webhooks carry."""
        return {
            "id": self.id,
            "type": self.type.value,
            "schemaVersion": self.schema_version,
            "occurredAt": instant_text(self.occurred_at),
            "subject": {"kind": self.subject.kind.value, "id": self.subject.id},
            "subjectVersion": self.subject_version,
            "data": dict(self.data),
        }

    @property
    def text(self) -> str:
        """The envelope as JSON text, the same for every repeat."""
        return json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))


def domain_event(
    kind: DomainEventType,
    subject: EventSubject,
    version: int,
    *,
    at: datetime,
    data: Mapping[str, Any],
    part: str = "",
) -> DomainEvent:
    """Return the domain event of one version of a subject.

    Its id depends on these values only, without time and data; `part` distinguishes events of one
    type about one version.
    """
    return DomainEvent(
        id=_event_id(subject.kind, subject.id, str(version), kind, part),
        type=kind,
        occurred_at=at,
        subject=subject,
        subject_version=version,
        data=data,
    )


def from_json(envelope: Mapping[str, Any]) -> DomainEvent:
    """Return the domain event of an envelope that `DomainEvent.as_json` returned."""
    return DomainEvent(
        id=envelope["id"],
        type=DomainEventType(envelope["type"]),
        occurred_at=datetime.fromisoformat(envelope["occurredAt"]),
        subject=EventSubject(SubjectKind(envelope["subject"]["kind"]), envelope["subject"]["id"]),
        subject_version=envelope["subjectVersion"],
        data=envelope["data"],
        schema_version=envelope["schemaVersion"],
    )


def instant_text(instant: datetime) -> str:
    """Return RFC 3339 in UTC with a trailing Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _event_id(*parts: str) -> str:
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return f"evt_{digest[:32]}"
