"""The publication on one machine, from both tables' streams to the bus."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from typing_extensions import override

from infra.local.event_log import EventLog
from infra.local.event_sources import HandlerInvoker
from infra.local.publish_source import PublishSource
from infra.local.workers import InvocationFailed
from shared.aws.bus import EventBridgeBus
from shared.aws.clients import Clients
from shared.stores.event_rows import from_event
from shared.stores.people_rows import from_holiday
from tests.support.aws import Aws
from tests.support.domain_events import sample_event
from tests.support.service import installed
from tests.support.store_samples import holiday, session

pytestmark = pytest.mark.long


class RecordingInvoker(HandlerInvoker):
    """Records payloads; the first `failures` invocations fail."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.records: list[Mapping[str, Any]] = []

    @override
    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        if self.failures:
            self.failures -= 1
            raise InvocationFailed("the process ended")
        self.records += payload["Records"]


@pytest.fixture
def aws(environment: dict[str, str]) -> Aws:
    """A local AWS of its own."""
    return Aws(environment)


def published(aws: Aws, invoker: RecordingInvoker) -> Iterator[PublishSource]:
    source = PublishSource(invoker, aws.environment)
    source.start()
    yield source
    source.halt()
    source.join()


@pytest.mark.parametrize("failures", [0, 1])
def test_records_of_both_tables_are_published_with_both_images(aws: Aws, failures: int) -> None:
    invoker = RecordingInvoker(failures)
    tables = aws.tables()
    tables.events.put(from_event(session()))
    tables.events.put(from_event(session(title="New", version=2)))
    tables.connections.put(from_holiday("coach-1", holiday()))
    for source in published(aws, invoker):
        assert source.wait_until_published(seconds=30)

    titles = [
        [
            each["dynamodb"].get(image, {}).get("title", {}).get("S")
            for image in ("OldImage", "NewImage")
        ]
        for each in invoker.records
        if "event" == each["dynamodb"]["Keys"]["sk"]["S"]
    ]
    assert titles == [[None, session().title], [session().title, "New"]]
    assert len(invoker.records) == 3


def test_the_log_shows_each_event_on_the_bus_as_a_line(aws: Aws) -> None:
    waits: list[float] = []

    def wait(*, seconds: float) -> bool:
        waits.append(seconds)
        return True

    log = EventLog(aws.environment, wait=wait)
    with installed(aws.environment):
        bus = EventBridgeBus(aws.environment["EVENT_BUS_NAME"], Clients(), pause=lambda _: None)
        events = [sample_event(number) for number in range(1, 13)]
        bus.publish(events)

        lines = log.respond("GET", "/_local/events", b"").body.decode().splitlines()
        again = log.respond("GET", "/_local/events", b"").body.decode().splitlines()

    assert sorted(map(json.loads, lines), key=lambda each: each["subjectVersion"]) == [
        each.as_json() for each in events
    ]
    assert again == lines
    assert log.respond("POST", "/_local/events", b"").status == 405
    assert len(waits) == 2
