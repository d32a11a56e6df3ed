"""Custom attribute types: instants, dates, lists of texts and agenda entries."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from pynamodb.attributes import Attribute
from pynamodb.constants import BOOLEAN, LIST, MAP, STRING, STRING_SET

from shared.domain.agenda import SessionHeading
from shared.domain.connection import Provider
from shared.domain.event import EventStatus
from shared.domain.interval import Interval, to_utc


def to_provider(value: str) -> Provider:
    """Return the provider with that stored name, `UNKNOWN` when only a newer version has it."""
    return Provider(value) if value in set(Provider) else Provider.UNKNOWN


class InstantAttribute(Attribute[datetime]):
    """An instant as ISO 8601 text in UTC, to the microsecond.

    Raises:
        ValueError: when writing a naive datetime.
    """

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        """Return the stored text of an aware instant."""
        return to_utc(value).isoformat()

    def deserialize(self, value: str) -> datetime:
        """Return the instant, aware, in UTC."""
        return to_utc(datetime.fromisoformat(value))


class DateAttribute(Attribute[date]):
    """A calendar date as ISO 8601 text."""

    attr_type = STRING

    def serialize(self, value: date) -> str:
        """Return the stored text of a date."""
        return value.isoformat()

    def deserialize(self, value: str) -> date:
        """Return the date."""
        return date.fromisoformat(value)


class TextsAttribute(Attribute[Iterable[str]]):
    """A list of texts, possibly empty; read back as a tuple."""

    attr_type = LIST

    def serialize(self, value: Iterable[str]) -> list[dict[str, str]]:
        """Return the DynamoDB list."""
        return [{STRING: each} for each in value]

    def deserialize(self, value: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
        """Return the texts."""
        return tuple(each[STRING] for each in value)


class AgendaEntry(NamedTuple):
    """A session in an agenda item; see `AgendaDay`.

    Only entries written by older versions have a heading and a creator.
    """

    interval: Interval
    pending_until: datetime | None = None
    is_own: bool = False
    is_optional: bool = False
    heading: SessionHeading | None = None
    created_by: str | None = None


class SessionsAttribute(Attribute[Mapping[str, AgendaEntry]]):
    """Agenda entries by session id, a map so that one session can be updated by its path."""

    attr_type = MAP

    def serialize(self, value: Mapping[str, AgendaEntry]) -> dict[str, dict[str, Any]]:
        """Return the DynamoDB map."""
        return {session: agenda_entry_value(entry) for session, entry in value.items()}

    def deserialize(self, value: Mapping[str, Mapping[str, Any]]) -> dict[str, AgendaEntry]:
        """Return the agenda entries by session id."""
        return {session: _agenda_entry(entry[MAP]) for session, entry in value.items()}


def agenda_entry_value(entry: AgendaEntry) -> dict[str, Any]:
    """Return the agenda entry as a typed DynamoDB value, without a heading."""
    fields: dict[str, dict[str, Any]] = {
        "start": {STRING: entry.interval.start.isoformat()},
        "end": {STRING: entry.interval.end.isoformat()},
    }
    if entry.pending_until:
        fields["pending_until"] = {STRING: entry.pending_until.isoformat()}
    if entry.is_own:
        fields["is_own"] = {BOOLEAN: True}
    if entry.is_optional:
        fields["is_optional"] = {BOOLEAN: True}
    return {MAP: fields}


def _agenda_entry(fields: Mapping[str, Mapping[str, Any]]) -> AgendaEntry:
    interval = Interval(
        datetime.fromisoformat(fields["start"][STRING]),
        datetime.fromisoformat(fields["end"][STRING]),
    )
    until = fields.get("pending_until")
    if "title" in fields:
        return _old_entry(fields, interval)
    return AgendaEntry(
        interval,
        pending_until=datetime.fromisoformat(until[STRING]) if until else None,
        is_own="is_own" in fields,
        is_optional="is_optional" in fields,
    )


def _old_entry(fields: Mapping[str, Mapping[str, Any]], interval: Interval) -> AgendaEntry:
    """Convert an entry of an older version, which has the heading inside."""
    is_pending = "is_pending" in fields
    status = EventStatus.PENDING_APPROVAL if is_pending else EventStatus.SCHEDULED
    people = frozenset(fields["participants"][STRING_SET])
    return AgendaEntry(
        interval,
        pending_until=interval.start if is_pending else None,
        heading=SessionHeading(fields["title"][STRING], people, status, interval),
        created_by=fields["created_by"][STRING] if "created_by" in fields else None,
    )
