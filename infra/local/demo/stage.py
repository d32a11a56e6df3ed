"""What every scene of the demo uses: a person at the API, a check, and a line of what was done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from infra.local.server import Service
from shared.domain.interval import Interval


class DemoFailed(Exception):
    """A step did not do what it should; the message says which and how."""


class Api:
    """The service, as one person uses it; close `client` after use."""

    def __init__(self, run: Service, user: str, role: str) -> None:
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
