import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.copy import copy_key
from shared.domain.interval import Interval
from shared.providers.google.payload import (
    GENERATIONS,
    changes,
    event_ids,
    is_copy_of,
    new_event,
    session_of,
)
from tests.support.provider_cases import CONNECTION_ID, START, content

KEY = content().key


def event(**fields: Any) -> dict[str, Any]:
    """Return a copy as Google returns it, with Google's own fields."""
    event_body = new_event(content(), event_id=KEY, connection_id=CONNECTION_ID)
    return {**event_body, "etag": '"1"', "status": "confirmed", "sequence": 0, **fields}


def test_the_body_of_a_new_event() -> None:
    event_body = new_event(content(), event_id=KEY, connection_id=CONNECTION_ID)

    assert {
        "id": KEY,
        "summary": "Coaching: Kim & Lee",
        "description": "Coach: Kim\nLearner: Lee",
        "location": "Room 4; first floor, left",
        "source": {"title": "Join the session", "url": "https://meet.example/abc?x=1"},
        "start": {"dateTime": "2026-03-02T10:00:00Z"},
        "end": {"dateTime": "2026-03-02T11:00:00Z"},
        "extendedProperties": {"private": {"svc_evt": f"session-1:{CONNECTION_ID}"}},
    } == event_body


@given(event_id=st.text(), connection_id=st.text())
def test_every_id_is_valid_and_stable(event_id: str, connection_id: str) -> None:
    key = copy_key(event_id, connection_id)

    ids = event_ids(key)

    assert key == ids[0]
    assert GENERATIONS == len(set(ids))
    assert ids == event_ids(key)
    assert all(re.fullmatch(r"[a-v0-9]{5,1024}", each) for each in ids)


def test_a_missing_location_and_link_are_left_out() -> None:
    event_body = new_event(
        content(location=None, url=None), event_id=KEY, connection_id=CONNECTION_ID
    )

    assert not {"location", "source"} & event_body.keys()


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://files.example/x", "meet me", "https://", "https:///x"]
)
def test_a_link_google_would_reject_is_left_out(url: str) -> None:
    event_body = new_event(content(url=url), event_id=KEY, connection_id=CONNECTION_ID)

    assert "source" not in event_body


def test_names_never_become_tags_in_the_description() -> None:
    wanted = content(
        description="Coach: <a href='https://evil.example'>Kim</a>\nJoin: https://a/?b=1&c=2"
    )

    event_body = new_event(wanted, event_id=KEY, connection_id=CONNECTION_ID)

    expected = "Coach: &lt;a href='https://evil.example'&gt;Kim&lt;/a&gt;\nJoin: https://a/?b=1&c=2"
    assert expected == event_body["description"]


def test_an_up_to_date_copy_needs_no_change() -> None:
    assert {} == changes(event(), content(), connection_id=CONNECTION_ID)


def test_a_copy_in_another_zone_is_still_up_to_date() -> None:
    moved = event(
        start={"dateTime": "2026-03-02T11:00:00+01:00", "timeZone": "Europe/Berlin"},
        end={"dateTime": "2026-03-02T12:00:00+01:00", "timeZone": "Europe/Berlin"},
    )

    assert {} == changes(moved, content(), connection_id=CONNECTION_ID)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"title": "Renamed"}, {"summary": "Renamed"}),
        ({"description": "New"}, {"description": "New"}),
        ({"location": None}, {"location": None}),
        ({"url": None}, {"source": None}),
        (
            {"interval": Interval(START, START + timedelta(hours=2))},
            {"end": {"dateTime": "2026-03-02T12:00:00Z", "date": None}},
        ),
    ],
)
def test_only_changed_fields_are_sent(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    wanted = content(**changed)

    assert expected == changes(event(), wanted, connection_id=CONNECTION_ID)


def test_a_copy_made_all_day_by_the_user_gets_its_time_back() -> None:
    whole_day = event(start={"date": "2026-03-02"}, end={"date": "2026-03-03"})

    changed = changes(whole_day, content(), connection_id=CONNECTION_ID)

    assert {
        "start": {"dateTime": "2026-03-02T10:00:00Z", "date": None},
        "end": {"dateTime": "2026-03-02T11:00:00Z", "date": None},
    } == changed


def test_a_copy_without_its_mark_is_marked_again() -> None:
    unmarked = event(extendedProperties={"private": {"other": "theirs"}})

    changed = changes(unmarked, content(), connection_id=CONNECTION_ID)

    mark = {"private": {"svc_evt": f"session-1:{CONNECTION_ID}"}}
    assert {"extendedProperties": mark} == changed


def test_fractions_of_a_second_are_ignored() -> None:
    start = datetime(2026, 3, 2, 10, 0, 0, 999_999, tzinfo=UTC)
    wanted = content(interval=Interval(start, start + timedelta(hours=1)))

    assert {} == changes(event(), wanted, connection_id=CONNECTION_ID)


@pytest.mark.parametrize(
    ("mark", "event_id", "expected"),
    [
        (f"session-1:{CONNECTION_ID}", KEY, "session-1"),
        (f"session-1:{CONNECTION_ID}", event_ids(KEY)[3], "session-1"),
        (f"session-1:{CONNECTION_ID}", "a1b2c3", None),
        ("session-1:connection-2", KEY, None),
        ("session-1:connection-2", copy_key("session-1", "connection-2"), None),
        (f"session-2:{CONNECTION_ID}", KEY, None),
        (f":{CONNECTION_ID}", KEY, None),
        ("", KEY, None),
        (None, KEY, None),
        (7, KEY, None),
    ],
)
def test_a_copy_is_recognised_by_both_mark_and_id(
    mark: object, event_id: str, expected: str | None
) -> None:
    marked = event(id=event_id, extendedProperties={"private": {"svc_evt": mark}})

    assert expected == session_of(marked, connection_id=CONNECTION_ID)


def test_a_session_id_may_contain_the_separator() -> None:
    wanted = content("a:b")
    event_body = new_event(wanted, event_id=wanted.key, connection_id=CONNECTION_ID)

    assert "a:b" == session_of(event_body, connection_id=CONNECTION_ID)


@pytest.mark.parametrize("extended", [None, {}, {"private": None}, {"private": []}, "x"])
def test_an_event_without_our_mark_is_not_a_copy(extended: object) -> None:
    assert not is_copy_of(
        event(extendedProperties=extended), content(), connection_id=CONNECTION_ID
    )
