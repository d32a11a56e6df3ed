import base64
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import Response

from infra.local.gateway import Match, Request, payload
from shared.api.app import LARGEST_BODY, PUBLIC, App
from shared.api.envelope import Body, answer
from shared.domain.errors import CalendarServiceError, Forbidden, LostRace
from tests.support.contract import error_problems


class Named(Body):
    first_name: str


def built() -> App:
    app = App()

    @app.post("/named", security=PUBLIC)
    def named(body: Named) -> Response[str]:
        return answer({"name": body.first_name}, "Named.", status=201)

    @app.get("/fails/<how>", security=PUBLIC)
    def fails(how: str) -> Response[str]:
        raise {
            "forbidden": Forbidden("You may not."),
            "unexpected": ZeroDivisionError("secret-7"),
            "internal": CalendarServiceError("secret-7"),
            "lost": LostRace("secret-7"),
        }[how]

    return app


def send(app: App, method: str, path: str, raw: bytes = b"", **changes: Any) -> Any:
    request = Request(method=method, target=path, headers=[], body=raw, source_ip="127.0.0.1")
    matched = Match(function="x", route_key=f"{method} {path}", path_parameters={})
    sent = {**payload(request, matched, now=datetime.now(UTC)), **changes}
    context: Any = SimpleNamespace(aws_request_id="r", function_name="x")
    return app.handle(sent, context)


def told(found: Any) -> tuple[int, Any]:
    return found["statusCode"], json.loads(found["body"])


def test_an_answer_is_an_envelope_nobody_may_keep() -> None:
    found = send(built(), "POST", "/named", '{"firstName": "Ünï 🗓"}'.encode())

    assert told(found) == (
        201,
        {"success": True, "message": "Named.", "data": {"name": "Ünï 🗓"}},
    )
    assert found["headers"]["Cache-Control"] == "no-store"
    assert found["headers"]["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "application/x-www-form-urlencoded"}, {"Content-Type": "text/plain"}, None],
)
def test_a_body_is_json_whatever_its_type_says(headers: Any) -> None:
    found = send(built(), "POST", "/named", b'{"firstName": "Ada"}', headers=headers)

    assert told(found)[0] == 201


def test_a_body_may_come_in_base64() -> None:
    body = base64.b64encode('{"firstName": "Ünï"}'.encode()).decode()

    found = send(built(), "POST", "/named", body=body, isBase64Encoded=True)

    assert told(found)[1]["data"] == {"name": "Ünï"}


@pytest.mark.parametrize("body", ["!!!", base64.b64encode(b"\xff").decode(), "a"])
def test_base64_that_holds_no_text_is_refused(body: str) -> None:
    found = send(built(), "POST", "/named", body=body, isBase64Encoded=True)

    status, envelope = told(found)
    assert (status, envelope["error"]["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(("size", "status"), [(LARGEST_BODY, 201), (LARGEST_BODY + 1, 413)])
def test_a_body_has_a_largest_size(size: int, status: int) -> None:
    start, end = b'{"firstName": "', b'"}'

    found = send(built(), "POST", "/named", start + b"x" * (size - len(start) - len(end)) + end)

    assert told(found)[0] == status


def test_what_is_raised_on_purpose_is_told() -> None:
    status, envelope = told(send(built(), "GET", "/fails/forbidden"))

    assert (status, envelope["message"]) == (403, "You may not.")
    assert error_problems(envelope) == []


@pytest.mark.parametrize("how", ["unexpected", "internal", "lost"])
def test_what_is_not_is_logged_and_told_without_its_reason(
    how: str, caplog: pytest.LogCaptureFixture
) -> None:
    status, envelope = told(send(built(), "GET", f"/fails/{how}"))

    assert (status, envelope["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert error_problems(envelope) == []
    assert "secret-7" not in json.dumps(envelope)
    assert "unexpected failure" in caplog.messages


def test_the_request_id_is_that_of_the_gateway() -> None:
    found = send(
        built(),
        "GET",
        "/nowhere",
        requestContext={
            "requestId": "abc",
            "http": {"method": "GET", "path": "/nowhere"},
            "stage": "$default",
        },
    )

    assert told(found)[1]["requestId"] == "abc"


def test_a_path_that_takes_another_method_names_it() -> None:
    found = send(built(), "PUT", "/named")

    assert (told(found)[0], found["headers"]["Allow"]) == (405, "POST")
