import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import TooManyRequests
from shared.domain.interval import Interval
from shared.domain.limits import PUBLIC_REQUESTS
from shared.ports import CountUnavailable
from shared.stores.limits import DynamoRequestCounts
from shared.stores.tables import Tables
from shared.usecases.people.limits import Limits
from tests.support.aws import Aws, counted, responding_with
from tests.support.store_samples import NOON

CALLERS, LIMIT = 20, 7
TIMEOUT_SECONDS = 20
MINUTE = timedelta(minutes=1)
WINDOW = Interval(NOON, NOON + MINUTE)
NEXT = Interval(NOON + MINUTE, NOON + 2 * MINUTE)


def test_sources_and_windows_are_counted_separately(tables: Tables) -> None:
    counts = DynamoRequestCounts(tables)

    assert [1, 2, 3] == [counts.count("192.0.2.1", WINDOW) for _ in range(3)]
    assert 1 == counts.count("192.0.2.2", WINDOW)
    assert 1 == counts.count("192.0.2.1", NEXT)


def test_several_uses_are_counted_and_given_back_at_once(tables: Tables) -> None:
    counts = DynamoRequestCounts(tables)

    assert [5, 7, 4] == [counts.count("user", WINDOW, number) for number in (5, 2, -3)]


def test_a_count_that_dynamodb_does_not_change_is_unavailable(tables: Tables) -> None:
    error = {"Error": {"Code": "ResourceNotFoundException", "Message": "no such table"}}

    with responding_with(tables, "UpdateItem", error), pytest.raises(CountUnavailable):
        DynamoRequestCounts(tables).count("192.0.2.1", WINDOW)


def test_counting_is_one_request(tables: Tables) -> None:
    with counted(tables) as sent:
        DynamoRequestCounts(tables).count("192.0.2.1", WINDOW)

    assert ["UpdateItem"] == sent


def test_a_count_expires_after_its_window_and_does_not_contain_the_address(
    tables: Tables,
) -> None:
    DynamoRequestCounts(tables).count("192.0.2.1", WINDOW)

    client: Any = tables.client.client
    items = client.scan(TableName=tables.connections.name)["Items"]

    assert 1 == len(items)
    assert "192.0.2.1" not in json.dumps(items)
    expires_at = int(items[0]["expires_at"]["N"])
    window_end = WINDOW.end.timestamp()
    assert window_end <= expires_at <= window_end + timedelta(hours=1).total_seconds()


def test_concurrent_requests_cannot_exceed_the_limit(ministack_aws: Aws) -> None:
    counts = DynamoRequestCounts(ministack_aws.tables())
    limits = Limits(counts=counts, allowed={PUBLIC_REQUESTS: LIMIT})
    start = threading.Barrier(CALLERS)

    def passes(_: int) -> bool:
        start.wait(TIMEOUT_SECONDS)
        try:
            limits.take_for_address(PUBLIC_REQUESTS, "192.0.2.1", now=NOON)
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(CALLERS) as pool:
        passed = list(pool.map(passes, range(CALLERS)))

    assert LIMIT == passed.count(True)
