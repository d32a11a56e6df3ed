from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.domain.errors import CalendarGarbled
from shared.domain.interval import Interval
from shared.providers.apple.payload import CopyText, new_text
from tests.support.provider_peers import content

FORBIDDEN = ("ORGANIZER", "ATTENDEE", "METHOD", "BEGIN:VTIMEZONE", "DTSTART;", "DTEND;")
DECORATED = """\
CATEGORIES:Clients,Office
COLOR:tomato
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE="Room, 4":geo:52.5,13.4
X-UNKNOWN;PARAM="a;b":kept as it is
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Soon
TRIGGER:-PT15M
X-WR-ALARMUID:ABC
END:VALARM
END:VEVENT""".replace("\n", "\r\n")


def lines(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_a_new_copy_is_written_in_utc_with_all_that_icloud_asks_for() -> None:
    expected = {
        f"UID:{content().key}",
        "DTSTART:20260302T100000Z",
        "DTEND:20260302T110000Z",
        "DTSTAMP:20260201T000000Z",
        "LAST-MODIFIED:20260201T000000Z",
        "SEQUENCE:0",
        "SUMMARY:Coaching: Kim & Lee",
        "DESCRIPTION:Coach: Kim\\nLearner: Lee",
        "LOCATION:Room 4\\; first floor\\, left",
        "URL:https://meet.example/abc?x=1",
        "X-CALENDAR-SERVICE-SESSION:session-1",
    }

    assert expected <= set(lines(new_text(content())))


def test_a_copy_has_nothing_in_it_that_makes_a_server_mail_somebody() -> None:
    found = [line for line in lines(new_text(content())) if line.startswith(FORBIDDEN)]

    assert not found


def test_lines_end_in_crlf_and_are_short() -> None:
    text = new_text(content(description="ü" * 500))

    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def test_merging_keeps_everything_that_is_not_ours() -> None:
    there = new_text(content()).replace("END:VEVENT", DECORATED)
    moved = content(title="Renamed", location=None, sequence=3)

    found = set(lines(CopyText(there).merged(moved)))

    assert set(lines(DECORATED)) <= found
    assert {"SUMMARY:Renamed", "SEQUENCE:3"} <= found
    assert not [line for line in found if line.startswith("LOCATION")]


def test_merging_sets_an_end_where_the_user_left_a_duration() -> None:
    there = new_text(content()).replace("DTEND:20260302T110000Z", "DURATION:PT3H")

    found = lines(CopyText(there).merged(content()))

    assert "DTEND:20260302T110000Z" in found
    assert not [line for line in found if line.startswith("DURATION")]


def test_a_sequence_never_goes_back() -> None:
    there = new_text(content(sequence=9))

    assert "SEQUENCE:9" in lines(CopyText(there).merged(content(title="New", sequence=2)))


def test_merging_takes_scheduling_out_again() -> None:
    added = "ORGANIZER:mailto:kim@x.example\r\nATTENDEE:mailto:lee@x.example\r\nEND:VEVENT"
    there = new_text(content()).replace("END:VEVENT", added)
    there = there.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST")

    found = [
        line for line in lines(CopyText(there).merged(content())) if line.startswith(FORBIDDEN)
    ]

    assert not found


def test_a_cancelled_copy_is_revived_by_a_merge() -> None:
    there = CopyText(new_text(content()).replace("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT"))

    assert there.is_cancelled
    assert not there.shows(content())
    assert not CopyText(there.merged(content())).is_cancelled


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
def test_a_copy_shows_what_it_was_merged_with_and_nothing_else(change: dict[str, Any]) -> None:
    there = CopyText(new_text(content()))
    changed = content(**change)

    assert there.shows(content())
    assert not there.shows(changed)
    assert CopyText(there.merged(changed)).shows(changed)


def test_a_later_sequence_alone_is_nothing_a_reader_sees() -> None:
    assert CopyText(new_text(content())).shows(content(sequence=5))


def test_a_copy_of_another_session_is_not_ours() -> None:
    there = CopyText(new_text(content()))

    assert there.is_copy_of(content())
    assert not there.is_copy_of(replace(content(), session_id="session-2"))
    assert not there.is_copy_of(replace(content(), key="another"))


def test_times_of_day_in_other_zones_are_the_same_instant() -> None:
    there = new_text(content()).replace(
        "DTSTART:20260302T100000Z", "DTSTART;TZID=Europe/Berlin:20260302T110000"
    )

    assert CopyText(there).shows(content())


def test_an_object_without_an_event_is_no_copy() -> None:
    text = (Path(__file__).parents[3] / "data" / "ics" / "apple-no-end.ics").read_text()

    with pytest.raises(CalendarGarbled):
        CopyText(text.replace("VEVENT", "VTODO"))
