import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Annotated, Any, NoReturn

import pytest
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator
from typing_extensions import override

from infra.local.gateway import Request, RouteMatch, payload
from shared.api.app import PUBLIC, App
from shared.api.envelope import Body, success
from shared.api.operation import KIB, MAX_BODY_BYTES, operation
from shared.domain.errors import CalendarServiceError, Forbidden, LostRace, ProviderUnreachable
from tests.support.http_contract import error_problems
from tests.support.service import installed

REQUIRED = ("EVENTS_TABLE", "CONNECTIONS_TABLE", "AUTH_ISSUER", "AUTH_AUDIENCE")


@pytest.fixture(autouse=True, scope="module")
def _settings() -> Iterator[None]:
    """Settings of a stack without CloudFront."""
    with installed(dict.fromkeys(REQUIRED, "x")):
        yield


class Named(Body):
    first_name: str


def build_app() -> App:
    app = App()

    @app.post("/named", security=PUBLIC)
    def named(body: Named) -> Response[str]:
        return success({"name": body.first_name}, "Named.", status=201)

    @app.post("/large", security=PUBLIC)
    @operation("large", tag="T", responses={}, max_body_bytes=128 * KIB)
    def large(body: Named) -> Response[str]:
        return success({"name": body.first_name}, "Named.", status=201)

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
    matched = RouteMatch(function="x", route_key=f"{method} {path}", path_parameters={})
    sent = {**payload(request, matched, now=datetime.now(UTC)), **changes}
    context: Any = SimpleNamespace(aws_request_id="r", function_name="x")
    return app.handle(sent, context)


def parsed(result: Any) -> tuple[int, Any]:
    return result["statusCode"], json.loads(result["body"])


def test_a_response_is_an_envelope_that_must_not_be_cached() -> None:
    result = send(build_app(), "POST", "/named", '{"firstName": "Ünï 🗓"}'.encode())

    assert parsed(result) == (
        201,
        {"success": True, "message": "Named.", "data": {"name": "Ünï 🗓"}},
    )
    assert result["headers"]["Cache-Control"] == "no-store"
    assert result["headers"]["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "application/x-www-form-urlencoded"}, {"Content-Type": "text/plain"}, None],
)
def test_a_body_is_parsed_as_json_whatever_its_content_type(headers: Any) -> None:
    result = send(build_app(), "POST", "/named", b'{"firstName": "Ada"}', headers=headers)

    assert parsed(result)[0] == 201


def test_a_body_may_be_base64() -> None:
    body = base64.b64encode('{"firstName": "Ünï"}'.encode()).decode()

    result = send(build_app(), "POST", "/named", body=body, isBase64Encoded=True)

    assert parsed(result)[1]["data"] == {"name": "Ünï"}


