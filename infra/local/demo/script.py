"""When the demo plays and what is in the coach's calendar before: recorded, or in days to come."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

from infra.local.processes import ROOT
from shared.domain.interval import Interval

ZONE = "Europe/Berlin"
WEEKDAY = "monday"
_MONDAY = 0
_BUSY_FROM, _BUSY_TO = time(10), time(11)
_AHEAD = timedelta(days=7)
_ICS = ROOT / "tests" / "data" / "ics"
RECORDED = (
    _ICS / "google-weekly.ics",
    _ICS / "outlook-windows-zone.ics",
    _ICS / "outlook-custom-zone.ics",
    _ICS / "thunderbird-monthly.ics",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A calendar object under the name it is stored under."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """`now` is the instant to set the service's clock to, None its own time; `day` is a Monday.

    The entries that `existing` holds keep the coach busy on that day in `busy`, and at no other
    time of it between 08:00 and 18:00.
    """

    now: datetime | None
    day: date
    existing: tuple[Entry, ...]

    @property
    def busy(self) -> Interval:
        """The coach's busy time of the day, 10:00 to 11:00 in `ZONE`."""
        return _busy(self.day)

    def slot(self, *, days: int) -> Interval:
        """Return the hour from 09:00 UTC so many days after the day."""
        start = datetime.combine(self.day + timedelta(days=days), time(9), UTC)
        return Interval(start, start + timedelta(hours=1))


def recorded(files: Iterable[Path] = RECORDED) -> Script:
    """Return the script for entries that calendar programs wrote, by a clock set to their time.

    Its day is the Monday after summer time began: a weekly entry at 09:00 is cancelled on that day
    alone, and a daily one, written in a Windows zone, is at 10:00 for the fourth and last time.
    """
    entries = tuple(Entry(file.name, file.read_bytes()) for file in files)
    now = datetime(2026, 3, 26, 7, tzinfo=UTC)
    return Script(now=now, day=date(2026, 3, 30), existing=entries)


def upcoming(now: datetime) -> Script:
    """Return a script for a service whose clock cannot be set; `now` is the real time."""
    soonest = now.astimezone(ZoneInfo(ZONE)).date() + _AHEAD
    day = soonest + timedelta(days=(_MONDAY - soonest.weekday()) % 7)
    return Script(now=None, day=day, existing=(_entry(_busy(day), written=now),))


def _busy(day: date) -> Interval:
    zone = ZoneInfo(ZONE)
    return Interval(
        datetime.combine(day, _BUSY_FROM, zone).astimezone(UTC),
        datetime.combine(day, _BUSY_TO, zone).astimezone(UTC),
    )


def _entry(time_taken: Interval, *, written: datetime) -> Entry:
    text = dedent(f"""\
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//calendar-service//demo//EN
        BEGIN:VEVENT
        UID:demo-dentist
        DTSTAMP:{_utc(written)}
        DTSTART:{_utc(time_taken.start)}
        DTEND:{_utc(time_taken.end)}
        SUMMARY:Dentist
        END:VEVENT
        END:VCALENDAR
        """)
    return Entry("dentist.ics", text.replace("\n", "\r\n").encode())


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
