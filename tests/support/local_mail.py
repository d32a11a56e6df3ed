"""Sends mail as a function does, and receives SES reports, for tests of the local SES."""

import json
import threading
from email.message import EmailMessage
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session

from infra.local.workers import InvocationFailed


def ses_client(url: str | None, *, attempts: int = 1) -> Any:
    """Return botocore's client of SES version 2; without a URL the environment decides."""
    return _session().create_client(
        "sesv2",
        region_name="eu-central-1",
        endpoint_url=url,
        config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}),
    )


@cache
def _session() -> Session:
    session = Session()
    session.set_credentials("local", "local")
    return session


def raw_mail(to: str, *, subject: str = "Invitation") -> bytes:
    """Return a small mail."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "calendar@sessions.example", to, subject
    mail.set_content("Hello")
    return mail.as_bytes()


def send(client: Any, to: str, *, subject: str = "Invitation", **changes: Any) -> str:
    """Send a mail with tags and a configuration set; return its message id."""
    parameters = {
        "FromEmailAddress": "Calendar <calendar@sessions.example>",
        "Destination": {"ToAddresses": [to]},
        "Content": {"Raw": {"Data": raw_mail(to, subject=subject)}},
        "EmailTags": [{"Name": "event", "Value": "s-1"}],
        "ConfigurationSetName": "calendar-service",
        **changes,
    }
    message_id: str = client.send_email(**parameters)["MessageId"]
    return message_id


class Recipient:
    """In place of the workers: records invocations; the first `failures` of them fail."""

    def __init__(self, *, failures: int = 0) -> None:
        self.payloads: list[Any] = []
        self.failures = failures
        self.invocations: list[tuple[str, str]] = []

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Record the payload, or fail."""
        assert seconds > 0
        self.invocations.append((module, function))
        if self.failures:
            self.failures -= 1
            raise InvocationFailed("fails on purpose")
        self.payloads.append(payload)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The received SES events, in order."""
        return [json.loads(each["Records"][0]["Sns"]["Message"]) for each in self.payloads]


class BlockedRecipient(Recipient):
    """Waits for `go`; sets `began` on the first invocation."""

    def __init__(self, *, failures: int = 0) -> None:
        super().__init__(failures=failures)
        self.began, self.go = threading.Event(), threading.Event()

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Wait, then record the payload."""
        self.began.set()
        assert self.go.wait(20)
        return super().invoke(module, payload, function=function, seconds=seconds)
