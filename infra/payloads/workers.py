"""Builds the payloads of functions behind the stream, the queue and the schedules."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from functions.events.examples import EXAMPLES
from infra.local.mail.received import received_payload
from infra.openapi.examples import EXAMPLE_NOW
from infra.payloads.reply import MESSAGE_ID, REPLY_ADDRESS
from infra.payloads.samples import WEBHOOK_ID
from infra.payloads.shapes import (
    Payload,
    from_queue,
    from_schedule,
    from_stream,
    from_webhook_queue,
)
from shared.domain.domain_event import DomainEventType, EventSubject, SubjectKind, domain_event
from shared.domain.event import Contact, Event, EventStatus, Owner
from shared.domain.interval import Interval
from shared.domain.invite import (
    Attempt,
    DeliveryState,
    ExternalAttendee,
    GuestList,
    Invite,
    InviteKind,
    InviteMethod,
    MailContent,
)
from shared.domain.webhook_delivery import DeliveryTask, EnvelopeText, task_text
from shared.stores.event_rows import from_event
from shared.stores.invite_rows import from_guest_list, from_invite

PREREQUISITES: Mapping[str, tuple[str, ...]] = {
    "calendar_sync/changed-event": ("events/create", "connections/connect-apple"),
    "calendar_sync/two-events": ("events/create", "events/create-pending"),
    "webhooks_delivery/first-attempt": ("webhooks/create",),
}
"""The payloads to invoke before each of these."""

_BODY = EXAMPLES["createEvent"]["coaching session"]
_CHANGED = EXAMPLE_NOW - timedelta(seconds=1)


def workers() -> dict[str, Payload]:
    """Return the payloads that start a worker, by name."""
    event = example_event()
    moved = replace(event, version=2, sequence=1)
    return {
        "relay/new-event": from_stream(("INSERT", from_event(event).serialize())),
        "relay/changed-event": from_stream(("MODIFY", from_event(moved).serialize())),
        "relay/changed-guests": from_stream(("INSERT", from_guest_list(_guests()).serialize())),
        "relay/resend-requested": from_stream(
            ("MODIFY", from_invite(example_invite()).serialize())
        ),
        "publish/new-event": from_stream(("INSERT", from_event(event).serialize())),
        "calendar_sync/changed-event": from_queue(_BODY["sessionId"]),
        "calendar_sync/two-events": from_queue(_BODY["sessionId"], "session-2"),
        "rsvp/reply": received_payload(MESSAGE_ID, [REPLY_ADDRESS], at=EXAMPLE_NOW),
        "webhooks_delivery/first-attempt": from_webhook_queue(
            WEBHOOK_ID, task_text(_delivery(event))
        ),
        "token_refresh/schedule": from_schedule("token_refresh"),
        "sweeper/schedule": from_schedule("sweeper"),
    }


def example_event() -> Event:
    """Return the session of the payloads, as it was booked."""
    start, end = (datetime.fromisoformat(_BODY[name]) for name in ("startTime", "endTime"))
    contacts = (Contact(each["userId"], each["email"], each["name"]) for each in _BODY["contacts"])
    return Event(
        id=_BODY["sessionId"],
        title=_BODY["title"],
        interval=Interval(start, end),
        zone=_BODY["timezone"],
        owner=Owner(_BODY["owner"]),
        coach_ids=tuple(_BODY["coachId"]),
        learner_ids=tuple(_BODY["learnerId"]),
        admin_id=_BODY["adminId"],
        status=EventStatus.SCHEDULED,
        created_at=_CHANGED,
        updated_at=_CHANGED,
        request_digest=hashlib.sha256(json.dumps(_BODY).encode()).hexdigest(),
        session_link=_BODY["sessionLink"],
        location=_BODY["location"],
        contacts=tuple(contacts),
    )


def _delivery(event: Event) -> DeliveryTask:
    booked = domain_event(
        DomainEventType.SESSION_BOOKED,
        EventSubject(SubjectKind.SESSION, event.id),
        event.version,
        at=_CHANGED,
        data={"title": event.title},
    )
    envelope = EnvelopeText(
        id=booked.id, type=booked.type.value, occurred_at=booked.occurred_at, body=booked.text
    )
    return DeliveryTask(webhook_id=WEBHOOK_ID, envelope=envelope)


def _guests() -> GuestList:
    guest = ExternalAttendee(email="guest@example.org", name=None, added_at=_CHANGED)
    return GuestList(
        session_id=_BODY["sessionId"],
        session_type="coaching",
        attendees=(guest,),
        event_version=1,
        unsynced_since=_CHANGED,
        row_version=1,
    )


def example_invite() -> Invite:
    """Return an invite whose mail has bounced and is to be sent again."""
    bounced = Attempt(
        number=1,
        content=MailContent(method=InviteMethod.REQUEST, sequence=0, digest="5f2b"),
        status=DeliveryState.BOUNCED,
        message_id="010701a2b3c4d5e6-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-000000",
        bounce_type="Transient/General",
        updated_at=_CHANGED,
    )
    return Invite(
        event_id=_BODY["sessionId"],
        address="guest@example.org",
        kind=InviteKind.EXTERNAL,
        attempts=(bounced,),
        resend=True,
        resend_since=_CHANGED,
        row_version=2,
    )
