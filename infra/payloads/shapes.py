"""Builds payloads of Lambda's event sources in the shapes AWS documents. Output is deterministic.

Shapes: the Lambda developer guide, "Using Lambda with Amazon SQS" and "Using AWS Lambda with Amazon
DynamoDB"; the EventBridge Scheduler user guide, "Managing targets"; for API Gateway see
`infra.local.gateway`.
"""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from infra.local.aws import REGION
from infra.local.gateway import Request, RouteMatch, payload
from infra.openapi.examples import EXAMPLE_NOW
from infra.tables import STREAM_IMAGES

Payload = dict[str, Any]

ACCOUNT = "123456789012"
HOST = "calendar.example.com"
"""The API's host name."""

_API = "a1b2c3d4e5"
_ROLE = "AROAEXAMPLEEXAMPLEID1"
_QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:calendar-service-sync.fifo"
_WEBHOOKS = f"arn:aws:sqs:{REGION}:{ACCOUNT}:calendar-service-webhooks"
_STREAM = (
    f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/calendar-service-events"
    "/stream/2026-11-01T00:00:00.000"
)
_SCHEDULES = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default"
_FIRST_SEQUENCE = 18900000000000000000
_FIRST_CHANGE = 4421584500000000017450439091


def from_api(name: str, request: Request, matched: RouteMatch) -> Payload:
    """Return the HTTP API's payload for a request. Its ids are derived from `name`."""
    made = payload(request, matched, now=EXAMPLE_NOW)
    api_fields = {
        "accountId": ACCOUNT,
        "apiId": _API,
        "domainPrefix": HOST.partition(".")[0],
        "requestId": _id("request", name),
    }
    return {**made, "requestContext": {**made["requestContext"], **api_fields}}


def from_queue(*bodies: str) -> Payload:
    """Return the sync queue's payload, with one message per event id."""
    return {"Records": [_message(number, body) for number, body in enumerate(bodies)]}


def from_webhook_queue(group: str, body: str) -> Payload:
    """Return the webhook queue's payload: one message of a standard queue, in a group."""
    message = _message(0, body)
    kept = ("ApproximateReceiveCount", "SentTimestamp", "ApproximateFirstReceiveTimestamp")
    attributes = {name: message["attributes"][name] for name in kept}
    sender = {"MessageGroupId": group, "SenderId": f"{_ROLE}:calendar-service-publish"}
    return {
        "Records": [
            {**message, "attributes": {**attributes, **sender}, "eventSourceARN": _WEBHOOKS}
        ]
    }


def from_stream(*changes: tuple[str, Mapping[str, Any]]) -> Payload:
    """Return the events table's stream payload for pairs of an event name and the new item.

    An item is in DynamoDB JSON and has the table's keys, pk and sk.
    """
    records = [_change(number, name, image) for number, (name, image) in enumerate(changes)]
    return {"Records": records}


def from_schedule(name: str, *, at: datetime = EXAMPLE_NOW) -> Payload:
    """Return EventBridge Scheduler's default payload, for a target without an input."""
    return {
        "version": "0",
        "id": _id("schedule", f"{name}{at:%Y%m%d%H%M%S}"),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": [f"{_SCHEDULES}/{name}"],
        # The Scheduler sends this as a string.
        "detail": "{}",
    }


def _message(number: int, body: str) -> Payload:
    millis = f"{EXAMPLE_NOW.timestamp() * 1000:.0f}"
    return {
        "messageId": _id("message", f"{number}{body}"),
        "receiptHandle": f"AQEBexample{hashlib.sha256(f'{number}{body}'.encode()).hexdigest()}",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": millis,
            "SequenceNumber": str(_FIRST_SEQUENCE + number),
            "MessageGroupId": body,
            "SenderId": f"{_ROLE}:calendar-service-relay",
            "MessageDeduplicationId": _change_id(number, body),
            "ApproximateFirstReceiveTimestamp": millis,
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": _QUEUE,
        "awsRegion": REGION,
    }


def _change(number: int, name: str, image: Mapping[str, Any]) -> Payload:
    keys = {key: image[key] for key in ("pk", "sk")}
    return {
        "eventID": _change_id(number, keys["pk"]["S"]),
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": EXAMPLE_NOW.timestamp(),
            "Keys": keys,
            "NewImage": dict(image),
            "SequenceNumber": str(_FIRST_CHANGE + number),
            "SizeBytes": len(str(image)),
            "StreamViewType": STREAM_IMAGES,
        },
        "eventSourceARN": _STREAM,
    }


def _change_id(number: int, event_id: str) -> str:
    return hashlib.md5(f"{number}{event_id}".encode(), usedforsecurity=False).hexdigest()


def _id(kind: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://{HOST}/{kind}/{name}"))