@pytest.mark.parametrize("body", ["!!!", base64.b64encode(b"\xff").decode(), "a"])
def test_base64_that_is_not_text_is_rejected(body: str) -> None:
    result = send(build_app(), "POST", "/named", body=body, isBase64Encoded=True)

    status, envelope = parsed(result)
    assert (status, envelope["error"]["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(("path", "limit"), [("/named", MAX_BODY_BYTES), ("/large", 128 * KIB)])
@pytest.mark.parametrize("letter", ["x", "\u00fc", "\U0001f5d3"], ids=ascii)
@pytest.mark.parametrize("is_base64", [False, True])
def test_a_body_has_a_maximum_size_in_bytes(
    path: str, limit: int, letter: str, *, is_base64: bool
) -> None:
    for size, status in ((limit, 201), (limit + 1, 413)):
        raw = body_of(size, letter)
        assert size == len(raw)
        changes = (
            {"body": base64.b64encode(raw).decode(), "isBase64Encoded": True} if is_base64 else {}
        )

        assert parsed(send(build_app(), "POST", path, raw, **changes))[0] == status


def body_of(size: int, letter: str) -> bytes:
    start, end = b'{"firstName": "', b'"}'
    left = size - len(start) - len(end)
    width = len(letter.encode())
    return start + letter.encode() * (left // width) + b"x" * (left % width) + end


@pytest.mark.parametrize("raw", [b"{", b"x" * 1_000_000, b'{"names": ["a", "b"]}'], ids=len)
def test_a_body_is_not_parsed_before_the_token_is_checked(raw: bytes) -> None:
    parsed_names: list[str] = []

    class Names(Body):
        names: tuple[Annotated[str, AfterValidator(parsed_names.append)], ...]

    app = App()

    @app.post("/private")
    def private(body: Names) -> Response[str]:
        return success({"names": body.names}, "Named.")

    result = send(app, "POST", "/private", raw)

    status, envelope = parsed(result)
    assert (status, envelope["error"]["code"], parsed_names) == (401, "UNAUTHORIZED", [])


HSTS = "Strict-Transport-Security"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/named"), ("GET", "/fails/unexpected"), ("GET", "/unknown")]
)
def test_every_response_says_that_its_type_is_certain_and_that_https_is_required(
    method: str, path: str
) -> None:
    headers = send(build_app(), method, path, b'{"firstName": "Ada"}')["headers"]

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert re.fullmatch(r"max-age=\d{8}", headers[HSTS])


def test_the_local_stage_does_not_require_https() -> None:
    with installed({**dict.fromkeys(REQUIRED, "x"), "STAGE": "local"}):
        headers = send(build_app(), "GET", "/unknown")["headers"]

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert HSTS not in headers


def test_a_service_error_is_returned() -> None:
    status, envelope = parsed(send(build_app(), "GET", "/fails/forbidden"))

    assert (status, envelope["message"]) == (403, "You may not.")
    assert error_problems(envelope) == []


@pytest.mark.parametrize("how", ["unexpected", "internal", "lost"])
def test_an_unexpected_error_is_logged_and_returned_without_its_cause(
    how: str, caplog: pytest.LogCaptureFixture
) -> None:
    status, envelope = parsed(send(build_app(), "GET", f"/fails/{how}"))

    assert (status, envelope["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert error_problems(envelope) == []
    assert "secret-7" not in json.dumps(envelope)
    assert "unexpected failure" in caplog.messages


def test_a_request_that_cannot_be_read_gets_an_envelope_too() -> None:
    result = send(build_app(), "GET", "/unknown", requestContext={"requestId": "abc"})

    status, envelope = parsed(result)
    assert (status, envelope["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert "abc" == envelope["requestId"] == result["headers"]["X-Request-Id"]
    assert result["headers"]["Content-Type"] == "application/json"


class WithoutKeys(App):
    """An app that cannot fetch the keys of its token issuer."""

    @property
    @override
    def caller(self) -> NoReturn:
        raise ProviderUnreachable("The token issuer's keys cannot be fetched; try again.")


def test_an_invalid_request_whose_token_cannot_be_checked_is_not_an_internal_error() -> None:
    app = WithoutKeys()

    @app.get("/days")
    def days(size: Annotated[int, Query()]) -> Response[str]:
        return success(size, "Days.")

    status, envelope = parsed(send(app, "GET", "/days"))

    assert (status, envelope["error"]["code"]) == (502, "PROVIDER_UNREACHABLE")


def test_head_is_handled_as_get_and_other_methods_are_not() -> None:
    app = build_app()

    assert parsed(send(app, "HEAD", "/fails/forbidden"))[0] == 403
    assert parsed(send(app, "HEAD", "/named"))[0] == 405


def test_the_request_id_is_the_gateways() -> None:
    result = send(
        build_app(),
        "GET",
        "/unknown",
        requestContext={
            "requestId": "abc",
            "http": {"method": "GET", "path": "/unknown"},
            "stage": "$default",
        },
    )

    assert parsed(result)[1]["requestId"] == result["headers"]["X-Request-Id"] == "abc"


def test_a_path_with_another_method_returns_that_method() -> None:
    result = send(build_app(), "PUT", "/named")

    assert (parsed(result)[0], result["headers"]["Allow"]) == (405, "POST")
