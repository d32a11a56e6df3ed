"""A copy as a Graph event, and the fields an update sends."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.copy import place_digest
from shared.domain.interval import Interval
from shared.providers.microsoft import marks
from shared.providers.microsoft.payload import changes, link_of, new_event, transaction_id
from shared.providers.own_text import delimited
from tests.support.provider_cases import CONNECTION_ID, START, content

HOUR = timedelta(hours=1)


def new_copy(**fields: object) -> dict[str, Any]:
    return new_event(content(**fields), connection_id=CONNECTION_ID, attempt=0)  # type: ignore[arg-type]  # tests name what they change


def test_the_body_of_a_new_event() -> None:
    text = delimited("Coach: Kim\nLearner: Lee\nhttps://meet.example/abc?x=1")
    event = new_copy()
    payload = {each["id"]: each["value"] for each in event.pop("singleValueExtendedProperties")}

    assert {
        "subject": "Coaching: Kim & Lee",
        "start": {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-02T11:00:00", "timeZone": "UTC"},
        "isAllDay": False,
        "location": {"displayName": "Room 4; first floor, left"},
        "body": {"contentType": "text", "content": text},
        "showAs": "busy",
        "transactionId": transaction_id(content().key, 0),
    } == event
    assert {
        marks.KEY: content().key,
        marks.SESSION: f"session-1:{CONNECTION_ID}",
        marks.TEXT: f"{hashlib.sha256(text.encode()).hexdigest()} https://meet.example/abc?x=1",
        marks.WRITTEN: f"2026-03-02T10:00:00Z {place_digest('Room 4; first floor, left')}",
    } == payload


def test_a_copy_has_no_attendees() -> None:
    assert not {"attendees", "organizer", "isOnlineMeeting"} & set(new_copy())


def test_a_link_already_in_the_text_is_not_added() -> None:
    body = new_copy(description="Join: https://a.example/1", url="https://a.example/1")["body"]

    assert delimited("Join: https://a.example/1") == body["content"]


def test_the_transaction_id_is_stable_per_key_and_attempt() -> None:
    ids = [transaction_id(key, attempt) for key in ("k1", "k2") for attempt in (0, 1)]

    assert transaction_id("k1", 0) == ids[0]
    assert 4 == len(set(ids))


def test_an_up_to_date_copy_needs_no_change() -> None:
    assert {} == changes(new_copy(), content())


def test_times_in_graphs_format_are_no_change() -> None:
    payload = new_copy()
    for name in ("start", "end"):
        payload[name]["dateTime"] += ".0000000"

    assert {} == changes(payload, content())


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"title": "Renamed"}, {"subject"}),
        ({"interval": Interval(START, START + 2 * HOUR)}, {"start", "end", "isAllDay"}),
        ({"location": "Room 5"}, {"location", "singleValueExtendedProperties"}),
        ({"location": None}, {"location", "singleValueExtendedProperties"}),
        ({"description": "Coach: Kay"}, {"body", "singleValueExtendedProperties"}),
        ({"url": None}, {"body", "singleValueExtendedProperties"}),
        ({"sequence": 7}, set()),
    ],
)
def test_only_changed_fields_are_sent(change: dict[str, object], fields: set[str]) -> None:
    assert fields == set(changes(new_copy(), content(**change)))  # type: ignore[arg-type]  # tests name what they change


def test_a_location_of_several_lines_is_a_name_of_one() -> None:
    payload = new_copy(location="12 High Street\n\nLondon")

    assert {"displayName": "12 High Street, London"} == payload["location"]
    assert {} == changes(payload, content(location="12 High Street\n\nLondon"))
    assert {"displayName": ""} == changes(payload, content(location=None))["location"]


def test_the_text_of_an_online_meeting_without_our_part_is_never_sent() -> None:
    body = {"contentType": "html", "content": "<p>Join the meeting</p>"}
    meeting = {**new_copy(), "isOnlineMeeting": True, "body": body}

    assert "body" not in changes(meeting, content(description="New"))


def test_in_the_text_of_an_online_meeting_only_our_part_is_replaced() -> None:
    ours = "<br>".join(new_copy()["body"]["content"].split("\n"))
    body = {"contentType": "html", "content": f"<div>{ours}</div><p>Join the meeting</p>"}
    meeting = {**new_copy(), "isOnlineMeeting": True, "body": body}

    changed = changes(meeting, content(description="New", url=None))

    expected = delimited("New").replace("\n", "<br>")
    assert f"<div>{expected}</div><p>Join the meeting</p>" == changed["body"]["content"]


def test_the_users_text_around_our_part_stays() -> None:
    lines = new_copy()["body"]["content"].split("\n")
    ours = "".join(f"<div>{each}</div>" for each in lines)
    content_html = f"<body><p>Before</p>{ours}<p><b>After</b></p></body>"
    noted = {**new_copy(), "body": {"contentType": "html", "content": content_html}}

    changed = changes(noted, content(description="New", url=None))["body"]["content"]

    expected = delimited("New").replace("\n", "<br>")
    assert f"<body><p>Before</p><div>{expected}</div><p><b>After</b></p></body>" == changed


def test_an_empty_place_keeps_the_place_that_the_user_added() -> None:
    added = {**new_copy(location=None), "location": {"displayName": "Room 9"}}

    assert {} == changes(added, content(location=None))


def test_an_all_day_copy_gets_its_time_back() -> None:
    assert {"start", "end", "isAllDay"} == set(changes({**new_copy(), "isAllDay": True}, content()))


@pytest.mark.parametrize(
    "broken",
    [
        {"start": None},
        {"start": {"dateTime": "now", "timeZone": "UTC"}},
        {"end": {}},
    ],
)
def test_an_unreadable_time_is_overwritten(broken: dict[str, Any]) -> None:
    assert {"start", "end", "isAllDay"} == set(changes({**new_copy(), **broken}, content()))


def test_control_characters_and_bidi_marks_are_removed() -> None:
    text = json.dumps(new_copy(title="a\x00\x1b\u202eb", description="c\r\nd\u2066"))

    assert '"subject": "ab"' in text
    assert "\\nc\\nd\\nhttps" in text


def test_a_link_is_read_back_from_its_mark() -> None:
    assert "https://meet.example/abc?x=1" == link_of(new_copy())
    assert link_of(new_copy(url=None)) is None


def test_fractions_of_a_second_are_dropped() -> None:
    interval = Interval(START + timedelta(microseconds=5), START + HOUR)
    payload = new_event(replace(content(), interval=interval), connection_id="c", attempt=0)

    assert "2026-03-02T10:00:00" == payload["start"]["dateTime"]
