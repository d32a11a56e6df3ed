"""Whatever comes in, the answer is the contract's envelope, and nothing is written."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from infra.routes import ROUTES, Route
from tests.support.api import ADMIN, COACH, LEARNER, Answer, call
from tests.support.contract import answer_problems, codes
from tests.support.service import (
    User,
    ask,
    book,
    coach,
    dump,
    fresh_id,
    learner,
    no_writes,
    session_body,
)
from tests.support.sns_signer import message

pytestmark = pytest.mark.usefixtures("service")

EVENT = session_body("bad-coach", "bad-learner", owner="ADMIN", adminId="bad-admin")
WEEK = {"monday": [{"startTime": "09:00", "endTime": "17:00"}]}
BODIES: Mapping[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/v1/events"): EVENT,
    ("PUT", "/api/v1/events"): {"sessionId": "bad-1", "title": "x"},
    ("POST", "/api/v1/events/cancel"): {"sessionId": "bad-1"},
    ("POST", "/api/v1/events/approve"): {"sessionId": "bad-1"},
    ("PUT", "/api/v1/availability"): {"role": "Coach", "timezone": "UTC", "availability": WEEK},
    ("PUT", "/api/v1/availability/timezone"): {"role": "Coach", "timezone": "UTC"},
    ("POST", "/api/v1/holidays"): {
        "name": "Off",
        "role": "Coach",
        "startDate": "2026-12-24",
        "endDate": "2026-12-26",
    },
    ("POST", "/api/v1/auth/apple/connect"): {
        "username": "ada",
        "password": "secret",
        "serverUrl": "https://127.0.0.1",
    },
    ("POST", "/api/v1/connections/auto-provision"): {
        "userId": "1",
        "provider": "google",
        "email": "ada@example.org",
        "accessToken": "secret",
    },
    ("POST", "/api/v1/events/{eventId}/resend-invites"): {"recipients": [], "force": False},
    ("PUT", "/api/v1/sessions/{sessionId}/external-attendees"): {
        "attendees": ["ada@example.org", {"email": "bob@example.org", "name": "Bob"}]
    },
    ("POST", "/api/v1/ses/notifications"): message(TopicArn="arn:aws:sns:eu-central-1:1:theirs"),
}
SLOTS_QUERY = {"date": "2026-11-24", "role": "Coach", "coachId": "1", "learnerId": "2"}
QUERIES: Mapping[str, dict[str, str]] = {
    "/api/v1/events": {"date": "2026-11-24", "userId": "1", "timezone": "UTC"},
    "/api/v1/available-slots": {
        **SLOTS_QUERY,
        "timezone": "UTC",
        "sessionId": "s",
        "reschedule": "true",
        "duration": "60",
    },
    "/api/v1/available-slots-admin": {
        "date": "2026-11-24",
        "role": "Admin",
        "coachIds": "1,2",
        "learnerIds": "3",
    },
    "/api/v1/month-calendar": {
        "year": "2026",
        "month": "11",
        "role": "Coach",
        "coachId": "1",
        "learnerId": "2",
        "timezone": "UTC",
        "duration": "60",
    },
    "/api/v1/month-calendar-admin": {
        "year": "2026",
        "month": "11",
        "role": "Admin",
        "coachIds": "1,2",
        "learnerIds": "3",
    },
    "/api/v1/legacy/check-availability": {
        "userId": "1",
        "role": "Coach",
        "dateTime": "2026-11-24T10:00:00",
        "timezone": "UTC",
    },
    "/api/v1/legacy/calendar-setup": {"userId": "1", "role": "Coach"},
    "/api/v1/status": {"role": "Coach"},
    "/api/v1/sessions/{sessionId}/external-attendees": {"sessionType": "group"},
    "/api/v1/auth/{provider}": {"redirectUri": "https://app.example"},
    "/api/v1/auth/google/callback": {"code": "c", "state": "s", "error": ""},
    "/api/v1/auth/outlook/callback": {"code": "c", "state": "s", "error": ""},
}
SLOTS_ADMIN, MONTH_ADMIN = "/api/v1/available-slots-admin", "/api/v1/month-calendar-admin"
MONTH = "/api/v1/month-calendar"
CHECK, SETUP = "/api/v1/legacy/check-availability", "/api/v1/legacy/calendar-setup"
NEED_NO_BODY = {"/api/v1/events/{eventId}/resend-invites"}
JUNK = [
    b"",
    b"{",
    b"nonsense",
    b"[]",
    b"[{}]",
    b'"text"',
    b"7",
    b"null",
    b"true",
    b"NaN",
    b'{"title": NaN}',
    b'{"title": Infinity}',
    b'{"title": -Infinity}',
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"\x00",
    b"9" * 5000,
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"{}{}",
    b"{'sessionId': 'x'}",
]


@cache
def everybody() -> User:
    return User("bad-admin", (COACH, LEARNER, ADMIN))


def refused(answer: Answer, status: int = 400, code: str = "VALIDATION_ERROR") -> None:
    """The answer is that error, and its message says what to do."""
    assert (status, code) == (answer.status, answer.code), answer.json
    assert re.fullmatch(r"[A-Z].{10,}\.", answer.json["message"])


def sent(method: str, path: str, body: Any = None, raw: bytes | None = None) -> Answer:
    """Send to a path of a route, its placeholders filled, with its usual query."""
    filled = re.sub(r"\{\w+\}", "bad-1", path)
    query = QUERIES.get(path) if "{" in path else None
    with no_writes():
        return ask(method, filled, everybody(), query=query, body=body, raw=raw)


@pytest.mark.parametrize(("method", "path"), BODIES)
@pytest.mark.parametrize("raw", JUNK, ids=range(len(JUNK)))
def test_a_body_that_is_no_json_object_is_refused(method: str, path: str, raw: bytes) -> None:
    if raw or path not in NEED_NO_BODY:
        refused(sent(method, path, raw=raw))


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_body_over_a_mebibyte_is_too_large(method: str, path: str) -> None:
    body = {**BODIES[method, path], "ignored": "x" * 1024 * 1024}

    refused(sent(method, path, body), 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_required_field_left_out_is_named(method: str, path: str) -> None:
    for name in required_of(method, path):
        body = {each: value for each, value in BODIES[method, path].items() if each != name}

        answer = sent(method, path, body)

        refused(answer)
        problem = {"field": name, "message": "is required"}
        assert problem in answer.json["error"]["details"]


def required_of(method: str, path: str) -> list[str]:
    always = {
        "sessionId",
        "title",
        "startTime",
        "endTime",
        "owner",
        "role",
        "timezone",
        "name",
        "startDate",
        "endDate",
        "username",
        "password",
        "attendees",
        "Type",
        "MessageId",
        "TopicArn",
        "Message",
        "Timestamp",
    }
    optional = {"/api/v1/events": {"timezone"}}.get(path, set())
    if method == "PUT" and path == "/api/v1/events":
        return ["sessionId"]
    return [each for each in BODIES[method, path] if each in always - optional]


WRONG_TYPES: list[Any] = [7, 7.5, True, [], {}, ["x"], {"x": 1}, 10**400, [[["x"]]]]


TEXT_FIELDS = {
    ("POST", "/api/v1/events"): ("title", "location", "sessionLink", "timezone", "owner"),
    ("PUT", "/api/v1/events"): ("title", "location", "sessionLink", "timezone", "owner"),
    ("PUT", "/api/v1/availability"): ("role", "timezone"),
    ("PUT", "/api/v1/availability/timezone"): ("role", "timezone"),
    ("POST", "/api/v1/holidays"): ("name", "role", "startDate", "endDate"),
    ("POST", "/api/v1/auth/apple/connect"): ("username", "password", "serverUrl"),
    ("POST", "/api/v1/ses/notifications"): ("Type", "TopicArn", "Message", "SigningCertURL"),
}


def wrong_values() -> Iterator[tuple[str, str, str, Any]]:
    for (method, path), names in TEXT_FIELDS.items():
        yield from ((method, path, name, value) for name, value in product(names, WRONG_TYPES))
    events = "/api/v1/events"
    not_flags: list[Any] = ["true", "yes", 1, 0, None, []]
    instants, ids = ("startTime", "endTime"), ("coachId", "learnerId", "adminId")
    for method in ("POST", "PUT"):
        not_instants = (*BAD_INSTANTS, 1795600000, True, [])
        yield from ((method, events, *each) for each in product(instants, not_instants))
        yield from ((method, events, *each) for each in product(ids, BAD_IDS))
        yield from ((method, events, "contacts", value) for value in BAD_CONTACTS)
        yield from ((method, events, "allowConflicts", value) for value in not_flags)
    yield from (("POST", events, "autoApproval", value) for value in not_flags)
    versions: list[Any] = ["1", 1.0, 0, -1, True, "x", []]
    yield from (("PUT", events, "expectedVersion", value) for value in versions)
    resend = "/api/v1/events/{eventId}/resend-invites"
    yield from (("POST", resend, "force", value) for value in not_flags)
    yield from (("POST", resend, "recipients", value) for value in BAD_RECIPIENTS)
    guests = "/api/v1/sessions/{sessionId}/external-attendees"
    yield from (("PUT", guests, "attendees", value) for value in BAD_ATTENDEES)
    for path in ("/api/v1/events/cancel", "/api/v1/events/approve"):
        yield from (("POST", path, "sessionId", value) for value in (*BAD_IDS, []))


BAD_INSTANTS = [
    "",
    "now",
    "2026-11-24",
    "10:00",
    "2026-11-24T25:00:00Z",
    "2026-13-24T10:00:00Z",
    "2026-02-30T10:00:00Z",
    "2026-11-24T10:00:60Z",
    "2026-11-24T10:00:00+99:99",
    "2026-11-24T10:00:00+24:00",
    "2026-11-24T10:00:00 UTC",
    "2026-W48-2T10:00:00Z",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+14:00",
    "2200-01-01T00:00:00Z",
    "2199-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "٢٠٢٦-11-24T10:00:00Z",
    "2026-11-24T10:00:00Z\n",
    "2026-11-24T10:00:00Z\x00",
]
BAD_IDS: list[Any] = [
    "",
    " ",
    0,
    -1,
    1.0,
    True,
    {},
    [[]],
    ["a", ""],
    "a/b",
    "a b",
    "ä",
    "a" * 65,
    10**64,
    "a\n",
    "a\r\nX: y",
    "\x00",
    "\ud800",
    "../a",
    "a#b",
]
BAD_CONTACTS: list[Any] = [
    "ada@example.org",
    {},
    [{}],
    [{"userId": "a"}],
    [{"userId": "a", "email": "nobody"}],
    [{"userId": "a", "email": "a@b"}],
    [{"userId": "a", "email": "a@example.org\r\nBcc: b@example.org"}],
    [{"userId": "a", "email": "ä@example.org"}],
    [{"userId": "a", "email": f"{'a' * 320}@example.org"}],
    [{"userId": "a", "email": "a@example.org", "name": "A\r\nB"}],
    [{"userId": "a", "email": "a@example.org", "name": "A" * 201}],
    [{"userId": "a/b", "email": "a@example.org"}],
    [{"userId": f"u{n}", "email": "a@example.org"} for n in range(51)],
]
BAD_ADDRESSES: list[Any] = [
    "",
    "nobody",
    "a@b",
    "ada@example.org ",
    "ada@example.org\r\nBcc: b@example.org",
    "Ada <ada@example.org>",
    "ada@example.org,b@example.org",
    "ä@example.org",
    f"{'a' * 320}@example.org",
    7,
    None,
    ["ada@example.org"],
]
BAD_RECIPIENTS: list[Any] = [
    None,
    "ada@example.org",
    {},
    7,
    [{"email": "ada@example.org"}],
    *([each] for each in BAD_ADDRESSES),
    [f"a{n}@example.org" for n in range(101)],
]
BAD_ATTENDEES: list[Any] = [
    None,
    "ada@example.org",
    {},
    7,
    [{}],
    [{"name": "Ada"}],
    [{"email": "ada@example.org", "name": "A\r\nB"}],
    [{"email": "ada@example.org", "name": "A" * 201}],
    [{"email": "ada@example.org", "name": 7}],
    *([each] for each in BAD_ADDRESSES),
    *([{"email": each}] for each in BAD_ADDRESSES),
    ["ada@example.org"] * 101,
]


@pytest.mark.parametrize(("method", "path", "name", "value"), list(wrong_values()))
def test_a_value_of_the_wrong_kind_is_refused_by_name(
    method: str, path: str, name: str, value: Any
) -> None:
    answer = sent(method, path, {**BODIES[method, path], name: value})

    refused(answer)
    fields = [each["field"].partition(".")[0] for each in answer.json["error"]["details"]]
    assert name in fields


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


@dataclass(frozen=True)
class Parameters:
    """Query parameters of a route with one of them changed."""

    path: str
    name: str
    values: tuple[str, ...] = field(default=())


BAD_DATES = ("", "tomorrow", "2026-1-1", "2026-02-29", "20261124", "2026-11-24T00:00:00Z")
FAR_DATES = ("1969-12-31", "2200-01-01", "0000-01-01", "9999-12-31", "٢٠٢٦-11-24", "2026-11-24,")
ODD_IDS = ("", " ", "a,b", "a b", "a/b", "ä", "a" * 65, "%00", "\ufffd", "1,2", "[1]")
ODD_LISTS = ("a,", ",a", "a,,b", "a, b", "a;b", "a" * 65, ",".join(map(str, range(51))), "[1]")
PARAMETERS = [
    Parameters("/api/v1/events", "date", BAD_DATES + FAR_DATES),
    Parameters("/api/v1/events", "userId", ODD_IDS),
    Parameters("/api/v1/available-slots", "date", BAD_DATES + FAR_DATES),
    Parameters("/api/v1/available-slots", "role", ("", "Gardener", "Coach,Learner", "COACHEE")),
    Parameters("/api/v1/available-slots", "coachId", ODD_IDS),
    Parameters("/api/v1/available-slots", "learnerId", ODD_IDS),
    Parameters("/api/v1/available-slots", "sessionId", ODD_IDS),
    Parameters("/api/v1/available-slots", "reschedule", ("", "TRUE", "1", "yes", "true,true")),
    *(Parameters(MONTH, name, ODD_IDS) for name in ("coachId", "learnerId")),
    Parameters(MONTH, "year", ("", "1969", "2200", "26", "-2026", "2026,2027", "MMXXVI", "9" * 9)),
    Parameters(MONTH, "month", ("", "0", "13", "-1", "1.5", "November", "11,12", "NaN")),
    Parameters(MONTH, "role", ("", "Gardener", "Coach,Learner")),
    Parameters(MONTH, "duration", ("", "4", "481", "60,60")),
    *(Parameters(SLOTS_ADMIN, name, ODD_IDS) for name in ("coachId", "learnerId", "sessionId")),
    *(Parameters(MONTH_ADMIN, name, ODD_LISTS) for name in ("coachIds", "learnerIds")),
    *(Parameters(SLOTS_ADMIN, name, ODD_LISTS) for name in ("coachIds", "learnerIds")),
    Parameters(CHECK, "userId", ODD_IDS),
    Parameters(CHECK, "role", ("", "Gardener")),
    Parameters(CHECK, "dateTime", tuple(BAD_INSTANTS)),
    Parameters(SETUP, "userId", ODD_IDS),
    Parameters("/api/v1/status", "role", ("", "Gardener", "Coach,Learner")),
    Parameters("/api/v1/available-slots", "duration", ("", "4", "481", "1e2", "60,60", "NaN")),
]


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [(each.path, each.name, value) for each in PARAMETERS for value in each.values],
)
def test_a_parameter_out_of_its_range_is_refused_by_name(path: str, name: str, value: str) -> None:
    answer = ask("GET", path, everybody(), query={**QUERIES[path], name: value})

    refused(answer)
    assert [name] == [each["field"] for each in answer.json["error"]["details"]]


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/available-slots", MONTH, CHECK, SETUP])
def test_a_parameter_given_twice_is_refused(path: str) -> None:
    for name, value in QUERIES[path].items():
        query: dict[str, Any] = {**QUERIES[path], name: [value, value]}

        refused(ask("GET", path, everybody(), query=query))


@pytest.mark.parametrize(
    "segment",
    [
        "%20",
        "%00",
        "%0d%0a",
        "a%2Fb",
        "..%2F..",
        "%2e%2e",
        "%ED%A0%80",
        "%FF",
        "%",
        "%zz",
        "a%00b",
        "a;b",
        "a:b",
        "<script>",
        "{eventId}",
        "%25%30%30",
        "a" * 65,
        "a" * 9000,
        "💥",
        "%F0%9F%92%A5",
        "$default",
        "*",
        "a+b",
        "null%0a",
    ],
)
@pytest.mark.parametrize(
    ("method", "template"),
    [(route.method, route.path) for route in ROUTES if "{" in route.path],
)
def test_an_odd_path_names_nothing(method: str, template: str, segment: str) -> None:
    path = re.sub(r"\{\w+\}", lambda _: segment, template)

    with no_writes():
        answer = call(method, path, bearer=everybody().bearer)

    assert answer.status in {400, 404}, answer.json
    assert answer.code in {"VALIDATION_ERROR", "NOT_FOUND"}
    assert answer_problems(method, template, answer.status, answer.json) == []


def test_problems_are_told_up_to_a_bound() -> None:
    week: dict[str, list[Any]] = {f"{'x' * 1000}{n}": [] for n in range(500)}

    answer = sent(
        "PUT",
        "/api/v1/availability",
        {**BODIES["PUT", "/api/v1/availability"], "availability": week},
    )

    refused(answer)
    assert len(json.dumps(answer.json)) < 10_000


def test_the_name_of_an_unknown_weekday_may_be_anything() -> None:
    for name in ("\ud800", "\x00", "", "a\r\nb"):
        body = {"role": "Coach", "timezone": "UTC", "availability": {name: []}}

        refused(sent("PUT", "/api/v1/availability", body))


def test_server_owned_and_unknown_fields_are_ignored() -> None:
    who, other = coach(), learner()
    owned = {
        "id": "mine",
        "status": "CANCELLED",
        "version": 9,
        "sequence": 9,
        "createdAt": "2000-01-01T00:00:00Z",
        "updatedAt": "2000-01-01T00:00:00Z",
        "sync": [{"state": "SYNCED"}],
        "warnings": ["x"],
        "request_digest": "x",
        "requestDigest": "x",
        "participants": ["x"],
        "start_time": "2000-01-01T00:00:00Z",
        "__class__": "x",
    }
    event = book(who, who.id, other.id, **owned)

    changed = ask(
        "PUT", "/api/v1/events", who, body={**owned, "sessionId": event["id"], "title": "New"}
    ).data

    assert (
        event["status"],
        event["version"],
        event["createdAt"],
    ) == ("SCHEDULED", 1, "2026-11-23T08:00:00Z")
    assert {**event, "title": "New", "version": 2} == changed


def test_a_holidays_id_and_owner_are_the_servers() -> None:
    who, other = coach(), coach()
    body = {**BODIES["POST", "/api/v1/holidays"], "id": "mine", "userId": other.id}

    made = ask("POST", "/api/v1/holidays", who, body=body).data

    assert made["id"] != "mine"
    assert ask("GET", "/api/v1/holidays", other).data == []


def test_refusals_leave_both_tables_as_they_were() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    before = dump()

    answers = [
        ask("POST", "/api/v1/events", other, body=session_body(who.id, other.id)),
        ask("POST", "/api/v1/events", who, body=session_body(who.id, fresh_id())),
        ask("PUT", "/api/v1/events", coach(), body={"sessionId": event["id"], "title": "x"}),
        ask("POST", "/api/v1/events/cancel", coach(), body={"sessionId": event["id"]}),
        ask("POST", "/api/v1/events/approve", who, body={"sessionId": event["id"]}),
        ask("PUT", "/api/v1/availability/timezone", who, body={"role": "Admin", "timezone": "UTC"}),
        ask("DELETE", "/api/v1/holidays/00000000-0000-4000-8000-000000000000", who),
        ask("DELETE", "/api/v1/connections/00000000-0000-4000-8000-000000000000", who),
        ask("GET", "/api/v1/auth/google", who),
    ]

    assert [each.status for each in answers] == [403, 409, 404, 404, 403, 403, 404, 404, 503]
    assert {each.code for each in answers} <= codes()
    assert before == dump()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_body_and_a_query_nobody_asked_for_are_ignored(route: Route) -> None:
    if (route.method, route.path) in BODIES or route.path in QUERIES:
        query, body = {"surplus": "1"}, {"surplus": 1}
        answer = ask(route.method, route.path, everybody(), query=query, body=body)
        assert answer.status in {400, 404}
    elif "{" not in route.path:
        answer = ask(route.method, route.path, everybody(), query={"x": ""}, body=[1])
        assert answer.status == 200
