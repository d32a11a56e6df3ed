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
from shared.stores.tables import Account, Tables
from tests.support.aws import Aws, answering, counted
from tests.support.store_samples import session


def test_time_outs_are_short_and_retries_few_with_the_sdks_jitter(tables: Tables) -> None:
    config: Any = tables.connection.client.meta.config

    assert (config.connect_timeout, config.read_timeout) == (1, 3)
    assert config.retries == {"total_max_attempts": 3, "mode": "standard"}


def test_endpoint_and_region_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    meta = Tables(events="e", connections="c").connection.client.meta

    assert (meta.endpoint_url, meta.region_name) == ("http://127.0.0.1:9", "eu-west-1")


def test_two_accounts_of_one_process_do_not_see_each_other(moto_aws: Aws) -> None:
    here = moto_aws.tables()
    elsewhere = Tables(
        events=here.events.name,
        connections=here.connections.name,
        account=Account(endpoint="http://127.0.0.1:9", access_key="1", secret_key="1"),
    )
    DynamoBookings(here).commit(session(), previous=None)

    assert session() == DynamoEvents(here).find("1-a")
    assert here.connection.client.meta.endpoint_url != elsewhere.connection.client.meta.endpoint_url


def test_a_query_goes_on_over_pages(tables: Tables) -> None:
    first, second = {"pk": {"S": "u"}, "sk": {"S": "a"}}, {"pk": {"S": "u"}, "sk": {"S": "b"}}
    page = {"Items": [first], "LastEvaluatedKey": first}
    tables.events.put(Row("u", "b"))

    with answering(tables, "Query", page), counted(tables) as sent:
        found = list(tables.events.query("u", SK.startswith("b")))

    assert [first, second] == found
    assert sent == ["Query"]


def test_every_read_is_consistent(tables: Tables) -> None:
    bodies: list[str] = []
    hooks: Any = tables.connection.client.meta.events

    def note(params: dict[str, Any], **_: object) -> None:
        bodies.append(params["body"].decode())

    hooks.register("before-call.dynamodb", note)
    tables.events.get(("a", "b"))
    list(tables.events.query("a", SK.startswith("b")))
    tables.events.get_all([("a", "b")])
    hooks.unregister("before-call.dynamodb", note)

    assert ['"ConsistentRead": true' in body for body in bodies] == [True] * 3


def test_what_dynamodb_does_not_allow_stays_an_error(tables: Tables) -> None:
    denied = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}

    with answering(tables, "PutItem", denied), pytest.raises(PutError):
        tables.events.put(Row("a", "b"), SK.does_not_exist())
    with answering(tables, "GetItem", denied), pytest.raises(GetError):
        tables.events.get(("a", "b"))


def test_the_stores_load_nothing_a_cold_start_cannot_afford() -> None:
    code = (
        "import sys, shared.stores.people, shared.stores.events, shared.stores.bookings\n"
        "heavy = ('boto3', 's3transfer', 'requests', 'aws_encryption_sdk', 'cryptography')\n"
        "print([m for m in heavy if m in sys.modules], len(sys.modules) < 420)"
    )

    # Measuring coverage loads modules of its own.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    run = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )

    assert run.stdout.strip() == "[] True"
