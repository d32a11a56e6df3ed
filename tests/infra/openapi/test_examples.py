"""The example bodies of the document served, sent to the whole service as they stand."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from infra.local.server import Service, service
from tests.support.contract import answer_problems, contract

IN_THIS_ORDER = (
    "createEvent",
    "approveEvent",
    "replaceExternalAttendees",
    "resendInvites",
    "updateEvent",
    "cancelEvent",
    "replaceAvailability",
    "setTimezone",
    "createHoliday",
    "autoProvisionConnection",
    "connectApple",
    "sesNotifications",
)
"""What an example speaks of is made by one before it."""

STATUS: Mapping[str, tuple[int, str | None]] = {
    "createEvent": (201, None),
    "createHoliday": (201, None),
    "autoProvisionConnection": (201, None),
    "connectApple": (400, "SERVER_URL_NOT_ALLOWED"),
    "sesNotifications": (403, "SIGNATURE_INVALID"),
}
"""By operation: how its examples are answered where that is not 200."""

INSTEAD: Mapping[str, Mapping[str, Any]] = {"connectApple": {"serverUrl": "https://127.0.0.1"}}
"""Tests ask nobody's calendar server; the rest of the body is read before the address is."""

PLACES = {
    operation["operationId"]: (method.upper(), path)
    for path, item in contract()["paths"].items()
    for method, operation in item.items()
}


@pytest.fixture
def caller() -> Iterator[httpx.Client]:
    """Somebody who may do all that the examples ask for, at a service of their own."""
    with service(workers=2) as running, client(running) as caller:
        yield caller


def client(running: Service) -> httpx.Client:
    roles, scope = ["Coach", "Learner", "Admin"], "connections:provision"
    bearer = running.token("coach-1", roles, scope=scope)
    return httpx.Client(base_url=running.url, headers={"Authorization": f"Bearer {bearer}"})


def test_every_example_body_is_answered_as_it_stands(caller: httpx.Client) -> None:
    examples = examples_served(caller)
    assert set(IN_THIS_ORDER) == examples.keys()

    for name in IN_THIS_ORDER:
        for title, body in examples[name].items():
            answer = sent(caller, name, {**body, **INSTEAD.get(name, {})})

            told = (answer.status_code, answer.json().get("error", {}).get("code"))
            assert STATUS.get(name, (200, None)) == told, (title, answer.json())


def examples_served(caller: httpx.Client) -> dict[str, dict[str, Any]]:
    """Return the example bodies of each operation, as anybody may read them."""
    return {
        operation["operationId"]: {
            title: example["value"]
            for title, example in operation["requestBody"]["content"]["application/json"][
                "examples"
            ].items()
        }
        for item in caller.get("/api/v1/openapi.json").json()["paths"].values()
        for operation in item.values()
        if "requestBody" in operation
    }


def sent(caller: httpx.Client, name: str, body: Any) -> httpx.Response:
    """Send a body where the contract has it, and hold the answer against the contract."""
    method, path = PLACES[name]
    filled = path.replace("{eventId}", "session-1").replace("{sessionId}", "session-1")
    query = {"sessionType": "coaching"} if "external-attendees" in path else None
    answer = caller.request(method, filled, params=query, json=body)
    assert [] == answer_problems(method, path, answer.status_code, answer.json())
    return answer
