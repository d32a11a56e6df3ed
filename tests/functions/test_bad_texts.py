"""Invalid text, links and time zones are rejected, and nothing is written."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from infra.openapi.document import PATH
from tests.support.api import call
from tests.support.rejected_requests import assert_rejected, send, user_with_every_role
from tests.support.requests import BODIES, CHECK, EVENT, MONTH_ADMIN, QUERIES, SLOTS_QUERY

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("service")]


DOCUMENT = json.loads(PATH.read_text(encoding="utf-8"))


def _text_fields() -> Iterator[tuple[str, str, str, int, str]]:
    """Yield method, path, field, longest length and prefix of each text in the request bodies.

    Passwords and tokens are left out; they may contain other characters.
    """
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            for name, field in _body_fields(operation).items():
                for kind in field.get("anyOf", [field]):
                    if "maxLength" in kind and not kind.get("writeOnly"):
                        prefix = "https://a.example/" if kind.get("format") == "uri" else ""
                        yield method.upper(), path, name, kind["maxLength"], prefix


def _body_fields(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    fields: Mapping[str, Any] = (
        DOCUMENT["components"]["schemas"].get(name, {}).get("properties", {})
    )
    return fields


TEXTS = list(_text_fields())
NOT_ONE_LINE = [
    "a\rb",
    "a\nb",
    "a\r\nATTENDEE:mailto:x@example.org",
    "\x00",
    "a\x1b[31m",
    "a\x7f",
    "a\x85b",
    "a\u2028b",
    "a\u2029b",
    "\ud800",
    "\udfffa",
    "a\tb",
]


def test_the_fields_of_the_document_are_found() -> None:
    assert {
        ("POST", "/api/v1/events", "title", 300, ""),
        ("PUT", "/api/v1/events", "sessionLink", 2048, "https://a.example/"),
        ("POST", "/api/v1/auth/apple/connect", "username", 320, ""),
    } <= set(TEXTS)


OF_LINES = ["a\rb", "a\nb", "a\r\nATTENDEE:mailto:x@example.org"]
"""Texts whose only control characters are line breaks."""
WITH_LINES = {"location", "reason"}


REJECTED = [
    (*field[:3], field[4] + text)
    for text in NOT_ONE_LINE
    for field in TEXTS
    if not (field[2] in WITH_LINES and text in OF_LINES)
]


@pytest.mark.parametrize(("method", "path", "name", "text"), REJECTED, ids=ascii)
def test_text_with_control_characters_or_a_lone_surrogate_is_rejected(
    method: str, path: str, name: str, text: str
) -> None:
    assert_rejected(send(method, path, {**BODIES[method, path], name: text}))


@pytest.mark.parametrize(("method", "path", "name", "longest", "prefix"), TEXTS)
def test_text_that_is_too_long_is_rejected(
    method: str, path: str, name: str, longest: int, prefix: str
) -> None:
    text = prefix + "x" * (longest + 1 - len(prefix))

    assert_rejected(send(method, path, {**BODIES[method, path], name: text}))


@pytest.mark.parametrize("title", ["", " ", "\u3000"])
def test_a_blank_name_is_rejected(title: str) -> None:
    assert_rejected(send("POST", "/api/v1/events", {**EVENT, "title": title}))
    holiday = {**BODIES["POST", "/api/v1/holidays"], "name": title}
    assert_rejected(send("POST", "/api/v1/holidays", holiday))


@pytest.mark.parametrize(
    "link",
    [
        "",
        "meet.example",
        "ftp://meet.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://",
        "https:///x",
        "https://[::1",
        "https://meet.example:port",
        "https://meet.example:99999",
        "https://meet.example/a b",
        " https://meet.example",
        "//meet.example",
    ],
)
def test_a_link_must_be_a_web_address(link: str) -> None:
    assert_rejected(send("POST", "/api/v1/events", {**EVENT, "sessionLink": link}))


ODD_ZONES = [
    "",
    " ",
    "America",
    "Europe",
    "localtime",
    "Factory",
    "posixrules",
    "posix/Europe/Berlin",
    "right/UTC",
    "../UTC",
    "../../etc/passwd",
    "/etc/localtime",
    "Europe/../UTC",
    "Europe\\Berlin",
    "europe/berlin",
    "Mars/Base",
    "UTC\x00",
    "UTC\n",
    "UTC+1",
    "+01:00",
    "CEST",
    "tzdata.zi",
    "zone.tab",
    "Europe/Berlin/",
    "A" * 10_000,
    "\ud800",
    "Európe/Berlin",
]


@pytest.mark.parametrize("zone", ODD_ZONES, ids=[ascii(each)[:20] for each in ODD_ZONES])
def test_only_iana_time_zones_are_accepted(zone: str) -> None:
    window = {"startTime": "09:00", "endTime": "17:00", "timezone": zone}
    week = {"role": "Coach", "timezone": "UTC", "availability": {"monday": [window]}}

    assert_rejected(send("POST", "/api/v1/events", {**EVENT, "timezone": zone}))
    assert_rejected(send("PUT", "/api/v1/availability", week))
    assert_rejected(
        send("PUT", "/api/v1/availability/timezone", {"role": "Coach", "timezone": zone}),
    )
    encoded = quote(zone.encode("utf-8", "surrogatepass"))
    for path, query in (
        ("/api/v1/events", "date=2026-11-24"),
        ("/api/v1/available-slots", urlencode(SLOTS_QUERY)),
        (MONTH_ADMIN, urlencode(QUERIES[MONTH_ADMIN])),
        (CHECK, urlencode({**QUERIES[CHECK], "timezone": ""}).removesuffix("&timezone=")),
    ):
        target = f"{path}?{query}&timezone={encoded}"
        assert_rejected(call("GET", target, bearer=user_with_every_role().bearer))
