"""Domain events from stream records of both tables: the images of an item before and after."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from typing_extensions import override

from shared.domain.domain_event import DomainEvent
from shared.domain.message_events import copy_events, invite_events, webhook_disabled
from shared.domain.people_events import (
    ConnectionHealth,
    availability_events,
    connection_events,
    holiday_events,
)
from shared.domain.session_events import session_events, unreachable_events
from shared.domain.week import RoleAvailability
from shared.ports import RecordReader
from shared.stores.attributes import TextsAttribute
from shared.stores.event_rows import COPY_PREFIX, EVENT_SK, to_copy, to_event
from shared.stores.invite_rows import INVITE_PREFIX, to_invite
from shared.stores.people_rows import (
    AVAILABILITY_PREFIX,
    CONNECTION_PREFIX,
    HOLIDAY_PREFIX,
    to_availability,
    to_holiday,
)
from shared.stores.table import Item

WEBHOOK_PREFIX = "webhook#"
_WEBHOOKS = "webhooks"
_TEXTS = TextsAttribute()

Image = Item | None
Derivation = Callable[[Image, Image, datetime], Iterator[DomainEvent]]


class StreamImages(RecordReader):
    """Reads records with both images; with `shows_guests`, domain events have guests' addresses."""

    def __init__(self, *, shows_guests: bool) -> None:
        self._shows_guests = shows_guests

    @override
    def events(self, record: Mapping[str, Any]) -> tuple[DomainEvent, ...]:
        change = record["dynamodb"]
        keys = change["Keys"]
        derive = self._derivation(keys["pk"]["S"], keys["sk"]["S"])
        if derive is None:
            return ()
        at = datetime.fromtimestamp(int(change["ApproximateCreationDateTime"]), UTC)
        return tuple(derive(change.get("OldImage"), change.get("NewImage"), at))

    def _derivation(self, pk: str, sk: str) -> Derivation | None:
        if sk == EVENT_SK:
            return _of_session
        if pk == _WEBHOOKS and sk.startswith(WEBHOOK_PREFIX):
            return _of_webhook
        by_prefix: Mapping[str, Derivation] = {
            COPY_PREFIX: _of_copy,
            INVITE_PREFIX: self._of_invite,
            CONNECTION_PREFIX: _of_connection,
            AVAILABILITY_PREFIX: _of_availability,
            HOLIDAY_PREFIX: _of_holiday,
        }
        return next((each for prefix, each in by_prefix.items() if sk.startswith(prefix)), None)

    def _of_invite(self, old: Image, new: Image, _: datetime) -> Iterator[DomainEvent]:
        before, after = (to_invite(each) if each else None for each in (old, new))
        return invite_events(before, after, shows_guests=self._shows_guests)


def _of_session(old: Image, new: Image, at: datetime) -> Iterator[DomainEvent]:
    before, after = (to_event(each) if each else None for each in (old, new))
    yield from session_events(before, after)
    if after and new and not after.is_closed:
        yield from unreachable_events(after, _unreachable(old), _unreachable(new), at=at)


def _of_copy(old: Image, new: Image, _: datetime) -> Iterator[DomainEvent]:
    before, after = (to_copy(each) if each else None for each in (old, new))
    return copy_events(before, after)


def _of_connection(old: Image, new: Image, at: datetime) -> Iterator[DomainEvent]:
    before, after = (_health(each) if each else None for each in (old, new))
    return connection_events(before, after, at=at)


def _of_availability(old: Image, new: Image, at: datetime) -> Iterator[DomainEvent]:
    user_id = _text(old or new or {}, "pk") or ""
    before, after = (_availability(each) if each else None for each in (old, new))
    return availability_events(user_id, before, after, at=at)


def _of_holiday(old: Image, new: Image, at: datetime) -> Iterator[DomainEvent]:
    user_id = _text(old or new or {}, "pk") or ""
    before, after = (to_holiday(each) if each else None for each in (old, new))
    return holiday_events(user_id, before, after, at=at)


def _of_webhook(old: Image, new: Image, at: datetime) -> Iterator[DomainEvent]:
    was, is_now = (_text(each or {}, "disabled_reason") for each in (old, new))
    if new and is_now and not was:
        webhook = (_text(new, "sk") or "").removeprefix(WEBHOOK_PREFIX)
        yield webhook_disabled(webhook, _number(new, "row_version"), is_now, at=at)


def _availability(image: Item) -> tuple[RoleAvailability, int] | None:
    availability = to_availability(image)
    return (availability, _number(image, "row_version")) if availability else None


def _health(image: Item) -> ConnectionHealth:
    """Read what domain events show, without the credential and the account."""
    return ConnectionHealth(
        id=(_text(image, "sk") or "").removeprefix(CONNECTION_PREFIX),
        user_id=_text(image, "pk") or "",
        provider=_text(image, "provider") or "",
        status=_text(image, "status") or "",
        has_error=_text(image, "last_error") is not None,
        cause=_text(image, "error_code"),
        version=_number(image, "row_version"),
    )


def _unreachable(image: Image) -> tuple[str, ...]:
    stored = (image or {}).get("unreachable", {}).get("L", ())
    return _TEXTS.deserialize(stored)


def _text(image: Item, name: str) -> str | None:
    return image.get(name, {}).get("S")


def _number(image: Item, name: str) -> int:
    return int(image.get(name, {}).get("N", 0))
