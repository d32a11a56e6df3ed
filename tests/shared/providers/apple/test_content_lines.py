"""Calendar objects are checked line by line, after unfolding, before a library reads them."""

from datetime import UTC, datetime

import pytest

from shared.domain.errors import CalendarMalformed, CalendarTooLarge
from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget
from shared.providers.apple.content_lines import object_lines, unfolded
from shared.providers.apple.entries import CaldavEntryReader
from shared.providers.apple.objects import read_object
from shared.providers.apple.payload import CopyText
from tests.support.provider_cases import ics

START = "DTSTART:20260302T090000Z"
DAY = Interval(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))


def starts(text: str) -> list[datetime]:
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset(), zone=None)
    entries = reader.entries(text, "/x.ics", within=DAY, budget=Budget())
    return [each.interval.start for each in entries]


@pytest.mark.parametrize("fold", ["\r\n ", "\r\n\t", "\n ", "\n\t", "\r\n\r\n ", "\n\n\t"])
def test_a_line_is_unfolded_however_it_is_folded(fold: str) -> None:
    assert unfolded(f"SUM{fold}MARY:a{fold}{fold}b\r\n\r\nUID:c\n") == ["SUMMARY:ab", "UID:c"]


TOO_LARGE = {
    "characters": ics("UID:a", START, "X:" + "x" * 1_000_000),
    "lines": ics("UID:a", START, *["ATTENDEE:mailto:a@x.example"] * 20_000),
    "components": ics("UID:a", START, *["BEGIN:VALARM", "END:VALARM"] * 5_000),
    "levels": ics("UID:a", START, *["BEGIN:A"] * 5, *["END:A"] * 5),
    "characters in a line": ics("UID:a", START, f"SUMMARY:{'x' * 100_000}"),
    "exceptions in a line": ics("UID:a", START, f"EXDATE:{','.join(['20260302T090000Z'] * 2_001)}"),
    "exceptions": ics("UID:a", START, *["EXDATE:20260302T090000Z"] * 2_001),
    "dates": ics("UID:a", START, *["RDATE:20260302T090000Z,20260303T090000Z"] * 1_001),
}


@pytest.mark.parametrize("text", TOO_LARGE.values(), ids=TOO_LARGE)
def test_an_object_over_a_bound_is_too_large(text: str) -> None:
    with pytest.raises(CalendarTooLarge):
        starts(text)


@pytest.mark.parametrize("text", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_copy_over_a_bound_is_too_large(text: str) -> None:
    with pytest.raises(CalendarTooLarge):
        CopyText(text)


EVENT = f"BEGIN:VEVENT\nUID:a\n{START}\nEND:VEVENT\n"
BROKEN = {
    "a mark with a parameter": f"BEGIN:VCALENDAR\nBEGIN;X=1:VTIMEZONE\n{EVENT}END:VCALENDAR",
    "a mark with blanks": f"BEGIN:VCALENDAR\nBE GIN:VTIMEZONE X\n{EVENT}END:VCALENDAR",
    "an escaped mark": f"BEGIN:VCALENDAR\nBEGIN:V\\TIMEZONE\n{EVENT}END:VCALENDAR",
    "a wrong end": f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n{START}\nEND:VTODO\nEND:VCALENDAR",
    "an end too many": f"BEGIN:VCALENDAR\n{EVENT}END:VCALENDAR\nEND:VCALENDAR",
    "two calendars": f"BEGIN:VCALENDAR\n{EVENT}END:VCALENDAR\nBEGIN:VCALENDAR\nEND:VCALENDAR",
    "a calendar inside": f"BEGIN:VCALENDAR\nBEGIN:VCALENDAR\n{EVENT}END:VCALENDAR\nEND:VCALENDAR",
    "an event inside another": f"BEGIN:VCALENDAR\nBEGIN:VTODO\n{EVENT}END:VTODO\nEND:VCALENDAR",
    "a property outside": f"UID:a\nBEGIN:VCALENDAR\n{EVENT}END:VCALENDAR",
    "no end": f"BEGIN:VCALENDAR\n{EVENT}",
    "a date with a broken parameter": ics("UID:a", 'DTSTART;TZID="Europe/Berlin:20260302T090000'),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_an_object_with_unclear_lines_is_malformed(text: str) -> None:
    with pytest.raises(CalendarMalformed):
        starts(text)


def test_blanks_around_marks_and_letters_of_any_case_are_accepted() -> None:
    text = f"\n  begin:vcalendar\n{EVENT}End:VCalendar \r\n  "

    assert starts(text) == [datetime(2026, 3, 2, 9, tzinfo=UTC)]


def test_the_library_receives_only_the_lines_that_were_judged() -> None:
    text = f"begin:vcalendar\nBEGIN:VEVENT\nUID:a\n{START}\nEND:VEVENT\nEND:VCALENDAR "

    checked = object_lines(text, Budget())

    assert checked.lines == [
        *("BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:a", START, "END:VEVENT", "END:VCALENDAR")
    ]


def test_a_line_that_the_library_cannot_read_makes_the_copy_malformed() -> None:
    with pytest.raises(CalendarMalformed):
        CopyText(f"BEGIN:VCALENDAR\nNO COLON\n{EVENT}END:VCALENDAR")


def test_all_objects_share_one_limit_of_events() -> None:
    budget = Budget(cost=10_000_000)
    text = f"BEGIN:VCALENDAR\n{EVENT * 2_500}END:VCALENDAR"
    read_object(text, budget)
    read_object(text, budget)

    with pytest.raises(CalendarTooLarge):
        read_object(f"BEGIN:VCALENDAR\n{EVENT}END:VCALENDAR", budget)
