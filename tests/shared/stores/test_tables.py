import os
import subprocess
import sys
from typing import Any

import pytest
from pynamodb.exceptions import GetError, PutError

from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.rows import Row
from shared.stores.table import SK
from shared.stores.tables import AwsAccount, Tables
from tests.support.aws import Aws, counted, responding_with
from tests.support.store_samples import session


def test_time_outs_are_short_and_retries_few_with_the_sdks_jitter(tables: Tables) -> None:
    config: Any = tables.client.client.meta.config

    assert (config.connect_timeout, config.read_timeout) == (1, 3)
    assert config.retries == {"total_max_attempts": 3, "mode": "standard"}


def test_endpoint_and_region_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    meta = Tables(events="e", connections="c").client.client.meta

    assert (meta.endpoint_url, meta.region_name) == ("http://127.0.0.1:9", "eu-west-1")


def test_two_aws_accounts_in_one_process_are_separate(moto_aws: Aws) -> None:
    here = moto_aws.tables()
    other = Tables(
        events=here.events.name,
        connections=here.connections.name,
        account=AwsAccount(endpoint="http://127.0.0.1:9", access_key="1", secret_key="1"),
    )
    DynamoBookings(here, pause=lambda _: None).commit(session(), previous=None)

    assert session() == DynamoEvents(here).find("1-a")
    assert here.client.client.meta.endpoint_url != other.client.client.meta.endpoint_url


def test_a_query_continues_over_pages(tables: Tables) -> None:
    first, second = {"pk": {"S": "u"}, "sk": {"S": "a"}}, {"pk": {"S": "u"}, "sk": {"S": "b"}}
    page = {"Items": [first], "LastEvaluatedKey": first}
    tables.events.put(Row("u", "b"))

    with responding_with(tables, "Query", page), counted(tables) as sent:
        items = list(tables.events.query("u", SK.startswith("b")))

    assert [first, second] == items
    assert sent == ["Query"]


def test_every_read_is_consistent(tables: Tables) -> None:
    bodies: list[str] = []
    hooks: Any = tables.client.client.meta.events

    def record(params: dict[str, Any], **_: object) -> None:
        bodies.append(params["body"].decode())

    hooks.register("before-call.dynamodb", record)
    tables.events.get(("a", "b"))
    list(tables.events.query("a", SK.startswith("b")))
    tables.events.get_all([("a", "b")])
    hooks.unregister("before-call.dynamodb", record)

    assert ['"ConsistentRead": true' in body for body in bodies] == [True] * 3


def test_denied_access_raises(tables: Tables) -> None:
    denied = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}

    with responding_with(tables, "PutItem", denied), pytest.raises(PutError):
        tables.events.put(Row("a", "b"), SK.does_not_exist())
    with responding_with(tables, "GetItem", denied), pytest.raises(GetError):
        tables.events.get(("a", "b"))


def test_the_stores_load_no_heavy_modules() -> None:
    code = (
        "import sys, shared.stores.people, shared.stores.events, shared.stores.bookings\n"
        "heavy = ('boto3', 's3transfer', 'requests', 'aws_encryption_sdk', 'cryptography')\n"
        "print([m for m in heavy if m in sys.modules], len(sys.modules) < 420)"
    )

    # Coverage measurement loads modules of its own.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    run = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )

    assert run.stdout.strip() == "[] True"
