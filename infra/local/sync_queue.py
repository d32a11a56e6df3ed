"""The sync queue, read as Lambda's event source mapping reads a FIFO queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from infra.local.aws import open_session

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MAX_BATCH = 10


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages could be received now, and how many are hidden for a while."""

    visible: int
    hidden: int


class SyncQueue:
    """Receives batches of one message group each; safe to use from many threads."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._url = environment["SYNC_QUEUE_URL"]
        self._region = environment["AWS_DEFAULT_REGION"]
        self._client = open_session(environment).client(
            "sqs", endpoint_url=environment["AWS_ENDPOINT_URL"]
        )
        self._arn = self._attributes("QueueArn")["QueueArn"]

    def receive(self, *, at_most: int) -> list[dict[str, Any]]:
        """Return one Lambda payload per message group that has something to do, in order."""
        messages = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(at_most, MAX_BATCH),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
            WaitTimeSeconds=0,
        ).get("Messages", [])
        records = sorted((self._record(message) for message in messages), key=_group)
        return [{"Records": list(batch)} for _, batch in groupby(records, key=_group)]

    def delete(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Remove messages that are done."""
        for record in records:
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=record["receiptHandle"])

    def depth(self) -> Depth:
        """Return how much there is, done messages left out."""
        counts = self._attributes(
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        )
        visible = int(counts.pop("ApproximateNumberOfMessages"))
        return Depth(visible, hidden=sum(int(count) for count in counts.values()))

    def _attributes(self, *names: Any) -> dict[Any, str]:
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
        return dict(answer["Attributes"])

    def _record(self, message: "MessageTypeDef") -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": dict(message["Attributes"]),
            "messageAttributes": {
                name: {"stringValue": value.get("StringValue"), "dataType": value["DataType"]}
                for name, value in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": self._region,
        }


def _group(record: Mapping[str, Any]) -> str:
    # Sorting by it keeps the order inside each group, which is all a FIFO queue promises.
    group: str = record["attributes"]["MessageGroupId"]
    return group


def split(
    payload: Mapping[str, Any], answer: Any
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the records that are done and those to come again, by a handler's partial response.

    As for Lambda, no answer means all done, and a failure that names no message of the batch (or
    an answer that cannot be read) means none.
    """
    records = payload["Records"]
    try:
        failed = {each["itemIdentifier"] for each in (answer or {}).get("batchItemFailures") or ()}
    except (AttributeError, KeyError, TypeError):
        return [], list(records)
    if not failed <= {record["messageId"] for record in records}:
        return [], list(records)
    done = [record for record in records if record["messageId"] not in failed]
    return done, [record for record in records if record["messageId"] in failed]
