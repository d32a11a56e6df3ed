"""The domain events on the local bus, one line each: GET /_local/events."""

import json
import threading
from collections.abc import Mapping
from typing import Any, Protocol

from infra.local.aws import SEEN_QUEUE, open_session
from infra.local.gateway import Response

WAIT_SECONDS = 10
_BATCH = 10


class PublicationWaiter(Protocol):
    """Waits until what was written is published."""

    def __call__(self, *, seconds: float) -> bool:
        """Return whether it is."""
        ...


class EventLog:
    """Shows every event that the bus has delivered to a target, in the order of arrival.

    At least once: a repeated event has the same id.
    """

    def __init__(self, environment: Mapping[str, str], *, wait: PublicationWaiter) -> None:
        self._url = environment[SEEN_QUEUE]
        self._sqs = open_session(environment).client(
            "sqs", endpoint_url=environment["AWS_ENDPOINT_URL"]
        )
        self._wait = wait
        self._lock = threading.Lock()
        self._lines: list[str] = []

    def respond(self, method: str, _path: str, _body: bytes) -> Response:
        """Return the envelopes as lines of JSON, after those under way have arrived."""
        if method != "GET":
            return Response(status=405, headers=(("allow", "GET"),), body=b"Use GET.\n")
        self._wait(seconds=WAIT_SECONDS)
        with self._lock:
            self._take_all()
            text = "".join(f"{line}\n" for line in self._lines)
        kind = ("content-type", "application/x-ndjson")
        return Response(
            status=200, headers=(kind, ("x-content-type-options", "nosniff")), body=text.encode()
        )

    def _take_all(self) -> None:
        while messages := self._receive():
            for each in messages:
                event = json.loads(each["Body"])
                self._lines.append(json.dumps(event["detail"], ensure_ascii=False))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=each["ReceiptHandle"])

    def _receive(self) -> list[Any]:
        response = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=_BATCH)
        return list(response.get("Messages", ()))
