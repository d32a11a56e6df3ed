"""Repeats dead letters of the publication: `python -m infra.redrive calendar-service-production`.

A dead letter has a stream record, or says where the stream has the records; a stream keeps them for
24 hours. Each is given to the function again, and deleted once that has succeeded. Repeats are
harmless: they have the same ids.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3

from infra.local.table_stream import as_lambda_record

BATCH_RECORDS = 100
_BATCH_MESSAGES = 10


class NotRepeated(RuntimeError):
    """A dead letter stays on the queue; the message says why."""


class Redrive:
    """Repeats the dead letters of one stack; `client` returns an AWS client by name."""

    def __init__(self, client: Callable[[str], Any], *, queue_url: str, function: str) -> None:
        self._sqs = client("sqs")
        self._streams = client("dynamodbstreams")
        self._lambda = client("lambda")
        self._queue_url = queue_url
        self._function = function

    def run(self) -> tuple[int, list[str]]:
        """Return how many dead letters were repeated, and why each of the others was not.

        Those that arrive meanwhile are left.
        """
        done, failures = 0, []
        for message in list(self._messages()):
            try:
                for payload in self._payloads(json.loads(message["Body"])):
                    self._invoke(payload)
            except NotRepeated as error:
                failures.append(str(error))
                continue
            self._sqs.delete_message(
                QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"]
            )
            done += 1
        return done, failures

    def _messages(self) -> Iterator[Any]:
        """Yield what is on the queue; a received message is hidden, so each comes once."""
        while messages := self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=_BATCH_MESSAGES,
            VisibilityTimeout=900,
        ).get("Messages"):
            yield from messages

    def _payloads(self, letter: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        if "record" in letter:
            yield {"Records": [letter["record"]]}
            return
        records = self._records(letter["DDBStreamBatchInfo"])
        for start in range(0, len(records), BATCH_RECORDS):
            yield {"Records": records[start : start + BATCH_RECORDS]}

    def _records(self, batch: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the records from the first to the last of a batch.

        Raises:
            NotRepeated: when the stream no longer has them.
        """
        arn, first, last = (
            batch[each] for each in ("streamArn", "startSequenceNumber", "endSequenceNumber")
        )
        region = arn.split(":")[3]
        try:
            iterator = self._streams.get_shard_iterator(
                StreamArn=arn,
                ShardId=batch["shardId"],
                ShardIteratorType="AT_SEQUENCE_NUMBER",
                SequenceNumber=first,
            )["ShardIterator"]
        except self._streams.exceptions.TrimmedDataAccessException as error:
            raise NotRepeated(f"the stream no longer has {first} to {last} of {arn}") from error
        found: list[dict[str, Any]] = []
        while iterator:
            page = self._streams.get_records(ShardIterator=iterator)
            for record in page["Records"]:
                if int(record["dynamodb"]["SequenceNumber"]) > int(last):
                    return found
                found.append(as_lambda_record(record, region=region, arn=arn))
            if found and int(found[-1]["dynamodb"]["SequenceNumber"]) >= int(last):
                return found
            iterator = page.get("NextShardIterator")
        return found

    def _invoke(self, payload: Mapping[str, Any]) -> None:
        response = self._lambda.invoke(
            FunctionName=self._function, Payload=json.dumps(payload).encode()
        )
        if "FunctionError" in response:
            raise NotRepeated(response["Payload"].read().decode())


def main(stack: str) -> int:
    """Repeat the dead letters of a stack; return the exit status."""
    session: Any = boto3.Session()
    client: Callable[[str], Any] = session.client
    described = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
    redrive = Redrive(
        client, queue_url=outputs["PublishDeadUrl"], function=outputs["PublishFunction"]
    )
    done, failures = redrive.run()
    print(f"{done} dead letters repeated, {len(failures)} left.")
    for each in failures:
        print(each, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
