"""Attribute types of ours: how instants, dates and held sessions stand in an item."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from pynamodb.attributes import Attribute
from pynamodb.constants import LIST, MAP, STRING, STRING_SET

from shared.domain.agenda import SessionHeading
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


class AgendaEntry(NamedTuple):
    """What an agenda keeps of a session; those written before headings were kept have none."""

    interval: Interval
    heading: SessionHeading | None = None


class SessionsAttribute(Attribute[Mapping[str, AgendaEntry]]):
    """Session id to what is held for it, a map so that one session is written by its path."""

    attr_type = MAP

    def serialize(self, value: Mapping[str, AgendaEntry]) -> dict[str, dict[str, Any]]:
        """Return the map as DynamoDB has it."""
        return {session: held_value(held) for session, held in value.items()}

    def deserialize(self, value: Mapping[str, Mapping[str, Any]]) -> dict[str, AgendaEntry]:
        """Return what is held by session id."""
        return {session: _held(held["M"]) for session, held in value.items()}


def held_value(held: AgendaEntry) -> dict[str, Any]:
    """Return what is held for one session as a typed DynamoDB value."""
    interval, heading = held
    kept: dict[str, dict[str, Any]] = {
        "start": {STRING: interval.start.isoformat()},
        "end": {STRING: interval.end.isoformat()},
    }
    if heading:
        kept["title"] = {STRING: heading.title}
        kept["participants"] = {STRING_SET: sorted(heading.participants)}
    return {MAP: kept}


def _held(kept: Mapping[str, Mapping[str, Any]]) -> AgendaEntry:
    interval = Interval(
        datetime.fromisoformat(kept["start"][STRING]), datetime.fromisoformat(kept["end"][STRING])
    )
    if "title" not in kept:
        return AgendaEntry(interval)
    participants = frozenset(kept["participants"][STRING_SET])
    return AgendaEntry(interval, SessionHeading(kept["title"][STRING], participants))
