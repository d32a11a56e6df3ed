import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.copy import copy_key, place_digest
from shared.domain.interval import Interval
from shared.providers.google.payload import (
    GENERATIONS,
    changes,
    event_ids,
    is_copy_of,
    mark_of,
    new_event,
    occurrence_id,
)
from shared.providers.own_text import delimited
from tests.support.provider_cases import CONNECTION_ID, START, content

KEY = content().key
PLACE = place_digest("Room 4; first floor, left")
MARKS = {"svc_evt": f"session-1:{CONNECTION_ID}", "svc_out": f"2026-03-02T10:00:00Z {PLACE}"}


def event(**fields: Any) -> dict[str, Any]:
    """Return a copy as Google returns it, with Google's own fields."""
    event_body = new_event(content(), event_id=KEY, connection_id=CONNECTION_ID)
    return {**event_body, "etag": '"1"', "status": "confirmed", "sequence": 0, **fields}


def test_the_body_of_a_new_event() -> None:
    event_body = new_event(content(), event_id=KEY, connection_id=CONNECTION_ID)

    assert {
        "id": KEY,
        "summary": "Coaching: Kim & Lee",
        "description": delimited("Coach: Kim\nLearner: Lee"),
        "location": "Room 4; first floor, left",
        "source": {"title": "Join the session", "url": "https://meet.example/abc?x=1"},
        "start": {"dateTime": "2026-03-02T10:00:00Z"},
        "end": {"dateTime": "2026-03-02T11:00:00Z"},
        "extendedProperties": {"private": MARKS},
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
    assert delimited(expected) == event_body["description"]


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
        ({"description": "New"}, {"description": delimited("New")}),
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

    assert {"extendedProperties": {"private": MARKS}} == changed


def test_fractions_of_a_second_are_ignored() -> None:
    start = datetime(2026, 3, 2, 10, 0, 0, 999_999, tzinfo=UTC)
    wanted = content(interval=Interval(start, start + timedelta(hours=1)))

    assert {} == changes(event(), wanted, connection_id=CONNECTION_ID)


def test_a_place_that_is_no_longer_set_is_cleared() -> None:
    changed = changes(event(), content(location=None), connection_id=CONNECTION_ID)

    assert changed["location"] is None
    assert {"svc_evt": MARKS["svc_evt"], "svc_out": "2026-03-02T10:00:00Z"} == changed[
        "extendedProperties"
    ]["private"]


def test_an_empty_place_keeps_the_place_that_the_user_added() -> None:
    without_place = content(location=None)
    body = new_event(without_place, event_id=KEY, connection_id=CONNECTION_ID)

    changed = changes({**body, "location": "Room 9"}, without_place, connection_id=CONNECTION_ID)

    assert {} == changed


@pytest.mark.parametrize("line_break", ["\n", "<br>"])
def test_the_users_text_outside_our_part_stays(line_break: str) -> None:
    text = event()["description"].replace("\n", line_break)
    noted = event(description=f"<b>Before</b>{line_break}{text}{line_break}<p>After</p>")

    assert {} == changes(noted, content(), connection_id=CONNECTION_ID)
    changed = changes(noted, content(description="Kim & Lee"), connection_id=CONNECTION_ID)

    ours = delimited("Kim & Lee").replace("\n", line_break)
    expected = f"<b>Before</b>{line_break}{ours}{line_break}<p>After</p>"
    assert expected == changed["description"]


@pytest.mark.parametrize(
    ("mark", "event_id", "is_copy"),
    [
        (f"session-1:{CONNECTION_ID}", KEY, True),
        (f"session-1:{CONNECTION_ID}", event_ids(KEY)[3], True),
        (f"session-1:{CONNECTION_ID}", "a1b2c3", False),
        ("session-1:connection-2", KEY, False),
        ("session-1:connection-2", copy_key("session-1", "connection-2"), True),
        (f"session-2:{CONNECTION_ID}", KEY, False),
        (f":{CONNECTION_ID}", KEY, False),
        ("", KEY, False),
        (None, KEY, None),
        (7, KEY, None),
    ],
)
def test_a_copy_is_recognised_by_both_mark_and_id(
    mark: object,
    event_id: str,
    is_copy: bool | None,  # noqa: FBT001 - pytest passes it by name
) -> None:
    marked = event(id=event_id, extendedProperties={"private": {"svc_evt": mark}})
    found = mark_of(marked)

    assert is_copy == (found.is_on(marked) if found else None)


def test_of_a_series_only_the_occurrence_at_the_written_time_is_the_copy() -> None:
    series = event(recurrence=["RRULE:FREQ=WEEKLY"])
    start, later = "2026-03-02T11:00:00+01:00", "2026-03-09T11:00:00+01:00"
    found = mark_of(series)
    instances = [
        {**series, "id": f"{KEY}_x", "recurringEventId": KEY, "originalStartTime": {"dateTime": at}}
        for at in (start, later)
    ]

    assert found is not None
    assert [True, False] == [
        found.is_on({**each, "start": each["originalStartTime"]}) for each in instances
    ]
    assert f"{KEY}_20260302T100000Z" == occurrence_id(series)
    assert occurrence_id(event()) is None


def test_a_session_id_may_contain_the_separator() -> None:
    wanted = content("a:b")
    event_body = new_event(wanted, event_id=wanted.key, connection_id=CONNECTION_ID)
    found = mark_of(event_body)

    assert found is not None
    assert ("a:b", CONNECTION_ID) == (found.session, found.connection)


@pytest.mark.parametrize("extended", [None, {}, {"private": None}, {"private": []}, "x"])
def test_an_event_without_our_mark_is_not_a_copy(extended: object) -> None:
    assert not is_copy_of(
        event(extendedProperties=extended), content(), connection_id=CONNECTION_ID
    )
