"""The demo's dates and the entries already in the coach's calendar: recorded, or upcoming."""

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
class CalendarFile:
    """A calendar object with its file name."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The dates of a demo; `day` is a Monday.

    `now` is the instant to set the service's clock to, None for the real time. On that day the
    entries in `existing` make the coach busy during `busy` only (from 08:00 to 18:00).
    """

    now: datetime | None
    day: date
    existing: tuple[CalendarFile, ...]

    @property
    def busy(self) -> Interval:
        """The coach's busy time on `day`, 10:00 to 11:00 in `ZONE`."""
        return _busy(self.day)

    def slot(self, *, days: int) -> Interval:
        """Return the hour from 09:00 UTC, `days` days after `day`."""
        start = datetime.combine(self.day + timedelta(days=days), time(9), UTC)
        return Interval(start, start + timedelta(hours=1))


def recorded(files: Iterable[Path] = RECORDED) -> Scenario:
    """Return the scenario with entries that calendar programs wrote, at the time of the entries.

    Its day is the Monday after summer time started: a weekly entry at 09:00 is cancelled on that
    day only, and a daily one in a Windows time zone has its fourth and last occurrence at 10:00.
    """
    entries = tuple(CalendarFile(file.name, file.read_bytes()) for file in files)
    now = datetime(2026, 3, 26, 7, tzinfo=UTC)
    return Scenario(now=now, day=date(2026, 3, 30), existing=entries)


def upcoming(now: datetime) -> Scenario:
    """Return a scenario for a service whose clock cannot be set; `now` is the real time."""
    earliest = now.astimezone(ZoneInfo(ZONE)).date() + _AHEAD
    day = earliest + timedelta(days=(_MONDAY - earliest.weekday()) % 7)
    return Scenario(now=None, day=day, existing=(_entry(_busy(day), written=now),))


def _busy(day: date) -> Interval:
    zone = ZoneInfo(ZONE)
    return Interval(
        datetime.combine(day, _BUSY_FROM, zone).astimezone(UTC),
        datetime.combine(day, _BUSY_TO, zone).astimezone(UTC),
    )


def _entry(busy: Interval, *, written: datetime) -> CalendarFile:
    text = dedent(f"""\
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//calendar-service//demo//EN
        BEGIN:VEVENT
        UID:demo-dentist
        DTSTAMP:{_utc(written)}
        DTSTART:{_utc(busy.start)}
        DTEND:{_utc(busy.end)}
        SUMMARY:Dentist
        END:VEVENT
        END:VCALENDAR
        """)
    return CalendarFile("dentist.ics", text.replace("\n", "\r\n").encode())


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
