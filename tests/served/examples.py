"""The example bodies of the document, and a running service to send them to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from infra.local.server import Service

LIFE = (
    "replaceAvailability",
    "setTimezone",
    "createHoliday",
    "createEvent",
    "replaceExternalAttendees",
    "updateEvent",
    "resendInvites",
    "approveEvent",
    "cancelEvent",
    "connectApple",
    # The tokens of these are good for nothing, so whose calendars they lead to can book no more.
    "autoProvisionConnection",
)
"""The operations with examples, but for what SNS sends: its signature is for SNS to make."""

OF_SNS = "sesNotifications"
EVERYBODY = ["Coach", "Learner", "Admin"]


@dataclass(frozen=True, slots=True)
class Example:
    """One body of the document with where it goes; `success` is 201 where something is made."""

    operation: str
    name: str
    method: str
    path: str
    target: str
    body: Any
    success: int


def examples_in(document: Mapping[str, Any]) -> dict[str, list[Example]]:
    """Return the example bodies of each operation that has any, in the document's order."""
    found: dict[str, list[Example]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for each in _examples(method.upper(), path, operation):
                found.setdefault(each.operation, []).append(each)
    return found


def _examples(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[Example]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    for name, example in content.get("examples", {}).items():
        yield Example(
            operation=operation["operationId"],
            name=name,
            method=method,
            path=path,
            target=_target(path, operation.get("parameters", ())),
            body=example["value"],
            success=max(int(each) for each in operation["responses"] if each[0] == "2"),
        )


def _target(path: str, parameters: Any) -> str:
    """The path with the parameters that are required, as the document's examples of them say."""
    filled = path
    for each in parameters:
        if each["in"] == "path":
            filled = filled.replace(f"{{{each['name']}}}", each["example"])
    query = {
        each["name"]: each["example"]
        for each in parameters
        if each["in"] == "query" and each.get("required")
    }
    return f"{filled}?{urlencode(query)}" if query else filled


class Sender:
    """Sends examples as somebody who has every role, or as the service that may provision."""

    def __init__(self, run: Service) -> None:
        self._run = run
        self._bearers = {
            "autoProvisionConnection": run.token("sign-in", [], scope="connections:provision"),
            OF_SNS: "",
        }
        self._usual = run.token("example-user", EVERYBODY, email="user@example.org")

    def send(self, example: Example) -> httpx.Response:
        """Return the answer to one."""
        bearer = self._bearers.get(example.operation, self._usual)
        return httpx.request(
            example.method,
            self._run.url + example.target,
            json=self._here(example),
            headers={"Authorization": f"Bearer {bearer}"} if bearer else {},
            timeout=30,
        )

    def _here(self, example: Example) -> Any:
        """The body with a real server and the account on it in place of those made up."""
        if example.operation != "connectApple":
            return example.body
        account = self._run.caldav
        return {
            **example.body,
            "username": account.username,
            "password": account.password,
            "serverUrl": account.url,
        }
