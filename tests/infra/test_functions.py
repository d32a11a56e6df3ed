from datetime import timedelta
from importlib import import_module

import pytest

from infra.environment import COMMON
from infra.functions import API_FUNCTIONS, FUNCTIONS, WORKER_FUNCTIONS
from infra.grants import INDEX_PARTITIONS
from infra.queues import SYNC_VISIBILITY
from infra.routes import FALLBACK, ROUTES
from shared.settings import Settings
from shared.stores.people_rows import DUE_SHARDS, due_shard
from shared.stores.unsynced_rows import UNSYNCED_SHARDS, pending_shard, unsynced_shard

API_GATEWAY_TIMEOUT = timedelta(seconds=29)


def test_every_route_has_a_function_and_every_api_function_has_a_route() -> None:
    routed = {route.function for route in ROUTES} | {FALLBACK}

    assert routed == {*API_FUNCTIONS, "ses_notifications"}


def test_no_function_is_both_an_api_function_and_a_worker() -> None:
    assert set() == API_FUNCTIONS.keys() & WORKER_FUNCTIONS.keys()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_handler_exists(name: str) -> None:
    module, _, function = FUNCTIONS[name].handler.rpartition(".")

    assert callable(getattr(import_module(module), function))


def test_api_functions_time_out_before_api_gateway_does() -> None:
    late = [
        route.function
        for route in ROUTES
        if FUNCTIONS[route.function].timeout > API_GATEWAY_TIMEOUT
        and route.function != "ses_notifications"
    ]

    assert [] == late


def test_a_sync_worker_times_out_before_its_messages_become_visible_again() -> None:
    assert FUNCTIONS["calendar_sync"].timeout < SYNC_VISIBILITY


@pytest.mark.parametrize("name", WORKER_FUNCTIONS)
def test_workers_have_reserved_concurrency_and_leave_the_rest_to_the_api(name: str) -> None:
    assert FUNCTIONS[name].concurrency


def test_the_partitions_of_an_index_are_those_that_its_store_queries() -> None:
    due = tuple(map(due_shard, range(DUE_SHARDS)))
    unsynced = tuple(map(unsynced_shard, range(UNSYNCED_SHARDS)))

    pending = tuple(map(pending_shard, range(UNSYNCED_SHARDS)))

    assert {"due": due, "pending": pending, "unsynced": unsynced} == INDEX_PARTITIONS


def test_every_function_has_the_settings_that_have_no_default() -> None:
    required = {
        name.upper() for name, field in Settings.model_fields.items() if field.is_required()
    }

    assert required | {"STAGE"} == set(COMMON)
