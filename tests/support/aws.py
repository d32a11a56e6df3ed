"""An AWS for tests: where it is, what it holds, and how many requests go to it."""

import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import boto3

from infra.tables import TABLES, Table, create_request
from shared.stores.tables import Account, Tables

REGION = "eu-central-1"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Aws:
    """An account with every resource; `environment` is what the functions would be given."""

    environment: Mapping[str, str] = field(repr=False)

    def tables(self, *, sleep: Callable[[float], None] = time.sleep) -> Tables:
        """Return both tables; one client per account serves a whole test process."""
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
    # Making a client takes longer than most tests do.
    account = Account(endpoint=endpoint, region=REGION, access_key=access_key, secret_key="local")
    return Tables(events=events, connections=connections, account=account, sleep=sleep)


def fresh_account() -> str:
    """Return twelve digits no other test of any worker process uses."""
    return f"{os.getpid() % 10**7:07d}{next(_NUMBERS):05d}"


def in_memory_resources() -> dict[str, str]:
    """Create tables, key, secret and queue in moto, which must be active; return the settings."""
    return {
        **{table.setting: _table(table) for table in TABLES},
        "TOKEN_KEY_ID": _moto_client("kms").create_key()["KeyMetadata"]["Arn"],
        "SYNC_QUEUE_URL": _moto_client("sqs").create_queue(
            QueueName="sync.fifo", Attributes={"FifoQueue": "true"}
        )["QueueUrl"],
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }


@cache
def _moto_client(service: Literal["dynamodb", "kms", "sqs"]) -> Any:
    return boto3.client(
        service, REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def _table(table: Table) -> str:
    name = table.setting.lower()
    _moto_client("dynamodb").create_table(**create_request(table, name))
    return name


@contextmanager
def counted(tables: Tables) -> Iterator[list[str]]:
    """Collect the name of every request these tables send meanwhile, retries included."""
    sent: list[str] = []
    events = tables.connection.client.meta.events

    def note(request: object, *, event_name: str, **_: object) -> None:
        del request
        sent.append(event_name.rsplit(".", 1)[-1])

    events.register("before-send.dynamodb.*", note)
    try:
        yield sent
    finally:
        events.unregister("before-send.dynamodb.*", note)


@contextmanager
def answering(tables: Tables, operation: str, *answers: Mapping[str, object]) -> Iterator[None]:
    """Answer the next requests of that operation with these parsed answers, then as ever.

    An answer with an `Error` counts as an HTTP 400.
    """
    left = list(answers)
    events: Any = tables.connection.client.meta.events
    name = f"before-call.dynamodb.{operation}"

    def answer(**_: object) -> object:
        if not left:
            return None
        parsed = left.pop(0)
        return _Http(400 if "Error" in parsed else 200), {"ResponseMetadata": {}, **parsed}

    events.register(name, answer)
    try:
        yield
    finally:
        events.unregister(name, answer)


def without_headings(tables: Tables, user_id: str) -> None:
    """Rewrite a user's agenda as it was kept before it named sessions and their people."""
    client: Any = tables.connection.client
    name = tables.connections.name
    found = client.query(
        TableName=name,
        KeyConditionExpression="pk = :user and begins_with(sk, :agenda)",
        ExpressionAttributeValues={":user": {"S": user_id}, ":agenda": {"S": "agenda#"}},
    )
    for item in found["Items"]:
        for held in item["sessions"]["M"].values():
            held["M"] = {edge: held["M"][edge] for edge in ("start", "end")}
        client.put_item(TableName=name, Item=item)


def cancelled_by(*codes: str) -> dict[str, object]:
    """Return DynamoDB's refusal of a transaction, with a reason for each action."""
    return {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }


@dataclass(frozen=True, slots=True)
class _Http:
    status_code: int
