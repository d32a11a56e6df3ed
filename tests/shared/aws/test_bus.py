import json
from typing import Any

import pytest

from shared.aws.bus import TRIES, EventBridgeBus, NotPublished, SqsDeadRecords
from shared.aws.clients import Clients
from shared.domain.errors import CalendarServiceError
from tests.support.domain_events import sample_event


class FakeEvents:
    """EventBridge: rejects each entry as often as `rejections` says, by detail."""

    def __init__(self, **rejections: int) -> None:
        self.left = dict(rejections)
        self.requests: list[list[str]] = []
        self.entries: list[dict[str, Any]] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Return a result for each entry."""
        self.requests.append([_name(each) for each in Entries])
        return {"Entries": [self._result(each) for each in Entries]}

    def _result(self, entry: dict[str, Any]) -> dict[str, str]:
        name = _name(entry)
        if self.left.get(name, 0):
            self.left[name] -= 1
            return {"ErrorCode": "ThrottlingException"}
        self.entries.append(entry)
        return {"EventId": "1"}


class FakeSqs:
    """SQS: records messages."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        """Record the message."""
        self.bodies.append((QueueUrl, json.loads(MessageBody)))


class FakeClients(Clients):
    """Clients in place of those of botocore."""

    def __init__(self, fake: Any) -> None:
        super().__init__()
        self._fake = fake

    def get(self, service: str) -> Any:  # noqa: ARG002 - one fake for all
        """Return the fake."""
        return self._fake


def _name(entry: dict[str, Any]) -> str:
    subject = json.loads(entry["Detail"])["subject"]["id"]
    return f"{subject}v{json.loads(entry['Detail'])['subjectVersion']}"


def bus(fake: FakeEvents) -> EventBridgeBus:
    return EventBridgeBus("calendar-service", FakeClients(fake), pause=lambda _: None)


def test_an_entry_has_the_envelope_as_detail() -> None:
    fake, event = FakeEvents(), sample_event()

    bus(fake).publish([event])

    (entry,) = fake.entries
    assert json.loads(entry["Detail"]) == event.as_json()
    assert (entry["Source"], entry["DetailType"]) == ("calendar-service", "session.changed")
    assert (entry["EventBusName"], entry["Time"]) == ("calendar-service", event.occurred_at)


def test_a_request_has_at_most_ten_entries() -> None:
    fake = FakeEvents()

    bus(fake).publish([sample_event(session=f"s{number}") for number in range(23)])

    assert [len(each) for each in fake.requests] == [10, 10, 3]


def test_a_rejected_entry_is_put_again_and_never_after_a_later_one_of_its_subject() -> None:
    fake = FakeEvents(av1=2)
    events = [
        sample_event(1, session="a"),
        sample_event(1, session="b"),
        sample_event(2, session="a"),
    ]

    bus(fake).publish(events)

    assert fake.requests == [["av1", "bv1"], ["av1"], ["av1"], ["av2"]]
    assert [_name(each) for each in fake.entries] == ["bv1", "av1", "av2"]


def test_an_entry_that_is_always_rejected_raises() -> None:
    fake = FakeEvents(av1=TRIES)

    with pytest.raises(NotPublished, match="ThrottlingException"):
        bus(fake).publish([sample_event(1, session="a"), sample_event(2, session="a")])

    assert fake.entries == []


def test_large_events_share_no_request() -> None:
    fake = FakeEvents()
    large = [sample_event(1, session=f"{number}{'x' * 120_000}") for number in range(2)]

    bus(fake).publish(large)

    assert [len(each) for each in fake.requests] == [1, 1]


def test_a_dead_record_is_stored_with_its_reason() -> None:
    fake = FakeSqs()
    records = SqsDeadRecords("https://queue", FakeClients(fake))

    records.add({"eventID": "1"}, "KeyError")

    assert fake.bodies == [("https://queue", {"record": {"eventID": "1"}, "reason": "KeyError"})]


def test_a_record_too_large_for_the_queue_raises() -> None:
    with pytest.raises(CalendarServiceError, match="too large"):
        SqsDeadRecords("", FakeClients(FakeSqs())).add({"x": "x" * 300_000}, "KeyError")
