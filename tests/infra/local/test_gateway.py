import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from infra.access import CallerRule
from infra.local import gateway
from infra.local.gateway import Request, Response, RouteMatch
from infra.routes import FALLBACK, ROUTES, Route

NOW = datetime(2026, 3, 2, 8, 5, 9, 250_000, tzinfo=UTC)


def request(
    method: str = "GET",
    target: str = "/api/v1/events",
    *,
    headers: gateway.Headers = (),
    body: bytes = b"",
) -> Request:
    return Request(method=method, target=target, headers=headers, body=body, source_ip="192.0.2.7")


def payload(sample: Request) -> dict[str, Any]:
    matched = gateway.match(sample.method, sample.target.partition("?")[0])
    return gateway.payload(sample, matched, now=NOW)


def test_a_payload_has_the_documented_shape() -> None:
    sample = request(
        "POST",
        "/api/v1/events/approve?tag=a&tag=b%20c&empty=",
        headers=(
            ("Host", "127.0.0.1:8000"),
            ("User-Agent", "test"),
            ("Content-Type", "application/json"),
            ("X-Twice", "one"),
            ("x-twice", "two"),
            ("Cookie", "a=1; b=2"),
        ),
        body=b'{"sessionId":"s-1"}',
    )

    sent = payload(sample)
    request_id = sent["requestContext"].pop("requestId")

    assert request_id
    assert sent == {
        "version": "2.0",
        "routeKey": "POST /api/v1/events/approve",
        "rawPath": "/api/v1/events/approve",
        "rawQueryString": "tag=a&tag=b%20c&empty=",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "content-type": "application/json",
            "host": "127.0.0.1:8000",
            "user-agent": "test",
            "x-twice": "one,two",
        },
        "queryStringParameters": {"empty": "", "tag": "a,b c"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": "127.0.0.1",
            "domainPrefix": "local",
            "http": {
                "method": "POST",
                "path": "/api/v1/events/approve",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.7",
                "userAgent": "test",
            },
            "routeKey": "POST /api/v1/events/approve",
            "stage": "$default",
            "time": "02/Mar/2026:08:05:09 +0000",
            "timeEpoch": 1772438709250,
        },
        "body": '{"sessionId":"s-1"}',
        "isBase64Encoded": False,
    }


def test_powertools_reads_the_payload() -> None:
    event = APIGatewayProxyEventV2(payload(request(target="/api/v1/events/s-1?x=1")))

    assert event.path == "/api/v1/events/s-1"
    assert event.http_method == "GET"
    assert event.path_parameters == {"eventId": "s-1"}
    assert event.query_string_parameters == {"x": "1"}


def test_missing_parts_of_a_request_are_left_out() -> None:
    sent = payload(request())

    assert not {"cookies", "queryStringParameters", "pathParameters", "body"} & set(sent)
    assert sent["rawQueryString"] == ""


def test_the_path_is_decoded_and_the_query_stays_encoded() -> None:
    sent = payload(request(target="/api/v1/events/a%20b%C3%BC?q=%C3%BC"))

    assert sent["rawPath"] == "/api/v1/events/a bü"
    assert sent["pathParameters"] == {"eventId": "a bü"}
    assert sent["rawQueryString"] == "q=%C3%BC"
    assert sent["queryStringParameters"] == {"q": "ü"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/octet-stream", b"plain"),
        ("application/x-www-form-urlencoded", b"a=1"),
        ("text/plain", b"\xff\xfe"),
    ],
)
def test_a_body_that_is_not_text_is_sent_as_base64(content_type: str, body: bytes) -> None:
    sent = payload(request("POST", headers=(("Content-Type", content_type),), body=body))

    assert sent["isBase64Encoded"]
    assert body == base64.b64decode(sent["body"])


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "text/csv", ""])
def test_a_text_body_is_sent_unchanged(content_type: str) -> None:
    sent = payload(request("POST", headers=(("Content-Type", content_type),), body=b"{}"))

    assert sent["body"] == "{}"
    assert not sent["isBase64Encoded"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_leads_to_its_function(route: Route) -> None:
    path = route.path.replace("{", "x").replace("}", "x")

    matched = gateway.match(route.method, path)

    assert route.function == matched.function
    assert f"{route.method} {route.path}" == matched.route_key


def test_a_static_segment_wins_over_a_variable() -> None:
    rules = (CallerRule.PUBLIC,)
    routes = (Route("GET", "/a/{x}", "variable", rules), Route("GET", "/a/b", "static", rules))

    assert gateway.match("GET", "/a/b", routes=routes).function == "static"
    assert gateway.match("GET", "/a/c", routes=routes).function == "variable"


def test_another_method_of_a_known_path_goes_to_the_function_of_the_path() -> None:
    matched = gateway.match("DELETE", "/api/v1/availability")

    assert matched == RouteMatch(
        function="availability", route_key="ANY /api/v1/availability", path_parameters={}
    )


def test_another_method_of_a_static_path_does_not_match_a_variable() -> None:
    matched = gateway.match("GET", "/api/v1/events/cancel")

    assert matched.route_key == "ANY /api/v1/events/cancel"


def test_head_goes_where_get_goes() -> None:
    matched = gateway.match("HEAD", "/api/v1/events/s-1")

    assert ("events", "HEAD /api/v1/events/{eventId}") == (matched.function, matched.route_key)
    assert gateway.match("HEAD", "/api/v1/events/cancel").route_key.startswith("ANY")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/v1/events/", "/api/v1/events/a/b"])
def test_a_path_without_a_route_goes_to_the_fallback(path: str) -> None:
    matched = gateway.match("GET", path)

    assert matched == RouteMatch(function=FALLBACK, route_key="$default", path_parameters={})


def test_each_cookie_of_a_result_becomes_a_header() -> None:
    response = gateway.response(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "text/plain", "X-Number": 3},
            "multiValueHeaders": {"X-Many": ["a", "b"]},
            "cookies": ["c=1", "d=2"],
            "body": "grüezi",
        }
    )

    assert response == Response(
        status=201,
        headers=(
            ("Content-Type", "text/plain"),
            ("X-Number", "3"),
            ("X-Many", "a"),
            ("X-Many", "b"),
            ("set-cookie", "c=1"),
            ("set-cookie", "d=2"),
        ),
        body="grüezi".encode(),
    )


def test_a_base64_body_is_decoded() -> None:
    response = gateway.response({"statusCode": 200, "body": "AAE=", "isBase64Encoded": True})

    assert response.body == b"\x00\x01"


def test_a_result_without_a_status_is_json_with_200() -> None:
    response = gateway.response({"fine": True})

    assert response.status == 200
    assert json.loads(response.body) == {"fine": True}


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "soon"},
        {"statusCode": 200, "body": "no base64", "isBase64Encoded": True},
        {"statusCode": 200, "headers": "none"},
    ],
)
def test_an_invalid_result_is_a_500(result: dict[str, Any]) -> None:
    response = gateway.response(result)

    assert response == gateway.internal_error()
    assert json.loads(response.body) == {"message": "Internal Server Error"}
