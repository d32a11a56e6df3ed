"""What every scene of the demo uses: a person at the API, a check, and a line of what was done."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

import httpx

from infra.local.elsewhere import Elsewhere
from infra.local.mail.mails import Mails
from shared.domain.interval import Interval

T = TypeVar("T")


class DemoFailed(Exception):
    """A step did not do what it should; the message says which and how."""


class Run(Protocol):
    """A running service with the world around it, whether it runs here or was deployed."""

    @property
    def url(self) -> str:
        """Where its API is."""
        ...

    @property
    def elsewhere(self) -> Elsewhere:
        """The calendars that people may connect."""
        ...

    @property
    def mails(self) -> Mails:
        """What it sent, and what SES reports of it."""
        ...

    def token(self, sub: str, roles: list[str], **claims: Any) -> str:
        """Return a bearer token for that user."""
        ...

    def until(self, check: Callable[[], T]) -> T:
        """Return what `check` returns once the work left to do is done.

        It raises DemoFailed when what it looks for is not there, or when the service asks to try
        again, as for a calendar that was slow to answer; it may then be called again.
        """
        ...

    def refresh(self) -> Any:
        """Let the token schedule run once and return what it counted."""
        ...


class Api:
    """The service, as one person uses it; close `client` after use."""

    def __init__(self, run: Run, user: str, role: str) -> None:
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
        """Return the `data` of the answer (an error's `error`), which must have that status."""
        answer = self.client.request(method, path, json=body, params=query)
        expect(
            answer.status_code == status,
            f"{method} {path} answered {answer.status_code}, not {status}: {answer.text}",
        )
        content = answer.json()
        return content["data"] if content["success"] else content["error"]


def expect(condition: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like assert
    """Raise DemoFailed with that message unless the condition holds."""
    if not condition:
        raise DemoFailed(otherwise)


def say(text: str) -> None:
    """Print one step."""
    print(f"✓ {text}", flush=True)


def interval(told: Mapping[str, str]) -> Interval:
    """Return the time of a slot or an event as the API tells it."""
    return Interval(
        datetime.fromisoformat(told["startTime"]), datetime.fromisoformat(told["endTime"])
    )


def text(instant: datetime) -> str:
    """Return an instant as people read it."""
    return instant.strftime("%Y-%m-%d %H:%M UTC")
