"""Series of every kind that calendars write, made from a seed."""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # ships no types

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FIRST = datetime(2024, 1, 1)  # noqa: DTZ001 - a local time
_AFTER_CHANGES = 4
_STAMP = "%Y%m%dT%H%M%S"
WINDOW = (datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 4, 10, tzinfo=UTC))
_NEAR = datetime(2027, 2, 1)  # noqa: DTZ001 - as above
_MIXED = re.compile(r"BYDAY=([A-Z,]+),-?\d.*")
_LONG = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Sample:
    """The lines of one series; `zone` is None for times in UTC and for dates."""

    zone: str | None
    lines: tuple[str, ...]

    def text(self, definition: str = "") -> str:
        """Return the object, with the definition of its zone."""
        zone = filter(None, definition.split("\r\n"))
        event = ("BEGIN:VEVENT", "UID:a", *self.lines, "END:VEVENT")
        parts = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *zone, *event, "END:VCALENDAR", "")
        return "\r\n".join(parts)


def samples(number: int, *, seed: int) -> list[Sample]:
    """Return that many series, whose starts follow from their rules."""
    source = random.Random(seed)  # noqa: S311 - samples, not secrets
    found: list[Sample] = []
    while len(found) < number:
        sample = _sample(source)
        if sample is not None:
            found.append(sample)
    return found


def _sample(source: random.Random) -> Sample | None:
    rule = _rule(source)
    after = _FIRST + timedelta(minutes=15 * source.randrange(4 * 24 * 365 * 3))
    start = _first(rule, after)
    if start is None:
        return None
    if source.random() < 0.2:
        return Sample(None, tuple(_dates(source, rule, start)))
    # Times around clock changes have tests of their own: the engines differ there.
    zone = source.choice((*ZONES, None)) if start.hour >= _AFTER_CHANGES else None
    length = timedelta(minutes=15 * source.randint(1, 12))
    lines = [_time("DTSTART", start, zone), _time("DTEND", start + length, zone)]
    lines += [f"RRULE:{rule}{_end(source, start)}"]
    excluded = _first(rule, _NEAR, start)
    if source.random() < 0.5 and excluded is not None:
        lines.append(_time("EXDATE", excluded, zone))
    if source.random() < 0.3:
        # In UTC, because libical ignores the TZID of an RDATE.
        lines.append(_time("RDATE", _NEAR + timedelta(hours=source.randint(30, 2_000)), None))
    return Sample(zone, tuple(lines))


def _dates(source: random.Random, rule: str, start: datetime) -> list[str]:
    last = start + timedelta(days=source.randint(1, 3))
    excluded = _first(rule, _NEAR, start)
    lines = [_date("DTSTART", start), _date("DTEND", last), f"RRULE:{rule}"]
    if source.random() < 0.5:
        lines[-1] += f";UNTIL={start + timedelta(days=source.randint(100, 900)):%Y%m%d}"
    if source.random() < 0.5 and excluded is not None:
        lines.append(_date("EXDATE", excluded))
    return lines


def _first(rule: str, after: datetime, start: datetime | None = None) -> datetime | None:
    """Return a time of the rule soon after another, or None if there is none for years.

    Of days with and without a number it takes those without, because `dateutil` finds none.
    """
    parts = [_MIXED.sub(r"BYDAY=\1", each) for each in rule.split(";")]
    bounded = ";".join((*parts, f"UNTIL={after + _LONG:{_STAMP}}"))
    found: datetime | None = rrulestr(bounded, dtstart=start or after).after(after, inc=True)
    return found


def _rule(source: random.Random) -> str:
    frequency = source.choice(("DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"))
    parts = [f"FREQ={frequency}"]
    if source.random() < 0.5:
        parts.append(f"INTERVAL={source.randint(2, 4)}")
    parts += {
        "DAILY": _daily,
        "WEEKLY": _weekly,
        "MONTHLY": _monthly,
        "YEARLY": _yearly,
    }[frequency](source)
    return ";".join(parts)


def _daily(source: random.Random) -> list[str]:
    choices: tuple[list[str], ...] = (
        [],
        [f"BYDAY={_plain(source)}"],
        [f"BYMONTH={_numbers(source, 1, 12)}"],
    )
    return list(source.choice(choices))


def _weekly(source: random.Random) -> list[str]:
    parts = [f"BYDAY={_plain(source)}"] if source.random() < 0.8 else []
    return [*parts, f"WKST={source.choice(('MO', 'SU'))}"]


def _monthly(source: random.Random) -> list[str]:
    choices: tuple[list[str], ...] = (
        [f"BYDAY={_numbered(source, (1, 2, 3, 4, 5, -1, -2))}"],
        [f"BYMONTHDAY={_numbers(source, 1, 31)}"],
        [f"BYMONTHDAY={-source.randint(1, 3)}"],
        [f"BYDAY={_plain(source)}", f"BYSETPOS={source.choice((1, 2, -1))}"],
        [f"BYDAY={_plain(source)},{_numbered(source, (1, -1))}"],
        [f"BYDAY={_plain(source)}", f"BYMONTHDAY={_numbers(source, 1, 15)}"],
        [],
    )
    return list(source.choice(choices))


def _yearly(source: random.Random) -> list[str]:
    month = f"BYMONTH={_numbers(source, 1, 12)}"
    choices: tuple[list[str], ...] = (
        [month],
        [month, f"BYDAY={_numbered(source, (1, 2, 3, 4, -1))}"],
        [month, f"BYDAY={_plain(source)}"],
        [month, f"BYMONTHDAY={_numbers(source, 1, 28)}"],
        [month, f"BYDAY={_plain(source)},{_numbered(source, (1, -1))}"],
        [],
    )
    return list(source.choice(choices))


def _plain(source: random.Random) -> str:
    return ",".join(source.sample(_WEEKDAYS, source.randint(1, 3)))


def _numbered(source: random.Random, positions: tuple[int, ...]) -> str:
    days = source.sample(_WEEKDAYS, source.randint(1, 2))
    return ",".join(f"{source.choice(positions)}{day}" for day in days)


def _numbers(source: random.Random, low: int, high: int) -> str:
    chosen = source.sample(range(low, high + 1), source.randint(1, 4))
    return ",".join(map(str, sorted(chosen)))


def _end(source: random.Random, start: datetime) -> str:
    kind = source.random()
    if kind < 0.3:
        return f";COUNT={source.randint(3, 60)}"
    if kind < 0.6:
        return f";UNTIL={start + timedelta(days=source.randint(100, 900)):{_STAMP}}Z"
    return ""


def _time(name: str, wall: datetime, zone: str | None) -> str:
    place, mark = (f";TZID={zone}", "") if zone else ("", "Z")
    return f"{name}{place}:{wall:{_STAMP}}{mark}"


def _date(name: str, day: datetime) -> str:
    return f"{name};VALUE=DATE:{day:%Y%m%d}"
