"""Shared by all parts of the demo: an API client, a check, and printing a step."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

import httpx

from infra.local.mail.mails import Mails
from infra.local.provider_servers import ProviderServers
from shared.domain.interval import Interval

T = TypeVar("T")


class DemoFailed(Exception):
    """A step failed; the message says what was wrong."""


class RunningService(Protocol):
    """A running service, local or deployed, with its provider servers and mail."""

    @property
    def url(self) -> str:
        """The base URL of its API."""
        ...

    @property
    def servers(self) -> ProviderServers:
        """The servers of calendars that users can connect."""
        ...

    @property
    def mails(self) -> Mails:
        """The mail it sent, and SES reports about it."""
        ...

    def token(self, sub: str, roles: list[str], **claims: Any) -> str:
        """Return a bearer token for that user."""
        ...

    def until(self, check: Callable[[], T]) -> T:
        """Return the result of `check` once the pending work is done.

        `check` raises DemoFailed when its condition is not met or when the service asks the client
        to retry, for example after a slow calendar; it may then be called again.
        """
        ...

    def refresh(self) -> Any:
        """Run the token schedule once and return its counts."""
        ...


class ApiClient:
    """Calls the API as one user; close `client` after use."""

    def __init__(self, run: RunningService, user: str, role: str) -> None:
        token = run.token(user, [role], email=f"{user}@example.com")
        self.client = httpx.Client(
            base_url=run.url, headers={"Authorization": f"Bearer {token}"}, timeout=60
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        body: Any = None,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the response's `data`, or its `error`; the status must be `status`."""
        response = self.client.request(method, path, json=body, params=query)
        expect(
            response.status_code == status,
            f"{method} {path} returned {response.status_code}, not {status}: {response.text}",
        )
        content = response.json()
        return content["data"] if content["success"] else content["error"]


def expect(condition: bool, message: str) -> None:  # noqa: FBT001 - reads like assert
    """Raise DemoFailed with that message unless the condition holds."""
    if not condition:
        raise DemoFailed(message)


def say(text: str) -> None:
    """Print one step."""
    print(f"✓ {text}", flush=True)


def interval(content: Mapping[str, str]) -> Interval:
    """Return the time of a slot or an event in an API response."""
    return Interval(
        datetime.fromisoformat(content["startTime"]), datetime.fromisoformat(content["endTime"])
    )


def text(instant: datetime) -> str:
    """Return an instant in readable form."""
    return instant.strftime("%Y-%m-%d %H:%M UTC")
