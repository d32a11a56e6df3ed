"""Part five: a receiver of webhooks gets the domain events of a session, signed."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.demo.common import ApiClient, RunningService, expect, say
from infra.local.demo.scenario import ZONE, Scenario

SESSION = "demo-8"
DAYS = 28
"""Days from the first part's session to this one; also a Monday."""

SECONDS = 60
TYPES = ["session.booked", "session.cancelled"]


class DemoReceiver:
    """Verifies each delivery with the secret, and keeps the envelopes by id."""

    def __init__(self) -> None:
        self.url = ""
        self.secret = ""
        self.rejected = 0
        self._envelopes: dict[str, Any] = {}
        self._changed = threading.Condition()

    def receive(self, body: bytes, header: str) -> int:
        """Return the status for a delivery."""
        with self._changed:
            if not is_signed(body, header, self.secret):
                self.rejected += 1
                return 401
            envelope = json.loads(body)
            self._envelopes[envelope["id"]] = envelope
            self._changed.notify_all()
        return 204

    def wait_for(self, kind: str, session: str, *, seconds: float = SECONDS) -> Any:
        """Return the envelope of that type about the session.

        Raises:
            DemoFailed: when none has arrived after that many seconds.
        """
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                for each in self._envelopes.values():
                    if (each["type"], each["subject"]["id"]) == (kind, session):
                        return each
                left = end - time.monotonic()
                expect(left > 0, f"no {kind} about {session} arrived in {seconds:g} s")
                self._changed.wait(left)


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Return whether one v1 of the header fits; the demo's clock differs from the real one."""
    fields = [part.partition("=") for part in header.split(",")]
    seconds = next((value for name, _, value in fields if name == "t"), "")
    signed = seconds.encode() + b"." + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return any(name == "v1" and hmac.compare_digest(value, expected) for name, _, value in fields)


def run_steps(run: RunningService, scenario: Scenario) -> None:
    """Run every step.

    Raises:
        DemoFailed: at the first step that fails.
    """
    admin = ApiClient(run, "admin-1", "Admin")
    with admin.client, serving_receiver() as receiver:
        body = {"url": receiver.url, "types": TYPES}
        webhook = admin.call("POST", "/api/v1/webhooks", status=201, body=body)
        receiver.secret = webhook["secret"]
        try:
            follow_session(run, admin, scenario, receiver)
        finally:
            admin.call("DELETE", f"/api/v1/webhooks/{webhook['id']}")


def follow_session(
    run: RunningService, admin: ApiClient, scenario: Scenario, receiver: DemoReceiver
) -> None:
    """Book and cancel a session, and check what the receiver gets."""
    slot = scenario.slot(days=DAYS)
    body = {
        "sessionId": SESSION,
        "title": "A session with a webhook",
        "startTime": slot.start.isoformat(),
        "endTime": slot.end.isoformat(),
        "timezone": ZONE,
        "owner": "ADMIN",
        "adminId": "admin-1",
        "coachId": ["coach-1"],
        "learnerId": ["learner-1"],
        "autoApproval": True,
    }
    run.until(lambda: admin.call("POST", "/api/v1/events", status=201, body=body))
    booked = receiver.wait_for("session.booked", SESSION)
    say("A webhook's receiver got session.booked and verified its signature.")
    admin.call("POST", "/api/v1/events/cancel", body={"sessionId": SESSION})
    cancelled = receiver.wait_for("session.cancelled", SESSION)
    is_newer = cancelled["subjectVersion"] > booked["subjectVersion"]
    expect(is_newer, "the cancellation has no higher version")
    expect(not receiver.rejected, f"{receiver.rejected} deliveries had no valid signature")
    say("It got session.cancelled with a higher version; the webhook is deleted again.")


@contextmanager
def serving_receiver() -> Iterator[DemoReceiver]:
    """Serve a receiver on a free loopback port."""
    receiver = DemoReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.receive(body, self.headers["Calendar-Signature"]))
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Log nothing: the demo prints its steps."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/events"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
