"""Dead letters of the publication, repeated on a local AWS."""

import json
from typing import Any

import pytest

from infra.local.aws import open_session
from infra.redrive import Redrive
from shared.stores.event_rows import from_event
from tests.support.aws import Aws
from tests.support.aws_fixtures import ministack_aws, ministack_url
from tests.support.store_samples import session

__all__ = ["ministack_aws", "ministack_url"]
pytestmark = pytest.mark.long


class FakeLambda:
    """Records invocations; fails on records of a session with that id."""

    def __init__(self, broken: str = "") -> None:
        self.broken = broken
        self.titles: list[list[str]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        """Record the titles of the new images."""
        assert FunctionName == "publish"
        images = [each["dynamodb"]["NewImage"] for each in json.loads(Payload)["Records"]]
        if any(each["pk"]["S"] == self.broken for each in images):
            return {"FunctionError": "Unhandled", "Payload": _Body()}
        self.titles.append([each["title"]["S"] for each in images])
        return {}


class _Body:
    def read(self) -> bytes:
        return b"KeyError"


def letters(aws: Aws, *bodies: dict[str, Any]) -> None:
    """Put dead letters on the queue."""
    sqs = open_session(aws.environment).client(
        "sqs", endpoint_url=aws.environment["AWS_ENDPOINT_URL"]
    )
    for each in bodies:
        sqs.send_message(
            QueueUrl=aws.environment["DEAD_RECORDS_QUEUE_URL"], MessageBody=json.dumps(each)
        )


def run(aws: Aws, functions: FakeLambda) -> tuple[int, list[str]]:
    """Repeat the dead letters."""
    made, endpoint = open_session(aws.environment), aws.environment["AWS_ENDPOINT_URL"]

    def client(name: Any) -> Any:
        return functions if name == "lambda" else made.client(name, endpoint_url=endpoint)

    queue = aws.environment["DEAD_RECORDS_QUEUE_URL"]
    return Redrive(client, queue_url=queue, function="publish").run()


def image(event_id: str) -> dict[str, Any]:
    """Return a stream record."""
    item = from_event(session(event_id, title=event_id)).serialize()
    return {"dynamodb": {"Keys": {}, "NewImage": item}}


def where(aws: Aws, first: int, last: int) -> dict[str, Any]:
    """Return what Lambda stores about records of the events table's stream."""
    endpoint = aws.environment["AWS_ENDPOINT_URL"]
    made = open_session(aws.environment)
    table = made.client("dynamodb", endpoint_url=endpoint).describe_table(
        TableName=aws.environment["EVENTS_TABLE"]
    )
    arn = table["Table"]["LatestStreamArn"]
    streams = made.client("dynamodbstreams", endpoint_url=endpoint)
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    numbers = [each["dynamodb"]["SequenceNumber"] for each in records]
    batch = {"streamArn": arn, "shardId": shard}
    return {
        "DDBStreamBatchInfo": {
            **batch,
            "startSequenceNumber": numbers[first],
            "endSequenceNumber": numbers[last],
        }
    }


def test_a_stored_record_is_repeated_and_deleted(ministack_aws: Aws) -> None:
    letters(ministack_aws, {"record": image("s-1"), "reason": "KeyError"})
    functions = FakeLambda()

    assert run(ministack_aws, functions) == (1, [])
    assert functions.titles == [["s-1"]]
    assert run(ministack_aws, functions) == (0, [])


def test_records_are_read_from_the_stream_from_the_first_to_the_last(ministack_aws: Aws) -> None:
    tables = ministack_aws.tables()
    for number in range(4):
        tables.events.put(from_event(session(f"s-{number}", title=f"t-{number}")))
    letters(ministack_aws, where(ministack_aws, 1, 2))
    functions = FakeLambda()

    assert run(ministack_aws, functions) == (1, [])
    assert functions.titles == [["t-1", "t-2"]]


def test_what_fails_again_stays_and_keeps_no_other_from_being_repeated(ministack_aws: Aws) -> None:
    letters(ministack_aws, {"record": image("s-1")}, {"record": image("s-2")})
    functions = FakeLambda(broken="s-1")

    assert run(ministack_aws, functions) == (1, ["KeyError"])
    assert functions.titles == [["s-2"]]
