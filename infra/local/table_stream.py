"""Reads a table's stream as Lambda's event source mapping does."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from infra.local.aws import open_session

BATCH_RECORDS = 100
Payload = dict[str, Any]


class TableStream:
    """Reads every shard of a table's stream from its oldest record, parents before children.

    `read` returns the same batch until `advance` is called with it. For one thread only.
    """

    def __init__(self, environment: Mapping[str, str], *, table: str) -> None:
        session, endpoint = open_session(environment), environment["AWS_ENDPOINT_URL"]
        described = session.client("dynamodb", endpoint_url=endpoint).describe_table(
            TableName=table
        )
        self._arn = described["Table"]["LatestStreamArn"]
        self._region = environment["AWS_DEFAULT_REGION"]
        self._client: Any = session.client("dynamodbstreams", endpoint_url=endpoint)
        self._position: dict[str, str | None] = {}
        self._ended: set[str] = set()
        self._open: list[str] = []

    def read(self) -> Payload | None:
        """Return the payload of the next batch (of one shard), or None when nothing is unread."""
        # New shards appear only when others end, so they are not listed each time.
        self._open = self._open or self._shards()
        for shard in self._open:
            page = self._client.get_records(
                ShardIterator=self._iterator(shard), Limit=BATCH_RECORDS
            )
            if page["Records"]:
                return {"Records": [self._record(each) for each in page["Records"]]}
            if not page.get("NextShardIterator"):
                self._ended.add(shard)
                self._open = []
                return self.read()
        return None

    def advance(self, payload: Payload, *, failed_from: str | None = None) -> None:
        """Continue after `payload`, or from its record with that sequence number."""
        numbers = [record["dynamodb"]["SequenceNumber"] for record in payload["Records"]]
        done = numbers if failed_from is None else numbers[: numbers.index(failed_from)]
        if done:
            self._position[self._shard_read] = done[-1]

    def _shards(self) -> list[str]:
        described: list[dict[str, str]] = []
        page: dict[str, Any] = {"LastEvaluatedShardId": None}
        while "LastEvaluatedShardId" in page:
            last = page["LastEvaluatedShardId"]
            start = {"ExclusiveStartShardId": last} if last else {}
            page = self._client.describe_stream(StreamArn=self._arn, **start)["StreamDescription"]
            described += page["Shards"]
        unread = {shard["ShardId"] for shard in described} - self._ended
        return [
            shard["ShardId"]
            for shard in described
            if shard["ShardId"] in unread and shard.get("ParentShardId") not in unread
        ]

    def _iterator(self, shard: str) -> str:
        self._shard_read = shard
        position = self._position.get(shard)
        where = (
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": position}
            if position
            else {"ShardIteratorType": "TRIM_HORIZON"}
        )
        response = self._client.get_shard_iterator(StreamArn=self._arn, ShardId=shard, **where)
        iterator: str = response["ShardIterator"]
        return iterator

    def _record(self, record: Mapping[str, Any]) -> Payload:
        return as_lambda_record(record, region=self._region, arn=self._arn)


def as_lambda_record(record: Mapping[str, Any], *, region: str, arn: str) -> Payload:
    """Return a record of the SDK as Lambda passes it to a function.

    The SDK's shape differs in the keys of the identity and in types that JSON does not have.
    """
    identity = record.get("userIdentity")
    lower_case = {k[0].lower() + k[1:]: v for k, v in identity.items()} if identity else {}
    plain: Payload = _plain({**record, **({"userIdentity": lower_case} if lower_case else {})})
    return {**plain, "awsRegion": region, "eventSourceARN": arn}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.timestamp() if isinstance(value, datetime) else value
