"""The API's public OpenAPI document and documentation page."""

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

pytestmark = pytest.mark.usefixtures("service")

DOCUMENT, PAGE = "/api/v1/openapi.json", "/docs"
MAX_RESPONSE = 6 * 1024 * 1024
"""The maximum size of an encoded Lambda response, in bytes."""


def lambda_response(path: str, **headers: str) -> dict[str, Any]:
    """Return the function's response to Lambda."""
    sent_headers = [(name.replace("_", "-"), value) for name, value in headers.items()]
    request = Request(
        method="GET", target=path, headers=sent_headers, body=b"", source_ip="127.0.0.1"
    )
    context: Any = SimpleNamespace(aws_request_id="test", function_name="status")
    sent = payload(request, match("GET", path), now=datetime.now(UTC))
    return handler.lambda_handler(sent, context)


def fetch(path: str, **headers: str) -> Response:
    """Return the response after the gateway has decoded it."""
    return response(lambda_response(path, **headers))


def headers_of(received: Response) -> dict[str, str]:
    return {name.lower(): value for name, value in received.headers}


def test_the_document_is_served_without_an_envelope_as_it_was_generated() -> None:
    received = fetch(DOCUMENT)

    assert (200, "application/json") == (received.status, headers_of(received)["content-type"])
    assert PATH.read_bytes() == received.body


@pytest.mark.parametrize("path", [DOCUMENT, PAGE])
def test_gzip_returns_the_same_content_in_fewer_bytes(path: str) -> None:
    plain, packed = fetch(path), fetch(path, accept_encoding="gzip, br")

    assert "gzip" == headers_of(packed)["content-encoding"]
    assert plain.body == gzip.decompress(packed.body)
    assert "Accept-Encoding" == headers_of(plain)["vary"]


@pytest.mark.parametrize("path", [DOCUMENT, PAGE])
@pytest.mark.parametrize("prefix", ["", "W/", '"another", '])
def test_a_matching_etag_returns_not_modified_without_a_body(path: str, prefix: str) -> None:
    tag = headers_of(fetch(path))["etag"]

    received = fetch(path, if_none_match=prefix + tag, accept_encoding="gzip")

    assert (304, b"") == (received.status, received.body)
    assert tag == headers_of(received)["etag"]


def test_the_page_fits_into_a_lambda_response_compressed_or_not() -> None:
    for accepted in ("identity", "gzip"):
        assert len(lambda_response(PAGE, accept_encoding=accepted)["body"].encode()) < MAX_RESPONSE


def test_the_page_loads_only_the_document_from_its_own_host() -> None:
    received = fetch(PAGE)
    own_parts = re.sub(
        r"<(style|script)>.{5000,}?</\1>", "", received.body.decode(), flags=re.DOTALL
    )

    assert "text/html; charset=utf-8" == headers_of(received)["content-type"]
    assert 'url: "api/v1/openapi.json"' in own_parts
    assert "validatorUrl: null" in own_parts
    assert [] == re.findall(r"\bsrc=|https?:|//", own_parts)
    assert {"data:,"} == set(re.findall(r'href="([^"]*)"', own_parts))


def test_the_pages_policy_allows_only_its_own_scripts_and_style() -> None:
    received = fetch(PAGE)
    policy = dict(
        each.split(" ", 1) for each in headers_of(received)["content-security-policy"].split("; ")
    )
    page = received.body.decode()

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
    """Return the digests of inline scripts or styles, each up to its first end tag."""
    texts = re.findall(rf"<{tag}>(.*?)</{tag}", page, flags=re.DOTALL | re.IGNORECASE)
    hashes = (hashlib.sha256(text.encode()).digest() for text in texts)
    return [f"'sha256-{base64.b64encode(each).decode()}'" for each in hashes]


def test_no_script_of_the_page_contains_text_that_would_end_it() -> None:
    page = fetch(PAGE).body.decode()

    assert 2 == page.lower().count("</script")
    assert 0 == page.count("<!--")
