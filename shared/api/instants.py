"""Request field types for instants, dates and time zones, and the text form of an instant."""

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from shared.domain.zones import is_zone

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YEARS = range(1970, 2200)
_NO_INSTANT = "must be an RFC 3339 instant such as 2030-03-05T09:00:00Z"
_WRONG_YEAR = "must be in the years 1970 to 2199 of UTC"


def zulu(value: datetime) -> str:
    """Return the instant as RFC 3339 in UTC with a trailing Z."""
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text}Z"


def instant_in(moment: datetime, zone: tzinfo) -> datetime:
    """Return the instant in UTC. A `moment` without an offset is local time in `zone`.

    A local time that occurs twice means the first occurrence; one that is skipped uses the offset
    before the gap (RFC 5545, section 3.3.5).

    Raises:
        ValueError: when the instant is outside the years 1970 to 2199 of UTC.
    """
    instant = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    if instant.year not in _YEARS:
        raise ValueError(_WRONG_YEAR)
    return instant


def _parse_moment(value: Any) -> datetime:
    if not isinstance(value, str) or not _INSTANT.fullmatch(_restore_plus(value)):
        raise ValueError(_NO_INSTANT)
    try:
        moment = datetime.fromisoformat(_restore_plus(value).upper())
    except ValueError as error:
        raise ValueError(_NO_INSTANT) from error
    if moment.year not in _YEARS:
        raise ValueError(_WRONG_YEAR)
    return moment


def _parse_instant(value: Any) -> datetime:
    return instant_in(_parse_moment(value), UTC)


def _restore_plus(value: str) -> str:
    """Restore a query string's unescaped +, which arrives as a space before the offset."""
    return re.sub(r"(?<=\d) (?=\d\d:?\d\d$)", "+", value) if value.count(":") > 1 else value


def _parse_date(value: Any) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("must be a date such as 2030-03-05")
    parsed = date.fromisoformat(value)
    if parsed.year not in _YEARS:
        raise ValueError("must be in the years 1970 to 2199")
    return parsed


def _check_zone(value: str) -> str:
    if not is_zone(value):
        raise ValueError("must be an IANA time zone such as Europe/Berlin")
    return value


Instant = Annotated[
    datetime,
    BeforeValidator(_parse_instant),
    PlainSerializer(zulu, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""RFC 3339, in UTC if it has no offset. Parsed to an aware UTC datetime."""

NaiveOrAwareInstant = Annotated[
    datetime,
    BeforeValidator(_parse_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""RFC 3339. Parsed to a naive datetime if it has no offset, for `instant_in` to interpret."""


def _parse_edge(value: Any) -> date:
    is_date = isinstance(value, str) and _DATE.fullmatch(value)
    return _parse_date(value) if is_date else _parse_instant(value)


DayOrInstant = Annotated[
    date | datetime,
    PlainValidator(_parse_edge),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "string", "format": "date"},
            ]
        }
    ),
]
"""The edge of a range: RFC 3339, in UTC if it has no offset, or a date in UTC."""

Day = Annotated[
    date, BeforeValidator(_parse_date), WithJsonSchema({"type": "string", "format": "date"})
]
"""A date without a time zone, 1970-2199."""

Zone = Annotated[str, Field(max_length=64), AfterValidator(_check_zone)]
"""An IANA time zone name."""
