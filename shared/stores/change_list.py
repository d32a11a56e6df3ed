"""The change list in the events table: domain events of the last days under consecutive positions.

A transaction adds events together with the head, which has the last position, on condition that the
head is the one that was read. So positions have no gaps, and an event at a position is written
after all events before it, however many writers there are. A query that runs beside a transaction
may see a part of it (read-committed); the reader stops before the first position that it misses.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError
from typing_extensions import override

from shared.domain.domain_event import DomainEvent, from_json
from shared.domain.errors import LostRace
from shared.domain.retry import Pause
from shared.ports import ChangeList, ListedRange
from shared.stores.rows import Row
from shared.stores.table import PK, SK, Item, Key
from shared.stores.tables import Tables, Transaction

KEPT = timedelta(days=7)
BLOCK = 1000
"""How many positions share a partition."""

MAX_ADDED = 49
"""How many events one transaction of 100 actions adds: two items each, and the head."""

TRIES = 30
_HEAD_KEY: Key = ("changes", "head")
_STORED = KEPT + timedelta(days=2)
_LOST = "TransactionConflict"
_FAILED = "ConditionalCheckFailed"


class ListHeadRow(Row):
    """pk = `changes`, sk = `head`: the last position, and the first one of each day as JSON."""

    position = NumberAttribute()
    days = UnicodeAttribute()


class ListedChangeRow(Row):
    """pk = `changes#<block>`, sk = the position in 16 digits; `envelope` is JSON."""

    envelope = UnicodeAttribute()
    expires_at = NumberAttribute()


class ListedMarkRow(Row):
    """pk = `change#<id of the domain event>`, sk = `listed`: it is in the list."""

    expires_at = NumberAttribute()


@dataclass(frozen=True, slots=True)
class _Head:
    position: int = 0
    days: tuple[tuple[date, int], ...] = ()

    def first_of(self, day: date) -> int:
        """Return the first position of that day or a later one."""
        return next((first for each, first in self.days if each >= day), self.position + 1)

    def after(self, number: int, *, now: datetime) -> "_Head":
        """Return the head with that number of further positions, without days no longer kept."""
        today = now.astimezone(UTC).date()
        is_new = not self.days or self.days[-1][0] < today
        added = ((today, self.position + 1),) if is_new else ()
        oldest = _first_day_kept(now)
        days = (*(each for each in self.days if each[0] >= oldest), *added)
        return _Head(self.position + number, days)


class DynamoChangeList(ChangeList):
    """The list; `pause` waits before try number n of a transaction that lost a race.

    `block` positions share a partition; it must never change for a table.
    """

    def __init__(self, tables: Tables, *, pause: Pause, block: int = BLOCK) -> None:
        self._table = tables.events
        self._tables = tables
        self._pause = pause
        self._block = block

    @override
    def add_events(self, events: Sequence[DomainEvent], *, now: datetime) -> None:
        left = iter({each.id: each for each in events}.values())
        while added := tuple(islice(left, MAX_ADDED)):
            self._add_some(added, now=now)

    @override
    def kept(self, *, now: datetime) -> ListedRange:
        head = self._head()
        return ListedRange(head.first_of(_first_day_kept(now)), head.position)

    @override
    def first_since(self, instant: datetime, *, now: datetime) -> int:
        head = self._head()
        return head.first_of(max(instant.astimezone(UTC).date(), _first_day_kept(now)))

    @override
    def read(self, after: int, *, at_most: int) -> tuple[tuple[int, DomainEvent], ...]:
        found: list[tuple[int, DomainEvent]] = []
        for item in self._items(after + 1, after + at_most):
            position = int(item["sk"]["S"])
            if position != after + len(found) + 1:
                break
            row = ListedChangeRow.from_raw_data(dict(item))
            found.append((position, from_json(json.loads(row.envelope))))
        return tuple(found)

    def _items(self, first: int, last: int) -> Iterator[Item]:
        size = self._block
        for block in range(first // size, last // size + 1):
            start, end = max(first, block * size), min(last, (block + 1) * size - 1)
            keys = SK.between(_position_sk(start), _position_sk(end))
            yield from self._table.query(self._block_pk(start), keys)

    def _block_pk(self, position: int) -> str:
        return f"changes#{position // self._block}"

    def _add_some(self, events: tuple[DomainEvent, ...], *, now: datetime) -> None:
        missing = events
        for number in range(1, TRIES + 1):
            head = self._head()
            try:
                self._tables.transact(self._transaction(head, missing, now=now))
            except TransactWriteError as error:
                missing = _without_listed(missing, error)
                if not missing:
                    return
            else:
                return
            self._pause(number)
        raise LostRace("Other writers keep adding to the change list. Retry later.")

    def _transaction(
        self, head: _Head, events: Sequence[DomainEvent], *, now: datetime
    ) -> Transaction:
        expires_at = int((now + _STORED).timestamp())
        same = ListHeadRow.position == head.position
        after = _head_row(head.after(len(events), now=now))
        marks = (ListedMarkRow(*_mark_key(each), expires_at=expires_at) for each in events)
        listed = (
            ListedChangeRow(
                self._block_pk(position),
                _position_sk(position),
                envelope=event.text,
                expires_at=expires_at,
            )
            for position, event in enumerate(events, head.position + 1)
        )
        absent = PK.does_not_exist()
        return Transaction(
            puts=[
                self._table.put_action(after, same if head.position else absent),
                *(self._table.put_action(each, absent) for each in marks),
                *map(self._table.put_action, listed),
            ]
        )

    def _head(self) -> _Head:
        item = self._table.get(_HEAD_KEY)
        if item is None:
            return _Head()
        row = ListHeadRow.from_raw_data(dict(item))
        days = ((date.fromisoformat(day), first) for day, first in json.loads(row.days))
        return _Head(int(row.position), tuple(days))


def _without_listed(
    events: tuple[DomainEvent, ...], error: TransactWriteError
) -> tuple[DomainEvent, ...]:
    """Return the events without those that the list has, after a transaction that lost a race."""
    codes = [each.code if each else None for each in error.cancellation_reasons]
    if not {_FAILED, _LOST}.intersection(codes):
        raise error
    marks = codes[1 : len(events) + 1]
    return tuple(event for event, code in zip(events, marks, strict=True) if code != _FAILED)


def _first_day_kept(now: datetime) -> date:
    return (now.astimezone(UTC) - KEPT).date()


def _head_row(head: _Head) -> ListHeadRow:
    days = json.dumps([(day.isoformat(), first) for day, first in head.days])
    pk, sk = _HEAD_KEY
    return ListHeadRow(pk, sk, position=head.position, days=days)


def _position_sk(position: int) -> str:
    return f"{position:016d}"


def _mark_key(event: DomainEvent) -> Key:
    return f"change#{event.id}", "listed"
