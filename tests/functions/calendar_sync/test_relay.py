from types import SimpleNamespace
from typing import Any, cast

import pytest

from functions.calendar_sync.relay import changed_events, lambda_handler


def record(
    event_id: str, sk: str, number: int = 1, *, name: str = "MODIFY", **image: Any
) -> dict[str, Any]:
    """Return a stream record as Lambda's event source mapping delivers it."""
    return {
        "eventID": f"record-{number}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1795424400,
            "Keys": {"pk": {"S": event_id}, "sk": {"S": sk}},
            **({} if name == "REMOVE" else {"NewImage": {"sk": {"S": sk}, **image}}),
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/events/stream/x",
    }


def test_a_new_or_changed_event_is_returned_with_its_stream_record_id() -> None:
    records = [record("s1", "event", 1, name="INSERT"), record("s2", "event", 2)]

    assert changed_events({"Records": records}) == {"s1": "record-1", "s2": "record-2"}


def test_changes_of_copies_and_invites_are_ignored() -> None:
    records = [
        record("s1", "copy#c-1"),
        record("s1", "invite#1"),
        record("s1", "invite#2", name="INSERT"),
        record("s1", "invite#3", resend={"BOOL": False}),
        record("s1", "invite#4", name="REMOVE"),
    ]

    assert changed_events({"Records": records}) == {}


@pytest.mark.parametrize("name", ["INSERT", "MODIFY"])
def test_a_changed_guest_list_is_returned(name: str) -> None:
    records = [record("s1", "externals", 7, name=name)]

    assert changed_events({"Records": records}) == {"s1": "record-7"}


def test_a_requested_resend_is_returned() -> None:
    records = [record("s1", "invite#1", 8, resend={"BOOL": True})]

    assert changed_events({"Records": records}) == {"s1": "record-8"}


@pytest.mark.parametrize(("sk", "version"), [("event", "version"), ("externals", "row_version")])
def test_marking_an_event_as_settled_is_ignored_but_the_next_change_is_not(
    sk: str, version: str
) -> None:
    images: list[dict[str, Any]] = [
        {version: {"N": "2"}, "settled_version": {"N": "2"}},
        {version: {"N": "3"}},
        {version: {"N": "3"}, "settled_version": {"N": "2"}},
    ]
    records = [record(f"s{n}", sk, n, **image) for n, image in enumerate(images, 1)]

    changed = changed_events({"Records": records})

    assert {"s2": "record-2", "s3": "record-3"} == changed


def test_parking_an_item_is_ignored() -> None:
    at: dict[str, Any] = {"parked_at": {"S": "2026-11-23T09:00:00+00:00"}}
    records = [
        record("s1", "event", 1, version={"N": "2"}, **at),
        record("s2", "externals", 2, row_version={"N": "2"}, **at),
        record("s3", "invite#1", 3, resend={"BOOL": True}, **at),
        record("s4", "sweep", 4, tries={"N": "1"}),
    ]

    assert changed_events({"Records": records}) == {}


def test_an_expired_event_is_returned_so_that_what_it_leaves_is_deleted() -> None:
    records = [record("s1", "event", name="REMOVE"), record("s2", "externals", name="REMOVE")]

    assert changed_events({"Records": records}) == {"s1": "record-1"}


def test_the_request_of_an_erasure_is_returned_but_not_its_progress() -> None:
    progress: dict[str, Any] = {"row_version": {"N": "2"}, "settled_version": {"N": "2"}}
    records = [
        record("erasure#a", "erasure", 1, name="INSERT", row_version={"N": "1"}),
        record("erasure#b", "erasure", 2, **progress),
        record("erasure#c", "erasure", 3, name="REMOVE"),
    ]

    assert changed_events({"Records": records}) == {"erasure#a": "record-1"}


def test_several_changes_of_one_event_become_one_message_with_the_last_id() -> None:
    records = [record("s1", "event", number) for number in (1, 2, 3)]

    assert changed_events({"Records": records}) == {"s1": "record-3"}


def test_a_batch_without_events_sends_nothing() -> None:
    context = cast("Any", SimpleNamespace(aws_request_id="test"))

    lambda_handler({"Records": [record("s1", "copy#c-1")]}, context)
