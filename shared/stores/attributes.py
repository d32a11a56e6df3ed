"""Attribute types of ours: how instants, dates and held sessions stand in an item."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import LIST, MAP, STRING

from shared.domain.interval import Interval, to_utc


class InstantAttribute(Attribute[datetime]):
    """An instant as ISO 8601 text in UTC, to the microsecond.

    Raises:
        ValueError: when a naive datetime is to be written.
    """

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        """Return the text kept for an aware instant."""
        return to_utc(value).isoformat()

    def deserialize(self, value: str) -> datetime:
        """Return the instant, aware, in UTC."""
        return to_utc(datetime.fromisoformat(value))


class DateAttribute(Attribute[date]):
    """A calendar date as ISO 8601 text."""

    attr_type = STRING

    def serialize(self, value: date) -> str:
        """Return the text kept for a date."""
        return value.isoformat()

    def deserialize(self, value: str) -> date:
        """Return the date."""
        return date.fromisoformat(value)


class TextsAttribute(Attribute[Iterable[str]]):
    """Texts in order, none perhaps; read back as a tuple."""

    attr_type = LIST

    def serialize(self, value: Iterable[str]) -> list[dict[str, str]]:
        """Return the list as DynamoDB has it."""
        return [{STRING: each} for each in value]

    def deserialize(self, value: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
        """Return the texts."""
        return tuple(each[STRING] for each in value)


class SessionsAttribute(Attribute[Mapping[str, Interval]]):
    """Session id to the interval it holds, a map so that one session is written by its path."""

    attr_type = MAP

    def serialize(self, value: Mapping[str, Interval]) -> dict[str, dict[str, Any]]:
        """Return the map as DynamoDB has it."""
        return {session: held_value(interval) for session, interval in value.items()}

    def deserialize(self, value: Mapping[str, Mapping[str, Any]]) -> dict[str, Interval]:
        """Return the intervals by session id."""
        return {session: _interval(held["M"]) for session, held in value.items()}


def held_value(interval: Interval) -> dict[str, Any]:
    """Return one held interval as a typed DynamoDB value."""
    start, end = interval.start.isoformat(), interval.end.isoformat()
    return {"M": {"start": {"S": start}, "end": {"S": end}}}


def _interval(held: Mapping[str, Mapping[str, str]]) -> Interval:
    return Interval(
        datetime.fromisoformat(held["start"]["S"]), datetime.fromisoformat(held["end"]["S"])
    )
