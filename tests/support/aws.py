"""AWS accounts for tests, with counted or prepared DynamoDB responses."""

import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import boto3

from infra.tables import TABLES, TableSpec, create_request
from shared.stores.tables import AwsAccount, Tables

REGION = "eu-central-1"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Aws:
    """An account with every resource; `environment` holds the settings of the functions."""

    environment: Mapping[str, str] = field(repr=False)

    def tables(self, *, sleep: Callable[[float], None] = time.sleep) -> Tables:
        """Return both tables, with one client per account and test process."""
        return _tables(
            self.environment["EVENTS_TABLE"],
            self.environment["CONNECTIONS_TABLE"],
            self.environment.get("AWS_ENDPOINT_URL"),
            self.environment["AWS_ACCESS_KEY_ID"],
            sleep,
        )


@cache
def _tables(
    events: str,
    connections: str,
    endpoint: str | None,
    access_key: str,
    sleep: Callable[[float], None],
) -> Tables:
    # Creating a client takes longer than most tests.
    account = AwsAccount(
        endpoint=endpoint, region=REGION, access_key=access_key, secret_key="local"
    )
    return Tables(events=events, connections=connections, account=account, sleep=sleep)


def fresh_account() -> str:
    """Return a 12-digit account number that no other test and no other process uses."""
    return f"{os.getpid() % 10**7:07d}{next(_NUMBERS):05d}"


def in_memory_resources() -> dict[str, str]:
    """Create tables, key and queue in moto, which must be active; return the settings."""
    return {
        **{table.setting: _table(table) for table in TABLES},
        "TOKEN_KEY_ID": _moto_client("kms").create_key()["KeyMetadata"]["Arn"],
        "SYNC_QUEUE_URL": _moto_client("sqs").create_queue(
            QueueName="sync.fifo", Attributes={"FifoQueue": "true"}
        )["QueueUrl"],
        "WEBHOOK_QUEUE_URL": _moto_client("sqs").create_queue(QueueName="webhooks")["QueueUrl"],
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }


@cache
def _moto_client(service: Literal["dynamodb", "kms", "sqs"]) -> Any:
    return boto3.client(
        service, REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def _table(table: TableSpec) -> str:
    name = table.setting.lower()
    _moto_client("dynamodb").create_table(**create_request(table, name))
    return name


@contextmanager
def counted(tables: Tables) -> Iterator[list[str]]:
    """Collect the name of every request to these tables, including retries."""
    sent: list[str] = []
    events = tables.client.client.meta.events

    def record(request: object, *, event_name: str, **_: object) -> None:
        del request
        sent.append(event_name.rsplit(".", 1)[-1])

    events.register("before-send.dynamodb.*", record)
    try:
        yield sent
    finally:
        events.unregister("before-send.dynamodb.*", record)


@contextmanager
def responding_with(
    tables: Tables, operation: str, *responses: Mapping[str, object]
) -> Iterator[None]:
    """Return these parsed responses to the next requests of an operation, then real ones.

    A response with an `Error` gets HTTP status 400.
    """
    left = list(responses)
    events: Any = tables.client.client.meta.events
    name = f"before-call.dynamodb.{operation}"

    def respond(**_: object) -> object:
        if not left:
            return None
        parsed = left.pop(0)
        return _HttpStatus(400 if "Error" in parsed else 200), {"ResponseMetadata": {}, **parsed}

    events.register(name, respond)
    try:
        yield
    finally:
        events.unregister(name, respond)


def remove_agenda_headings(tables: Tables, user_id: str) -> None:
    """Delete the headings of a user's sessions, as if those had very many participants."""
    for item in _agenda_items(tables, user_id):
        if "sessions" not in item:
            tables.connections.delete((user_id, item["sk"]["S"]))


def put_headings_inside(tables: Tables, user_id: str, created_by: str) -> None:
    """Rewrite a user's agenda as older versions did: each entry has the heading and the creator."""
    client: Any = tables.client.client
    items = _agenda_items(tables, user_id)
    headings = {item["sk"]["S"]: item for item in items if "sessions" not in item}
    for item in items:
        for session, entry in item.get("sessions", {"M": {}})["M"].items():
            heading = headings[f"{item['sk']['S']}#{session}"]
            people = {"SS": [each["S"] for each in heading["participants"]["L"]]}
            inside = {"title": heading["title"], "participants": people}
            if "pending_until" in entry["M"]:
                inside["is_pending"] = {"BOOL": True}
            times = {edge: entry["M"][edge] for edge in ("start", "end")}
            entry["M"] = {**times, **inside, "created_by": {"S": created_by}}
            client.put_item(TableName=tables.connections.name, Item=item)
    remove_agenda_headings(tables, user_id)


def _agenda_items(tables: Tables, user_id: str) -> list[dict[str, Any]]:
    client: Any = tables.client.client
    page = client.query(
        TableName=tables.connections.name,
        KeyConditionExpression="pk = :user and begins_with(sk, :agenda)",
        ExpressionAttributeValues={":user": {"S": user_id}, ":agenda": {"S": "agenda#"}},
    )
    items: list[dict[str, Any]] = page["Items"]
    return items


def transaction_cancelled(*codes: str) -> dict[str, object]:
    """Return DynamoDB's response that cancels a transaction, with a reason for each action."""
    return {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }


@dataclass(frozen=True, slots=True)
class _HttpStatus:
    status_code: int
