"""What `shared/providers/apple/` relies on inside dateutil and icalendar."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule  # type: ignore[import-untyped]  # ships no types
from icalendar import Calendar
from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
OWN_ZONE = """\
BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:{offset}
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:a
DTSTART;TZID=Office:20260301T090000
END:VEVENT
END:VCALENDAR
"""


class CountedInterval(int):
    """An interval that counts how often a search advances by it."""

    steps = 0

    def __radd__(self, other: int) -> int:
        type(self).steps += 1
        return other + int(self)

    def __mul__(self, other: Any) -> Any:
        type(self).steps += 1
        return int(self) * other


@pytest.mark.parametrize("frequency", rrule.FREQNAMES)
def test_a_rule_that_never_matches_adds_its_interval_in_every_round(frequency: str) -> None:
    class Stopping(CountedInterval):
        def __radd__(self, other: int) -> int:
            if type(self).steps > 50:
                raise InterruptedError
            return super().__radd__(other)

        def __mul__(self, other: Any) -> Any:
            if type(self).steps > 50:
                raise InterruptedError
            return super().__mul__(other)

    rule = rrule.rrule(
        getattr(rrule, frequency), dtstart=START, bymonth=2, bymonthday=30, cache=False
    )

    with pytest.raises(InterruptedError):
        next(iter(rule.replace(interval=Stopping(1), cache=False)))


def test_a_rule_keeps_its_parts_in_private_attributes() -> None:
    rule = rrule.rrulestr("FREQ=MONTHLY;INTERVAL=2;COUNT=3;BYDAY=MO;BYSETPOS=1,2", dtstart=START)

    assert (rule._freq, rule._interval, rule._count) == (rrule.MONTHLY, 2, 3)
    assert (rule._dtstart, len(rule._bysetpos)) == (START, 2)
    assert rrule.rrulestr("FREQ=DAILY", dtstart=START)._bysetpos is None
    assert rule._original_rule["bysetpos"] == (1, 2)


def test_zones_under_other_names_are_neither_cached_nor_looked_up() -> None:
    text = (
        OWN_ZONE.format(offset="+0200").replace("VTIMEZONE", "X-ZONE").replace(";TZID", ";X-TZID")
    )

    [event] = Calendar.from_ical(text).walk("VEVENT")

    start: Any = event["DTSTART"]
    assert start.dt.tzinfo is None
    assert start.params["X-TZID"] == "Office"
    assert tzp.timezone("Office") is None


def test_unfolded_text_is_split_at_line_feeds_only() -> None:
    parts = "a\x0bb\x0cc\x1cd\x85e\u2028f\rg"

    [event] = Calendar.from_ical(
        f"begin:vcalendar\r\nBegin:vEvent\r\nSUMMARY:{parts}\r\nend:vevent\r\nEND:VCALENDAR\r\n"
    ).walk("VEVENT")

    assert event["SUMMARY"] == parts


def test_windows_zone_names_are_a_mapping_to_iana_names() -> None:
    assert ZoneInfo(WINDOWS_TO_OLSON["W. Europe Standard Time"])
