"""The JSON Schemas of domain events, from the shapes of their data. No function loads this."""

from typing import Any

from pydantic import TypeAdapter

from functions.changes.event_data import DATA
from functions.changes.responses import DomainEventOut
from shared.domain.domain_event import SCHEMA_VERSION, DomainEventType

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DESCRIPTIONS = {
    DomainEventType.SESSION_BOOKED: "A session was booked, or booked again under its id.",
    DomainEventType.SESSION_CHANGED: "A session was changed.",
    DomainEventType.SESSION_APPROVED: "A pending session was approved.",
    DomainEventType.SESSION_DECLINED: "A pending session was declined.",
    DomainEventType.SESSION_EXPIRED: "A pending session was not approved in time.",
    DomainEventType.SESSION_CANCELLED: "A session was cancelled.",
    DomainEventType.SESSION_PARTICIPANT_LEFT: "A learner has left a group session.",
    DomainEventType.COPY_SYNCED: "A calendar matches this version of the session.",
    DomainEventType.COPY_FAILED: "A calendar did not accept this version of the session.",
    DomainEventType.INVITE_SENT: "SES has accepted a mail.",
    DomainEventType.INVITE_DELIVERED: "A mail was delivered to the recipient's server.",
    DomainEventType.INVITE_BOUNCED: "A mail bounced, or SES rejected it or could not send it.",
    DomainEventType.INVITE_COMPLAINED: "The recipient has marked a mail as spam.",
    DomainEventType.INVITE_RESPONDED: "A recipient has answered an invitation.",
    DomainEventType.PARTICIPANT_UNREACHABLE: (
        "A participant of a scheduled session gets neither a calendar entry nor mail."
    ),
    DomainEventType.CONNECTION_CONNECTED: "A calendar was connected, or works again.",
    DomainEventType.CONNECTION_RECONNECT_REQUIRED: "A user must connect a calendar again.",
    DomainEventType.CONNECTION_DISCONNECTED: "A connection was deleted.",
    DomainEventType.CALENDAR_UNREADABLE: "A connected calendar cannot be read until its user acts.",
    DomainEventType.AVAILABILITY_CHANGED: "A user's weekly windows or zone in a role have changed.",
    DomainEventType.HOLIDAY_CHANGED: "A holiday was added or deleted.",
    DomainEventType.WEBHOOK_DISABLED: "A webhook is sent no domain events any more.",
}
"""By type: what it means."""


def schema_of(kind: DomainEventType) -> dict[str, Any]:
    """Return the schema of the envelopes of one type, without references outside it.

    Consumers must ignore fields that they do not know: a later version may add some.
    """
    envelope = TypeAdapter(DomainEventOut).json_schema()
    data = TypeAdapter(DATA[kind]).json_schema()
    definitions = {**envelope.pop("$defs"), **data.pop("$defs", {})}
    properties = {
        **envelope["properties"],
        "type": {"const": kind.value},
        "schemaVersion": {"const": SCHEMA_VERSION},
        "data": data,
    }
    schema = {"type": "object", "required": envelope["required"], "properties": properties}
    resolved: dict[str, Any] = _inlined(schema, definitions)
    return {"description": DESCRIPTIONS[kind], **resolved}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema with its references replaced, and without generated titles."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        return _inlined(definitions[reference.removeprefix("#/$defs/")], definitions)
    return {
        name: " ".join(each.split())
        if name == "description" and isinstance(each, str)
        else _inlined(each, definitions)
        for name, each in schema.items()
        if not (name == "title" and isinstance(each, str))
    }
