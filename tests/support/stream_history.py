"""Histories of rows as both tables' streams have them, and their delivery with faults."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from typing_extensions import override

from shared.domain.connection import ConnectionProblem, ConnectionStatus, ProblemCode
from shared.domain.copy import CopyState
from shared.domain.domain_event import DomainEvent
from shared.domain.event import Event
from shared.domain.invite import (
    Answer,
    Attempt,
    DeliveryState,
    Invite,
    InviteKind,
    InviteMethod,
    InviteResponse,
    MailContent,
)
from shared.stores.event_rows import from_copy, from_event
from shared.stores.invite_rows import from_invite
from shared.stores.people_rows import from_connection, from_holiday
from shared.stores.rows import Row
from shared.stores.stream_images import StreamImages
from tests.support.memory import Memory, MemoryBookings
from tests.support.store_samples import NOON, connection, copy, holiday

Record = dict[str, Any]


class History:
    """All committed writes; `rows` has the final images by key, `events` the events by id."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        self.events: dict[str, DomainEvent] = {}
        self._reader = StreamImages(shows_guests=False)

    def put(self, row: Row, **more: Any) -> None:
        """Commit a row with more attributes in DynamoDB JSON."""
        self.put_image({**row.serialize(), **more})

    def put_image(self, image: dict[str, Any]) -> None:
        """Commit a row in DynamoDB JSON."""
        self._commit((image["pk"]["S"], image["sk"]["S"]), image)

    def delete(self, row: Row) -> None:
        """Delete a row, if there is one."""
        image = row.serialize()
        key = image["pk"]["S"], image["sk"]["S"]
        if key in self.rows:
            self._commit(key, None)

    def number(self, row: Row) -> int:
        """Return the `row_version` of a stored row, 0 without one."""
        image = row.serialize()
        stored = self.rows.get((image["pk"]["S"], image["sk"]["S"]), {})
        return int(stored.get("row_version", {}).get("N", 0))

    def _commit(self, key: tuple[str, str], image: dict[str, Any] | None) -> None:
        old = self.rows.pop(key, None)
        if image is not None:
            self.rows[key] = image
        change = {
            "Keys": {"pk": {"S": key[0]}, "sk": {"S": key[1]}},
            "ApproximateCreationDateTime": NOON.timestamp(),
            **({"OldImage": old} if old else {}),
            **({"NewImage": image} if image else {}),
        }
        record = {"eventID": str(len(self.records)), "dynamodb": change}
        self.records.append(record)
        self.events |= {each.id: each for each in self._reader.events(record)}


class RecordedBookings(MemoryBookings):
    """Bookings whose commits are in the history, and some of which are settled later."""

    def __init__(self, memory: Memory, history: History) -> None:
        super().__init__(memory)
        self._history = history

    @override
    def commit(self, event: Event, **named: Any) -> None:
        super().commit(event, **named)
        self._history.put(from_event(event))
        if event.version % 2:
            settled = {"settled_version": {"N": str(event.version)}}
            unreachable = {"unreachable": {"L": [{"S": event.participants[0]}]}}
            self._history.put(from_event(event), **settled, **unreachable)


def write_other_rows(history: History, chance: random.Random) -> None:
    """Write a copy, an invite, a connection or a holiday, as the service does."""
    chance.choice((_write_copy, _write_invite, _write_connection, _write_holiday))(history, chance)


def _write_copy(history: History, chance: random.Random) -> None:
    record = copy(state=chance.choice([*CopyState]), desired_version=chance.randrange(1, 4))
    version = history.number(from_copy(record)) + 1
    history.put(from_copy(replace(record, row_version=version)))


def _write_invite(history: History, chance: random.Random) -> None:
    attempt = Attempt(
        number=1,
        content=MailContent(method=InviteMethod.REQUEST, sequence=0, digest="d"),
        status=chance.choice([*DeliveryState]),
        updated_at=NOON,
    )
    response = InviteResponse(
        answer=chance.choice([*Answer]), sequence=0, responded_at=NOON, received_at=NOON
    )
    invite = Invite(
        event_id="1-a",
        address=chance.choice(("guest@example.com", "other@example.com")),
        kind=InviteKind.EXTERNAL,
        attempts=(attempt,),
        response=chance.choice((None, response)),
    )
    version = history.number(from_invite(invite)) + 1
    history.put(from_invite(replace(invite, row_version=version)))


def _write_connection(history: History, chance: random.Random) -> None:
    status = chance.choice((ConnectionStatus.ACTIVE, ConnectionStatus.RECONNECT_REQUIRED))
    problem = ConnectionProblem(ProblemCode.ENTRY_UNREADABLE, "text")
    row = from_connection(connection(status=status, last_error=chance.choice((None, problem))))
    version = history.number(row)
    stored = history.rows.get(("coach-1", "person#connection#c-1"))
    if stored and not chance.randrange(4):
        history.delete(row)
    elif stored and not chance.randrange(3):  # a lease, new tokens or an outage
        history.put_image({**stored, "lease_until": {"S": str(len(history.records))}})
    else:
        first = version or len(history.records) * 1000
        history.put(row, row_version={"N": str(first + 1)})


def _write_holiday(history: History, chance: random.Random) -> None:
    row = from_holiday("coach-1", holiday(f"h-{chance.randrange(100_000)}"))
    history.put(row)
    if chance.randrange(2):
        history.delete(row)


class FaultyStream:
    """Delivers a history in shards: at least once, each shard in order, with crashes.

    A batch that fails is delivered again, and one that succeeded may be.
    """

    def __init__(
        self,
        history: History,
        chance: random.Random,
        publish: Callable[[Sequence[Record]], object],
        *,
        shards: int = 3,
    ) -> None:
        self._history = history
        self._chance = chance
        self._publish = publish
        self._done = [0] * shards

    def deliver_some(self) -> None:
        """Deliver one batch of a shard."""
        number = self._chance.randrange(len(self._done))
        shard = self._shard(number)
        start = self._done[number]
        batch = shard[start : start + self._chance.randint(1, 4)]
        if batch and self._succeeds(batch):
            self._done[number] = start + len(batch)
            if not self._chance.randrange(4):
                self._done[number] = max(0, start - self._chance.randrange(3))

    def deliver_all(self) -> None:
        """Deliver until nothing is left."""
        for number in range(len(self._done)):
            shard = self._shard(number)
            while batch := shard[self._done[number] :][:3]:
                if self._succeeds(batch):
                    self._done[number] += len(batch)

    def _succeeds(self, batch: Sequence[Record]) -> bool:
        try:
            self._publish(batch)
        except ExceptionGroup:
            return False
        return True

    def _shard(self, number: int) -> list[Record]:
        return [each for each in self._history.records if self._shard_of(each) == number]

    def _shard_of(self, record: Record) -> int:
        keys = record["dynamodb"]["Keys"]
        text = f"{keys['pk']['S']}{keys['sk']['S']}"
        return sum(text.encode()) % len(self._done)
