from datetime import timedelta
from importlib import import_module

import pytest

from infra.environment import EVERYBODY, SETTINGS
from infra.functions import DEPLOYED, FUNCTIONS
from infra.grants import GRANTS, INDEX_PARTITIONS
from infra.queues import SYNC_VISIBILITY
from infra.routes import ROUTES
from shared.settings import Settings
from shared.stores.people_rows import DUE_SHARDS, due_shard
from shared.stores.unsynced_rows import UNSYNCED_SHARDS, unsynced_shard

API_GATEWAY_WAITS = timedelta(seconds=29)


def test_every_function_is_described_allowed_and_told_what_it_needs() -> None:
    assert set(DEPLOYED) == set(FUNCTIONS) == set(GRANTS) == set(SETTINGS)


@pytest.mark.parametrize("name", DEPLOYED)
def test_what_lambda_calls_is_there(name: str) -> None:
    module, _, function = FUNCTIONS[name].handler.rpartition(".")

    assert callable(getattr(import_module(module), function))


def test_an_api_function_answers_before_api_gateway_stops_waiting() -> None:
    late = [
        route.function
        for route in ROUTES
        if FUNCTIONS[route.function].timeout > API_GATEWAY_WAITS
        and route.function != "ses_notifications"
    ]

    assert [] == late


def test_a_sync_worker_is_cut_off_before_its_messages_come_again() -> None:
    assert FUNCTIONS["calendar_sync"].timeout < SYNC_VISIBILITY


@pytest.mark.parametrize("name", ["calendar_sync", "relay", "token_refresh", "sweeper"])
def test_workers_leave_the_api_its_share_of_the_account(name: str) -> None:
    assert FUNCTIONS[name].concurrency


def test_the_partitions_of_an_index_are_those_its_store_asks_for() -> None:
    due = tuple(map(due_shard, range(DUE_SHARDS)))
    unsynced = tuple(map(unsynced_shard, range(UNSYNCED_SHARDS)))

    assert {"due": due, "unsynced": unsynced} == INDEX_PARTITIONS


def test_everybody_has_the_settings_that_have_no_default() -> None:
    required = {
        name.upper() for name, field in Settings.model_fields.items() if field.is_required()
    }

    assert required | {"STAGE"} == set(EVERYBODY)
