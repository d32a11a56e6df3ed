from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval
from shared.providers.apple.payload import CopyText, new_text
from shared.providers.own_text import delimited
from tests.support.provider_cases import content

FORBIDDEN = ("ORGANIZER", "ATTENDEE", "METHOD", "BEGIN:VTIMEZONE", "DTSTART;", "DTEND;")
DECORATED = """\
CATEGORIES:Clients,Office
COLOR:tomato
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE="Room, 4":geo:52.5,13.4
X-UNKNOWN;PARAM="a;b":unchanged
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Soon
TRIGGER:-PT15M
X-WR-ALARMUID:ABC
END:VALARM
END:VEVENT""".replace("\n", "\r\n")


def lines(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_a_new_copy_is_in_utc_and_has_every_property_icloud_requires() -> None:
    expected = {
        f"UID:{content().key}",
        "DTSTART:20260302T100000Z",
        "DTEND:20260302T110000Z",
        "DTSTAMP:20260201T000000Z",
        "LAST-MODIFIED:20260201T000000Z",
        "SEQUENCE:0",
        "SUMMARY:Coaching: Kim & Lee",
        f"DESCRIPTION:{delimited('Coach: Kim')}".replace("Kim", "Kim\nLearner: Lee").replace(
            "\n", "\\n"
        ),
        "LOCATION:Room 4\\; first floor\\, left",
        "URL:https://meet.example/abc?x=1",
        "X-CALENDAR-SERVICE-SESSION:session-1",
    }

    assert expected <= set(lines(new_text(content())))


def test_a_copy_has_no_property_that_makes_a_server_send_mail() -> None:
    result = [line for line in lines(new_text(content())) if line.startswith(FORBIDDEN)]

    assert not result


def test_lines_end_in_crlf_and_have_at_most_75_bytes() -> None:
    text = new_text(content(description="ü" * 500))

    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def test_merging_keeps_the_users_properties() -> None:
    existing = new_text(content()).replace("END:VEVENT", DECORATED)
    moved = content(title="Renamed", location=None, sequence=3)

    result = set(lines(CopyText(existing).merge(moved)))

    assert set(lines(DECORATED)) <= result
    assert {"SUMMARY:Renamed", "SEQUENCE:3"} <= result
    assert not [line for line in result if line.startswith("LOCATION")]


def test_merging_replaces_a_duration_by_an_end() -> None:
    existing = new_text(content()).replace("DTEND:20260302T110000Z", "DURATION:PT3H")

    result = lines(CopyText(existing).merge(content()))

    assert "DTEND:20260302T110000Z" in result
    assert not [line for line in result if line.startswith("DURATION")]


def test_the_sequence_never_decreases() -> None:
    existing = new_text(content(sequence=9))

    assert "SEQUENCE:9" in lines(CopyText(existing).merge(content(title="New", sequence=2)))


def test_merging_removes_scheduling_properties() -> None:
    added = "ORGANIZER:mailto:kim@x.example\r\nATTENDEE:mailto:lee@x.example\r\nEND:VEVENT"
    existing = new_text(content()).replace("END:VEVENT", added)
    existing = existing.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST")

    result = [
        line for line in lines(CopyText(existing).merge(content())) if line.startswith(FORBIDDEN)
    ]

    assert not result


def test_a_merge_restores_a_cancelled_copy() -> None:
    existing = CopyText(new_text(content()).replace("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT"))

    assert existing.is_cancelled
    assert not existing.matches(content())
    assert not CopyText(existing.merge(content())).is_cancelled


CHANGES = [
    {"title": "Other"},
    {"description": "Other"},
    {"location": None},
    {"url": None},
    {
        "interval": Interval(
            datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
        )
    },
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_copy_matches_only_the_content_it_was_merged_with(change: dict[str, Any]) -> None:
    existing = CopyText(new_text(content()))
    changed = content(**change)

    assert existing.matches(content())
    assert not existing.matches(changed)
    assert CopyText(existing.merge(changed)).matches(changed)


def test_a_later_sequence_alone_still_matches() -> None:
    assert CopyText(new_text(content())).matches(content(sequence=5))


def test_a_copy_of_another_session_is_not_this_copy() -> None:
    existing = CopyText(new_text(content()))

    assert existing.is_copy_of(content())
    assert not existing.is_copy_of(replace(content(), session_id="session-2"))
    assert not existing.is_copy_of(replace(content(), key="another"))


def test_the_same_instant_in_another_zone_matches() -> None:
    existing = new_text(content()).replace(
        "DTSTART:20260302T100000Z", "DTSTART;TZID=Europe/Berlin:20260302T110000"
    )

    assert CopyText(existing).matches(content())


def test_an_object_without_an_event_is_malformed() -> None:
    text = (Path(__file__).parents[3] / "data" / "ics" / "apple-no-end.ics").read_text()

    with pytest.raises(CalendarMalformed):
        CopyText(text.replace("VEVENT", "VTODO"))
