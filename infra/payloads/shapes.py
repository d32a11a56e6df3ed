"""The payloads of Lambda's event sources, in the shapes AWS documents, the same every time.

Shapes: the Lambda developer guide, "Using Lambda with Amazon SQS" and "Using AWS Lambda with Amazon
DynamoDB"; the EventBridge Scheduler user guide, "Managing targets"; for API Gateway see
`infra.local.gateway`.
"""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from infra.local.aws import REGION
from infra.local.gateway import Match, Request, payload

Payload = dict[str, Any]

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""When everything in the payloads happens: a Monday, 08:00 UTC."""

ACCOUNT = "123456789012"
HOST = "calendar.example.com"
"""Where the API is."""

_API = "a1b2c3d4e5"
_ROLE = "AROAEXAMPLEEXAMPLEID1"
_QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:calendar-service-sync.fifo"
_STREAM = (
    f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/calendar-service-events"
    "/stream/2026-11-01T00:00:00.000"
)
_SCHEDULES = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default"
_FIRST_SEQUENCE = 18900000000000000000
_FIRST_CHANGE = 4421584500000000017450439091


def from_api(name: str, request: Request, matched: Match) -> Payload:
    """Return what the HTTP API sends for a request; `name` tells payloads apart in their ids."""
    made = payload(request, matched, now=AT)
    of_this_api = {
        "accountId": ACCOUNT,
        "apiId": _API,
        "domainPrefix": HOST.partition(".")[0],
        "requestId": _id("request", name),
    }
    return {**made, "requestContext": {**made["requestContext"], **of_this_api}}


def from_queue(*bodies: str) -> Payload:
    """Return what the sync queue's event source mapping sends: a message for each event id."""
    return {"Records": [_message(number, body) for number, body in enumerate(bodies)]}


def from_stream(*changes: tuple[str, Mapping[str, Any]]) -> Payload:
    """Return what the events table's stream sends, of pairs of an event name and the new item.

    An item is in DynamoDB's JSON and has the table's keys, pk and sk.
    """
    records = [_change(number, name, image) for number, (name, image) in enumerate(changes)]
    return {"Records": records}


def from_schedule(name: str, *, at: datetime = AT) -> Payload:
    """Return EventBridge Scheduler's own payload, which a target without an input is given."""
    return {
        "version": "0",
        "id": _id("schedule", f"{name}{at:%Y%m%d%H%M%S}"),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": [f"{_SCHEDULES}/{name}"],
        # A text: the Scheduler has no other detail.
        "detail": "{}",
    }


def _message(number: int, body: str) -> Payload:
    millis = f"{AT.timestamp() * 1000:.0f}"
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
            "ApproximateCreationDateTime": AT.timestamp(),
            "Keys": keys,
            "NewImage": dict(image),
            "SequenceNumber": str(_FIRST_CHANGE + number),
            "SizeBytes": len(str(image)),
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": _STREAM,
    }


def _change_id(number: int, event_id: str) -> str:
    return hashlib.md5(f"{number}{event_id}".encode(), usedforsecurity=False).hexdigest()


def _id(kind: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://{HOST}/{kind}/{name}"))
