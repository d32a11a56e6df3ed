"""The files of events/domain/: the schema of each type of domain event, with an example.

The examples are derived as the service derives them, from rows before and after a write.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from typing import Any

from functions.changes.schemas import DIALECT, schema_of
from infra.openapi.examples import EXAMPLE_NOW
from infra.payloads.workers import example_event, example_invite
from shared.domain.audit import AuditAction, AuditEntry
from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.copy import Copy, CopyState
from shared.domain.domain_event import DomainEvent, DomainEventType
from shared.domain.event import Event, EventStatus
from shared.domain.invite import Answer, DeliveryState, InviteKind, InviteResponse
from shared.domain.message_events import copy_events, invite_events, webhook_disabled
from shared.domain.people_events import (
    ConnectionHealth,
    availability_events,
    connection_events,
    holiday_events,
)
from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.domain.session_events import session_events, unreachable_events
from shared.domain.week import RoleAvailability, Window

FOLDER = "domain"
_CONNECTION = "6f1d0c2a-9a54-4f0b-8a39-1f6e0d6c7b21"


def domain_event_files() -> dict[str, dict[str, Any]]:
    """Return the content of each file by its name without the ending: the type."""
    examples = {event.type: event.as_json() for event in _examples()}
    return {
        f"{FOLDER}/{kind.value}": {
            "$schema": DIALECT,
            "title": kind.value,
            **schema_of(kind),
            "examples": [examples[kind]],
        }
        for kind in DomainEventType
    }


def _examples() -> Iterator[DomainEvent]:
    return chain(
        _of_sessions(), _of_copies(), _of_invites(), _of_connections(), _of_people(), _of_webhooks()
    )


def _of_sessions() -> Iterator[DomainEvent]:
    pending = _after(example_event(), AuditAction.CREATED, 1, status=EventStatus.PENDING_APPROVAL)
    approved = _after(pending, AuditAction.APPROVED, 2, status=EventStatus.SCHEDULED)
    changed = _after(approved, AuditAction.CHANGED, 3, title="Coaching, second part")
    left = _after(approved, AuditAction.LEFT, 3, learner_ids=("learner-2",))
    yield from session_events(None, pending)
    yield from session_events(pending, approved)
    yield from session_events(approved, changed)
    yield from session_events(approved, left)
    for action, status in (
        (AuditAction.DECLINED, EventStatus.DECLINED),
        (AuditAction.EXPIRED, EventStatus.EXPIRED),
        (AuditAction.CANCELLED, EventStatus.CANCELLED),
    ):
        yield from session_events(pending, _after(pending, action, 2, status=status))
    yield from unreachable_events(approved, (), approved.learner_ids[:1], at=EXAMPLE_NOW)


def _after(event: Event, action: AuditAction, version: int, **fields: Any) -> Event:
    entry = AuditEntry(
        action=action, actor_id="coach-1", role="Coach", at=EXAMPLE_NOW, version=version
    )
    return replace(event, version=version, updated_at=EXAMPLE_NOW, audit=(entry,), **fields)


def _of_copies() -> Iterator[DomainEvent]:
    copy = Copy(
        event_id="session-1",
        connection_id=_CONNECTION,
        user_id="coach-1",
        provider=Provider.GOOGLE,
        desired_version=1,
        updated_at=EXAMPLE_NOW,
        row_version=2,
    )
    for state in (CopyState.SYNCED, CopyState.FAILED):
        yield from copy_events(copy, replace(copy, state=state, row_version=3))


def _of_invites() -> Iterator[DomainEvent]:
    invite = example_invite()
    attempt = replace(invite.attempts[0], bounce_type=None, updated_at=EXAMPLE_NOW)
    states = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.COMPLAINT)
    changed = [replace(attempt, status=each) for each in states]
    bounced = replace(
        attempt, status=DeliveryState.BOUNCED, bounce_type="Permanent/General", number=1
    )
    for each in (*changed, bounced):
        yield from invite_events(None, replace(invite, attempts=(each,)), shows_guests=False)
    response = InviteResponse(
        answer=Answer.ACCEPTED, sequence=0, responded_at=EXAMPLE_NOW, received_at=EXAMPLE_NOW
    )
    participant = replace(invite, kind=InviteKind.PARTICIPANT, user_id="learner-1")
    answered = replace(participant, response=response, row_version=3)
    yield from invite_events(participant, answered, shows_guests=False)


def _of_connections() -> Iterator[DomainEvent]:
    connected = ConnectionHealth(
        id=_CONNECTION,
        user_id="coach-1",
        provider=Provider.GOOGLE.value,
        status=ConnectionStatus.ACTIVE.value,
        has_error=False,
        cause=None,
        version=int(EXAMPLE_NOW.timestamp() * 1_000_000) + 1,
    )
    version = connected.version + 1
    deleted = replace(connected, has_error=True, cause="CALENDAR_DELETED", version=version)
    expired = replace(connected, status="reconnect_required", has_error=True, version=version)
    for old, new in (
        (None, connected),
        (connected, deleted),
        (connected, expired),
        (connected, None),
    ):
        yield from connection_events(old, new, at=EXAMPLE_NOW)


def _of_people() -> Iterator[DomainEvent]:
    zone = "Europe/Berlin"
    availability = RoleAvailability(
        role=Role.COACH, zone=zone, use_default=False, windows=(Window(0, 540, 720, zone),)
    )
    yield from availability_events("coach-1", None, (availability, 1), at=EXAMPLE_NOW)
    holiday = Holiday(
        id="0b8f7c6e-2f0e-4a57-9d0e-2f6f2f1f9a10",
        name="Winter break",
        role=Role.COACH,
        first=date(2030, 12, 24),
        last=date(2030, 12, 24) + timedelta(days=7),
        created_at=EXAMPLE_NOW,
    )
    yield from holiday_events("coach-1", None, holiday, at=EXAMPLE_NOW)


def _of_webhooks() -> Iterator[DomainEvent]:
    yield webhook_disabled("wh-1", 7, "failing", at=EXAMPLE_NOW)
