"""Checks that what a deployed service has published is its own view of the sessions."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import httpx

from infra.local.demo.common import expect

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ADMIN = ("admin-of-changes", ["Admin"])
_SHOWN = ("title", "status", "startTime", "endTime", "coachId", "learnerId", "location")


class BusListener:
    """A rule and a queue that receive everything on a bus."""

    def __init__(self, session: boto3.Session, endpoint: str, *, bus: str) -> None:
        self._sqs: SQSClient = session.client("sqs", endpoint_url=endpoint)
        events: Any = session.client("events", endpoint_url=endpoint)
        self._url = self._sqs.create_queue(QueueName="published")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        events.put_rule(
            Name="published", EventBusName=bus, EventPattern='{"source": ["calendar-service"]}'
        )
        target = {"Id": "queue", "Arn": arn["Attributes"]["QueueArn"]}
        events.put_targets(Rule="published", EventBusName=bus, Targets=[target])
        self._found: dict[str, Any] = {}

    def envelopes(self) -> Mapping[str, Any]:
        """Return every envelope received so far by id."""
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for each in messages:
                envelope = json.loads(each["Body"])["detail"]
                self._found[envelope["id"]] = envelope
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=each["ReceiptHandle"])
        return self._found


class PublishingService(Protocol):
    """A deployed service; `Deployment` is one."""

    @property
    def url(self) -> str:
        """The address of its API."""
        ...

    @property
    def bus(self) -> BusListener:
        """What its bus has delivered."""
        ...

    def token(self, sub: str, roles: list[str], **claims: Any) -> str:
        """Return a token."""
        ...


def check_published(run: PublishingService) -> str:
    """Check that bus, change list and API agree; return what was compared, in words.

    Raises:
        DemoFailed: naming the first difference, which may be an event under way.
    """
    headers = {"authorization": f"Bearer {run.token(*ADMIN)}"}
    with httpx.Client(base_url=run.url, headers=headers, timeout=60) as client:
        listed = list(_walk(client))
        counts = Counter(each["id"] for each in listed)
        expect(max(counts.values(), default=0) == 1, f"the change list repeats events: {counts}")
        received = run.bus.envelopes()
        expect(counts.keys() == received.keys(), "the bus and the change list differ")
        sessions = _newest(listed, "session")
        for session, envelope in sessions.items():
            _check_session(client, session, envelope)
    return f"{len(listed)} domain events about {len(sessions)} sessions and more"


def _check_session(client: httpx.Client, session: str, envelope: Mapping[str, Any]) -> None:
    stored = client.get(f"/api/v1/events/{session}").json()["data"]
    expect(
        stored["version"] == envelope["subjectVersion"],
        f"session {session} is at version {stored['version']}, its events are at "
        f"{envelope['subjectVersion']}",
    )
    for name in _SHOWN:
        expect(stored[name] == envelope["data"][name], f"{name} of {session} differs")


def _newest(listed: list[Any], kind: str) -> Mapping[str, Any]:
    about = (each for each in listed if each["subject"]["kind"] == kind)
    ordered = sorted(about, key=lambda each: each["subjectVersion"])
    return {each["subject"]["id"]: each for each in ordered}


def _walk(client: httpx.Client) -> Iterator[Any]:
    query: dict[str, Any] = {"limit": 5}
    while True:
        page = client.get("/api/v1/changes", params=query).json()["data"]
        yield from page["changes"]
        if not page["hasMore"]:
            return
        query["since"] = page["cursor"]
