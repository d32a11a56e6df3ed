"""What `shared/stores/` relies on inside PynamoDB."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable
from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

KEYS = ("pk", "sk")


class ScriptedConnection(Connection):
    """Records each call to DynamoDB and returns a fixed response."""

    def __init__(self, response: Any = None) -> None:
        super().__init__(region="eu-central-1", host="http://127.0.0.1:9", max_retry_attempts=2)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._response = response or {}

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation_name, operation_kwargs))
        if isinstance(self._response, Exception):
            raise self._response
        response: dict[str, Any] = self._response
        return response


def described(response: Any = None) -> ScriptedConnection:
    """Return a connection that has the description of one table and its index."""
    connection = ScriptedConnection(response)
    schema = [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(KEYS, ("HASH", "RANGE"), strict=True)
    ]
    connection.add_meta_table(
        MetaTable(
            {
                "TableName": "events",
                "KeySchema": schema,
                "AttributeDefinitions": [
                    {"AttributeName": each, "AttributeType": "S"} for each in (*KEYS, "shard")
                ],
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "due",
                        "KeySchema": [{"AttributeName": "shard", "KeyType": "HASH"}],
                    }
                ],
            }
        )
    )
    return connection


def connected() -> Connection:
    """Return a connection to a closed port. Without credentials it would make a client per call."""
    return Connection(
        region="eu-central-1",
        host="http://127.0.0.1:9",
        connect_timeout_seconds=1,
        read_timeout_seconds=3,
        aws_access_key_id="1",
        aws_secret_access_key="1",
    )


def test_a_described_table_is_queried_without_asking_dynamodb_for_its_description() -> None:
    connection = described({"Items": []})

    connection.query("events", "a", range_key_condition=Path(["sk"]).startswith("b"))
    connection.query("events", "due#1", index_name="due")

    assert [name for name, _ in connection.calls] == ["Query", "Query"]
    assert connection.calls[1][1]["IndexName"] == "due"


def test_the_actions_of_a_transaction_are_the_arguments_of_its_parts() -> None:
    connection = described()
    condition = Path(["pk"]).does_not_exist()

    put = connection.get_operation_kwargs(
        "events", "a", range_key="b", key="Item", attributes={"c": {"S": "d"}}, condition=condition
    )
    connection.transact_write_items(
        condition_check_items=(), delete_items=(), put_items=[put], update_items=()
    )

    [(name, arguments)] = connection.calls
    assert name == "TransactWriteItems"
    [item] = arguments["TransactItems"]
    assert item["Put"]["Item"] == {"pk": {"S": "a"}, "sk": {"S": "b"}, "c": {"S": "d"}}
    assert item["Put"]["ConditionExpression"] == "attribute_not_exists (#0)"


def test_a_lost_condition_is_named_in_the_error() -> None:
    lost = ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")

    with pytest.raises(PutError) as caught:
        described(lost).put_item("events", "a", range_key="b")

    assert caught.value.cause_response_code == "ConditionalCheckFailedException"


def test_a_cancelled_transaction_carries_its_reasons_in_order() -> None:
    connection = connected()
    response = {
        "Error": {"Code": "TransactionCanceledException", "Message": "no"},
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
    }

    def cancel(**_: Any) -> None:
        raise ClientError(response, "TransactWriteItems")  # type: ignore[arg-type]  # DynamoDB's response

    connection.client.meta.events.register("before-call.dynamodb", cancel)
    with pytest.raises(TransactWriteError) as caught:
        connection.transact_write_items((), (), (), ())

    assert [each and each.code for each in caught.value.cancellation_reasons] == [
        None,
        "TransactionConflict",
    ]


def test_a_row_without_a_table_serializes_and_reads_an_item() -> None:
    class Row(Model):
        pk = UnicodeAttribute(hash_key=True)
        sk = UnicodeAttribute(range_key=True)
        name = UnicodeAttribute(null=True)

    item = {"pk": {"S": "a"}, "sk": {"S": "b"}, "name": {"S": "c"}}

    assert Row("a", "b", name="c").serialize() == item
    assert Row.from_raw_data(dict(item)).name == "c"
    assert Row("a", "b").serialize() == {"pk": {"S": "a"}, "sk": {"S": "b"}}


def test_the_client_keeps_the_time_outs_and_is_made_once() -> None:
    connection = connected()

    config: Any = connection.client.meta.config

    assert (config.connect_timeout, config.read_timeout) == (1, 3)
    assert connection.client is connection.client
