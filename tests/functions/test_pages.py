"""The API's document and its page, as anybody may fetch them."""

import base64
import gzip
import hashlib
import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from functions.status import handler
from infra.local.gateway import Request, Response, match, payload, response
from infra.openapi.document import PATH

DOCUMENT, PAGE = "/api/v1/openapi.json", "/docs"
LARGEST_ANSWER = 6 * 1024 * 1024
"""What Lambda hands on of an answer, encoded, at most."""


def answered(path: str, **headers: str) -> dict[str, Any]:
    """Return what the function answers, as Lambda gets it."""
    given = [(name.replace("_", "-"), value) for name, value in headers.items()]
    request = Request(method="GET", target=path, headers=given, body=b"", source_ip="127.0.0.1")
    context: Any = SimpleNamespace(aws_request_id="test", function_name="status")
    sent = payload(request, match("GET", path), now=datetime.now(UTC))
    return handler.lambda_handler(sent, context)


def fetched(path: str, **headers: str) -> Response:
    """Return what comes out of the gateway."""
    return response(answered(path, **headers))


def headers_of(answer: Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers}


def test_the_document_is_served_bare_as_it_was_written() -> None:
    answer = fetched(DOCUMENT)

    assert (200, "application/json") == (answer.status, headers_of(answer)["content-type"])
    assert PATH.read_bytes() == answer.body


@pytest.mark.parametrize("path", [DOCUMENT, PAGE])
def test_who_reads_gzip_gets_the_same_in_fewer_bytes(path: str) -> None:
    plain, packed = fetched(path), fetched(path, accept_encoding="gzip, br")

    assert "gzip" == headers_of(packed)["content-encoding"]
    assert plain.body == gzip.decompress(packed.body)
    assert "Accept-Encoding" == headers_of(plain)["vary"]


@pytest.mark.parametrize("path", [DOCUMENT, PAGE])
@pytest.mark.parametrize("prefix", ["", "W/", '"another", '])
def test_who_has_it_already_is_told_so_without_it(path: str, prefix: str) -> None:
    tag = headers_of(fetched(path))["etag"]

    answer = fetched(path, if_none_match=prefix + tag, accept_encoding="gzip")

    assert (304, b"") == (answer.status, answer.body)
    assert tag == headers_of(answer)["etag"]


def test_the_page_is_small_enough_for_lambda_packed_or_not() -> None:
    for accepted in ("identity", "gzip"):
        assert len(answered(PAGE, accept_encoding=accepted)["body"].encode()) < LARGEST_ANSWER


def test_the_page_loads_nothing_and_asks_its_own_host_for_the_document_only() -> None:
    answer = fetched(PAGE)
    ours = re.sub(r"<(style|script)>.{5000,}?</\1>", "", answer.body.decode(), flags=re.DOTALL)

    assert "text/html; charset=utf-8" == headers_of(answer)["content-type"]
    assert 'url: "api/v1/openapi.json"' in ours
    assert "validatorUrl: null" in ours
    assert [] == re.findall(r"\bsrc=|https?:|//", ours)
    assert {"data:,"} == set(re.findall(r'href="([^"]*)"', ours))


def test_the_policy_of_the_page_lets_its_own_scripts_and_style_work_and_nothing_else() -> None:
    answer = fetched(PAGE)
    policy = dict(
        each.split(" ", 1) for each in headers_of(answer)["content-security-policy"].split("; ")
    )
    page = answer.body.decode()

    assert {
        "default-src": "'none'",
        "script-src": " ".join(digests("script", page)),
        "style-src": " ".join(digests("style", page)),
        "img-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    } == policy


def digests(tag: str, page: str) -> list[str]:
    """What a browser takes for the inline scripts or styles: all up to the first end tag."""
    texts = re.findall(rf"<{tag}>(.*?)</{tag}", page, flags=re.DOTALL | re.IGNORECASE)
    hashes = (hashlib.sha256(text.encode()).digest() for text in texts)
    return [f"'sha256-{base64.b64encode(each).decode()}'" for each in hashes]


def test_no_script_of_the_page_holds_what_would_end_it_early() -> None:
    page = fetched(PAGE).body.decode()

    assert 2 == page.lower().count("</script")
    assert 0 == page.count("<!--")
