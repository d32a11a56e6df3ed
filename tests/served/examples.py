"""The example bodies of the OpenAPI document, and a client that sends them to the service."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from infra.local.service import Service
from infra.payloads.samples import WEBHOOK_ID
from shared.providers.google.oauth import SCOPES

SEQUENCE = (
    "replaceAvailability",
    "setTimezone",
    "createHoliday",
    "createEvent",
    "replaceExternalAttendees",
    "updateEvent",
    "resendInvites",
    "leaveEvent",
    "approveEvent",
    "declineEvent",
    "cancelEvent",
    "connectApple",
    # Its tokens are invalid, so its users' calendars are unreadable and block later bookings.
    "autoProvisionConnection",
    "createWebhook",
    "updateWebhook",
    "replayWebhook",
)
"""The operations with examples in an order in which all succeed. SNS must sign its own."""

SNS_OPERATION = "sesNotifications"
COMPLETE_OPERATION = "completeConnection"
"""Its example has a code that the service did not issue."""

ALL_ROLES = ["Coach", "Learner", "Admin"]


@dataclass(frozen=True, slots=True)
class Example:
    """One example body and its route. `success` is 201 if the operation creates something."""

    operation: str
    name: str
    method: str
    path: str
    target: str
    body: Any
    success: int


def examples_in(document: Mapping[str, Any]) -> dict[str, list[Example]]:
    """Return the example bodies of each operation that has any, in the document's order."""
    examples: dict[str, list[Example]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for each in _examples(method.upper(), path, operation):
                examples.setdefault(each.operation, []).append(each)
    return examples


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
    """Return the path with the example values of its required parameters."""
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
    """Sends examples as a user with every role, or as the auth service where needed.

    Later examples are about the webhook that an earlier one has created.
    """

    def __init__(self, run: Service) -> None:
        self._run = run
        self._bearers = {
            "autoProvisionConnection": run.token("sign-in", [], scope="connections:provision"),
            "leaveEvent": run.token("learner-1", ["Learner"]),
            SNS_OPERATION: "",
        }
        self._webhook_id = WEBHOOK_ID
        self._user = run.token("example-user", ALL_ROLES, email="user@example.org")

    def send(self, example: Example) -> httpx.Response:
        """Send an example and return the response."""
        bearer = self._bearers.get(example.operation, self._user)
        response = httpx.request(
            example.method,
            self._run.url + example.target.replace(WEBHOOK_ID, self._webhook_id),
            json=self._body(example),
            headers={"Authorization": f"Bearer {bearer}"} if bearer else {},
            timeout=30,
        )
        if example.operation == "createWebhook" and response.is_success:
            self._webhook_id = response.json()["data"]["id"]
        return response

    def _access_token(self, body: Any) -> str:
        """Return a token of the simulated Google; other examples hand over dead grants."""
        if body["provider"].lower() != "google":
            return str(body["accessToken"])
        google = self._run.servers.google.authorization
        return google.grant(body["email"], SCOPES, offline=False)[0]

    def _body(self, example: Example) -> Any:
        """Return the body, with the credential of a simulated account instead of the example's."""
        if example.operation == "autoProvisionConnection":
            return {**example.body, "accessToken": self._access_token(example.body)}
        if example.operation != "connectApple":
            return example.body
        account = self._run.caldav
        return {
            **example.body,
            "username": account.username,
            "password": account.password,
            "serverUrl": account.url,
        }
