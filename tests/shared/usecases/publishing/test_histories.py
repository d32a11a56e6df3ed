"""Whatever is written, and whatever fails, the platform ends with the service's own view."""

import json
import random
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.payloads.catalogue import FOLDER
from shared.domain.domain_event import DomainEvent, SubjectKind
from shared.domain.session_events import session_data
from shared.stores.event_rows import EVENT_SK, to_event
from shared.stores.people_rows import CONNECTION_PREFIX, HOLIDAY_PREFIX
from shared.stores.stream_images import StreamImages
from shared.usecases.booking.expiry import PendingExpiry
from shared.usecases.publishing.change_feed import ChangeFeed
from shared.usecases.publishing.publisher import Publisher
from tests.shared.usecases.booking.test_life_races import STEPS
from tests.support.domain_events import NOON, FaultySink, MemoryChangeList, MemoryDeadRecords
from tests.support.memory import MemoryPending
from tests.support.meter import FakeMeter
from tests.support.platform import ADMIN, Platform
from tests.support.session_steps import SessionPlayer, Step
from tests.support.stream_history import (
    FaultyStream,
    History,
    RecordedBookings,
    write_other_rows,
)

pytestmark = pytest.mark.long


class World:
    """A service whose committed writes are published by a process that often fails."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a test's choices
        self.history, self.changes = History(), MemoryChangeList()
        self.bus = FaultySink(lambda: not self.chance.randrange(5))
        self.dead = MemoryDeadRecords()
        platform = Platform()
        bookings = RecordedBookings(platform.memory, self.history)
        self.player = SessionPlayer(
            events=platform.events_with(bookings=bookings),
            expiry=PendingExpiry(
                pending=MemoryPending(platform.memory), events=platform.store, bookings=bookings
            ),
        )
        publisher = Publisher(
            records=StreamImages(shows_guests=False),
            changes=self.changes,
            sinks=[self.bus],
            dead=self.dead,
            meter=FakeMeter(),
        )
        self.stream = FaultyStream(
            self.history, self.chance, lambda batch: publisher.publish(batch, now=NOON)
        )

    def run(self, steps: list[Step]) -> None:
        """Make the steps, with other writes and deliveries in between."""
        for step in steps:
            self.player.play(step)
            write_other_rows(self.history, self.chance)
            self.stream.deliver_some()
            self.check_nothing_is_early()
        self.stream.deliver_all()

    def check_nothing_is_early(self) -> None:
        """Check that everything published so far was committed."""
        published = {each.id for each in (*self.bus.events, *self.changes.events)}
        assert published <= self.history.events.keys()

    def walked(self) -> list[DomainEvent]:
        """Return what a walk through the change list finds."""
        feed = ChangeFeed(self.changes)
        page = feed.page(ADMIN, limit=7, now=NOON)
        found = [*page.events]
        while page.has_more:
            page = feed.page(ADMIN, since=page.cursor, limit=7, now=NOON)
            found += page.events
        return found


class Consumer:
    """Keeps the newest event of each subject, in whatever order events arrive."""

    def __init__(self, events: list[DomainEvent]) -> None:
        self.newest: dict[Any, DomainEvent] = {}
        for event in events:
            kept = self.newest.get(event.subject)
            if kept is None or event.subject_version >= kept.subject_version:
                self.newest[event.subject] = event

    def view(self, kind: SubjectKind) -> dict[str, Any]:
        """Return the data of each subject of a kind by id."""
        return {key.id: each.data for key, each in self.newest.items() if key.kind is kind}


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEPS, min_size=4, max_size=14), seed=st.integers(0, 2**32))
def test_the_published_events_are_exactly_those_of_the_committed_history(
    steps: list[Step], seed: int
) -> None:
    world = World(seed)
    world.run(steps)

    expected = world.history.events
    assert {each.id: each for each in world.bus.events} == expected
    walked = world.walked()
    assert sorted(each.id for each in walked) == sorted(expected)
    assert world.dead.records == []
    for each in expected.values():
        _validator(each.type.value).validate(each.as_json())


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEPS, min_size=4, max_size=14), seed=st.integers(0, 2**32))
def test_a_consumer_ends_with_the_services_view_in_whatever_order_events_arrive(
    steps: list[Step], seed: int
) -> None:
    world = World(seed)
    world.run(steps)
    arrived = [*world.bus.events, *world.walked()]
    world.chance.shuffle(arrived)
    consumer = Consumer(arrived)

    rows = world.history.rows
    sessions = [to_event(row) for (_, sk), row in rows.items() if sk == EVENT_SK]
    assert {each.id: session_data(each) for each in sessions} == {
        key: {name: data[name] for name in data if name not in {"changes", "leftUserIds"}}
        for key, data in consumer.view(SubjectKind.SESSION).items()
    }
    holidays = {sk.removeprefix(HOLIDAY_PREFIX) for _, sk in rows if sk.startswith(HOLIDAY_PREFIX)}
    assert holidays == {
        key for key, data in consumer.view(SubjectKind.HOLIDAY).items() if not data["isDeleted"]
    }
    connections = {
        sk.removeprefix(CONNECTION_PREFIX): row["status"]["S"]
        for (_, sk), row in rows.items()
        if sk.startswith(CONNECTION_PREFIX)
    }
    assert connections == {
        key: data["status"]
        for key, data in consumer.view(SubjectKind.CONNECTION).items()
        if data["status"] != "disconnected"
    }


@cache
def _validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    """Return the validator of a published schema that also rejects unknown data."""
    schema = json.loads((FOLDER / "domain" / f"{kind}.json").read_text())
    schema["properties"]["data"]["additionalProperties"] = False
    return jsonschema_rs.Draft202012Validator(schema)
