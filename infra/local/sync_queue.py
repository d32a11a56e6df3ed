"""Reads the sync queue and the webhook queue as Lambda's event source mappings do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from infra.local.aws import open_session

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MAX_BATCH = 10


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """The numbers of messages that can be received now and of hidden messages."""

    visible: int
    hidden: int


class LocalSyncQueue:
    """Receives batches of one message group each; safe to use from many threads.

    From a standard queue, each batch is one message.
    """

    def __init__(self, environment: Mapping[str, str], *, setting: str = "SYNC_QUEUE_URL") -> None:
        self._url = environment[setting]
        self._region = environment["AWS_DEFAULT_REGION"]
        self._client = open_session(environment).client(
            "sqs", endpoint_url=environment["AWS_ENDPOINT_URL"]
        )
        self._arn = self._attributes("QueueArn")["QueueArn"]

    def receive(self, *, at_most: int) -> list[dict[str, Any]]:
        """Return one Lambda payload for each message group that has messages, in order."""
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
        """Delete the messages of these records."""
        for record in records:
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=record["receiptHandle"])

    def depth(self) -> QueueDepth:
        """Return the number of messages that are not deleted."""
        counts = self._attributes(
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        )
        visible = int(counts.pop("ApproximateNumberOfMessages"))
        return QueueDepth(visible, hidden=sum(int(count) for count in counts.values()))

    def _attributes(self, *names: Any) -> dict[Any, str]:
        response = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
        return dict(response["Attributes"])

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
    # Sorting is stable, so the order within each group stays, which is what a FIFO queue promises.
    is_fifo = "SequenceNumber" in record["attributes"]
    group: str = record["attributes"]["MessageGroupId"] if is_fifo else record["messageId"]
    return group


def split(
    payload: Mapping[str, Any], result: Any
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the records that are done and those to retry, from a handler's partial response.

    As in Lambda, an empty result means that all are done; an invalid result, or one that names an
    unknown message, means that none are.
    """
    records = payload["Records"]
    try:
        failed = {each["itemIdentifier"] for each in (result or {}).get("batchItemFailures") or ()}
    except (AttributeError, KeyError, TypeError):
        return [], list(records)
    if not failed <= {record["messageId"] for record in records}:
        return [], list(records)
    done = [record for record in records if record["messageId"] not in failed]
    return done, [record for record in records if record["messageId"] in failed]
