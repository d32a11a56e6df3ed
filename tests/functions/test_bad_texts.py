"""Text that is too long, no line of text, no link or no zone is refused, and nothing is written."""

from urllib.parse import quote, urlencode

import pytest

from tests.support.api import call
from tests.support.refusals import everybody, refused, sent
from tests.support.requests import BODIES, CHECK, EVENT, MONTH_ADMIN, QUERIES, SLOTS_QUERY

pytestmark = pytest.mark.usefixtures("service")

TEXTS = [
    ("POST", "/api/v1/events", "title", 300),
    ("POST", "/api/v1/events", "location", 1000),
    ("POST", "/api/v1/events", "sessionLink", 2048),
    ("POST", "/api/v1/events", "timezone", 64),
    ("PUT", "/api/v1/events", "title", 300),
    ("PUT", "/api/v1/events", "location", 1000),
    ("PUT", "/api/v1/events", "sessionLink", 2048),
    ("PUT", "/api/v1/availability/timezone", "timezone", 64),
    ("POST", "/api/v1/holidays", "name", 200),
    ("POST", "/api/v1/auth/apple/connect", "username", 320),
    ("POST", "/api/v1/auth/apple/connect", "serverUrl", 2048),
]
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


@pytest.mark.parametrize("text", NOT_ONE_LINE, ids=[ascii(each) for each in NOT_ONE_LINE])
@pytest.mark.parametrize(("method", "path", "name", "_longest"), TEXTS)
def test_text_with_control_characters_or_half_a_pair_is_refused(
    method: str, path: str, name: str, _longest: int, text: str
) -> None:
    prefix = "https://a.example/" if name in {"sessionLink", "serverUrl"} else ""

    refused(sent(method, path, {**BODIES[method, path], name: prefix + text}))


@pytest.mark.parametrize(("method", "path", "name", "longest"), TEXTS)
def test_text_that_is_too_long_is_refused(method: str, path: str, name: str, longest: int) -> None:
    prefix = "https://a.example/" if name in {"sessionLink", "serverUrl"} else ""
    text = prefix + "x" * (longest + 1 - len(prefix))

    refused(sent(method, path, {**BODIES[method, path], name: text}))


@pytest.mark.parametrize("title", ["", " ", "\u3000"])
def test_a_name_that_says_nothing_is_refused(title: str) -> None:
    refused(sent("POST", "/api/v1/events", {**EVENT, "title": title}))
    holiday = {**BODIES["POST", "/api/v1/holidays"], "name": title}
    refused(sent("POST", "/api/v1/holidays", holiday))


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
def test_a_link_is_a_web_address(link: str) -> None:
    refused(sent("POST", "/api/v1/events", {**EVENT, "sessionLink": link}))


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
def test_only_zones_of_the_iana_list_are_known(zone: str) -> None:
    window = {"startTime": "09:00", "endTime": "17:00", "timezone": zone}
    week = {"role": "Coach", "timezone": "UTC", "availability": {"monday": [window]}}

    refused(sent("POST", "/api/v1/events", {**EVENT, "timezone": zone}))
    refused(sent("PUT", "/api/v1/availability", week))
    refused(
        sent("PUT", "/api/v1/availability/timezone", {"role": "Coach", "timezone": zone}),
    )
    encoded = quote(zone.encode("utf-8", "surrogatepass"))
    for path, query in (
        ("/api/v1/events", "date=2026-11-24"),
        ("/api/v1/available-slots", urlencode(SLOTS_QUERY)),
        (MONTH_ADMIN, urlencode(QUERIES[MONTH_ADMIN])),
        (CHECK, urlencode({**QUERIES[CHECK], "timezone": ""}).removesuffix("&timezone=")),
    ):
        target = f"{path}?{query}&timezone={encoded}"
        refused(call("GET", target, bearer=everybody().bearer))
