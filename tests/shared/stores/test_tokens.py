"""Tokens on a real server: their index is read and their leases are taken by many at once."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.connection import Connection, ConnectionStatus, Provider
from shared.domain.credential import OAuthCredential
from shared.ports import Account, Grant, TokenStore
from shared.stores.people import DynamoPeople
from shared.stores.people_rows import DUE_SHARDS
from shared.stores.tables import Tables
from shared.stores.tokens import DynamoTokens
from shared.usecases.accounts.tokens import Tokens
from shared.wiring.clock import pause
from tests.support.aws import Aws
from tests.support.calendars import MemoryVault
from tests.support.store_samples import NOON, connection
from tests.support.token_fakes import FakeOAuth, tokens_of

MANY = 50
PATIENCE_SECONDS = 20
MINUTE = timedelta(minutes=1)
_NUMBERS = itertools.count()


@pytest.fixture
def tables(ministack_aws: Aws) -> Tables:
    return ministack_aws.tables()


@pytest.fixture
def tokens(tables: Tables) -> DynamoTokens:
    return DynamoTokens(tables)


@pytest.fixture
def people(tables: Tables) -> DynamoPeople:
    return DynamoPeople(tables)


def fresh(**changes: Any) -> Connection:
    """Return an active connection of somebody, with an account, that no other test knows."""
    number = next(_NUMBERS)
    fields = {"user_id": f"coach-{number}", "account": f"account-{number}", "last_error": None}
    active = {"email": f"c{number}@example.com", "status": ConnectionStatus.ACTIVE}
    return connection(f"c-{number}", **{**fields, **active, **changes})


@pytest.fixture
def kept(people: DynamoPeople) -> Connection:
    """A connection in the table."""
    made = fresh()
    people.save_connection(made)
    return made


@contextmanager
def small_pages(tables: Tables, size: int) -> Iterator[None]:
    """Have the server answer every query with at most so many items a page."""
    events: Any = tables.connection.client.meta.events

    def limit(params: dict[str, Any], **_: Any) -> None:
        params["Limit"] = size

    events.register("before-parameter-build.dynamodb.Query", limit)
    try:
        yield
    finally:
        events.unregister("before-parameter-build.dynamodb.Query", limit)


def due_of(tokens: DynamoTokens, user_id: str, before: datetime) -> set[str]:
    found = tokens.due(before)
    assert len(found) == len(set(found))
    return {connection_id for user, connection_id in found if user == user_id}


def test_the_store_fills_its_port(tokens: DynamoTokens) -> None:
    port: TokenStore = tokens

    assert port is tokens


def test_a_connection_is_found_as_it_is(tokens: DynamoTokens, kept: Connection) -> None:
    assert kept == tokens.connection(kept.user_id, kept.id)
    assert tokens.connection("somebody-else", kept.id) is None
    assert tokens.connection(kept.user_id, "another") is None


def test_of_fifty_who_want_a_lease_at_once_one_gets_it(
    tokens: DynamoTokens, kept: Connection
) -> None:
    start = threading.Barrier(MANY)

    def lease(_: int) -> bool:
        start.wait(PATIENCE_SECONDS)
        return tokens.lease(kept, until=NOON + MINUTE, now=NOON)

    with ThreadPoolExecutor(MANY) as pool:
        got = list(pool.map(lease, range(MANY)))

    assert 1 == got.count(True)


def test_a_lease_ends_by_itself_and_no_sooner(tokens: DynamoTokens, kept: Connection) -> None:
    tokens.lease(kept, until=NOON + MINUTE, now=NOON)

    just_before, after = NOON + MINUTE, NOON + MINUTE + timedelta(microseconds=1)

    assert not tokens.lease(kept, until=NOON + 2 * MINUTE, now=just_before)
    assert tokens.lease(kept, until=NOON + 2 * MINUTE, now=after)


def test_a_lease_given_back_can_be_taken(tokens: DynamoTokens, kept: Connection) -> None:
    tokens.lease(kept, until=NOON + MINUTE, now=NOON)

    tokens.release(kept)

    assert tokens.lease(kept, until=NOON + MINUTE, now=NOON)


def test_the_lease_of_newer_tokens_is_not_given_back_by_whoever_held_the_old_ones(
    tokens: DynamoTokens, kept: Connection
) -> None:
    newer = replace(kept, credential=b"newer")
    tokens.save(kept, newer)
    tokens.lease(newer, until=NOON + MINUTE, now=NOON)

    tokens.release(kept)

    assert not tokens.lease(newer, until=NOON + MINUTE, now=NOON)


def test_tokens_that_were_replaced_cannot_be_leased(tokens: DynamoTokens, kept: Connection) -> None:
    tokens.save(kept, replace(kept, credential=b"newer"))

    assert not tokens.lease(kept, until=NOON + MINUTE, now=NOON)


def test_nothing_leases_or_brings_back_a_connection_that_is_gone(
    tokens: DynamoTokens, people: DynamoPeople, kept: Connection
) -> None:
    people.remove_connection(kept.user_id, kept.id)

    assert not tokens.lease(kept, until=NOON + MINUTE, now=NOON)
    assert not tokens.save(kept, replace(kept, credential=b"newer"))
    tokens.release(kept)
    assert tokens.connection(kept.user_id, kept.id) is None


def test_saved_tokens_bring_their_expiry_and_give_the_lease_back(
    tokens: DynamoTokens, kept: Connection
) -> None:
    tokens.lease(kept, until=NOON + MINUTE, now=NOON)
    newer = replace(kept, credential=b"newer", token_expires_at=NOON + 60 * MINUTE)

    assert tokens.save(kept, newer)

    assert newer == tokens.connection(kept.user_id, kept.id)
    assert set() == due_of(tokens, kept.user_id, NOON + 60 * MINUTE)
    assert {kept.id} == due_of(tokens, kept.user_id, NOON + 61 * MINUTE)
    assert tokens.lease(newer, until=NOON + MINUTE, now=NOON)


def test_a_refresh_does_not_overwrite_a_reconnect_that_came_first(
    tokens: DynamoTokens, people: DynamoPeople, kept: Connection
) -> None:
    reconnected = replace(kept, credential=b"reconnected", calendar_name="Another")
    tokens.lease(kept, until=NOON + MINUTE, now=NOON)
    people.save_connection(reconnected)

    assert not tokens.save(kept, replace(kept, credential=b"refreshed"))
    assert reconnected == tokens.connection(kept.user_id, kept.id)
    assert tokens.lease(reconnected, until=NOON + MINUTE, now=NOON)


def test_what_falls_due_is_found_in_every_shard_and_on_every_page(
    tokens: DynamoTokens, people: DynamoPeople, tables: Tables
) -> None:
    user = fresh().user_id
    made = [fresh(user_id=user, token_expires_at=NOON + n * MINUTE) for n in range(6 * DUE_SHARDS)]
    with ThreadPoolExecutor(DUE_SHARDS) as pool:
        list(pool.map(people.save_connection, made))
    soon = {each.id for each in made[: 5 * DUE_SHARDS]}

    with small_pages(tables, size=2):
        found = due_of(tokens, user, NOON + 5 * DUE_SHARDS * MINUTE)

    assert soon == found


def test_only_active_connections_with_an_expiry_fall_due(
    tokens: DynamoTokens, people: DynamoPeople
) -> None:
    due = fresh()
    others = [
        fresh(user_id=due.user_id, provider=Provider.APPLE, token_expires_at=None),
        fresh(user_id=due.user_id, status=ConnectionStatus.RECONNECT_REQUIRED),
    ]
    marked = fresh(user_id=due.user_id)
    for each in (due, *others, marked):
        people.save_connection(each)
    people.mark_connection(marked, ConnectionStatus.RECONNECT_REQUIRED, error="revoked")

    assert {due.id} == due_of(tokens, due.user_id, NOON + MINUTE)


def test_a_removed_connection_does_not_fall_due(
    tokens: DynamoTokens, people: DynamoPeople, kept: Connection
) -> None:
    people.remove_connection(kept.user_id, kept.id)

    assert set() == due_of(tokens, kept.user_id, NOON + MINUTE)


def test_an_account_is_in_use_until_its_last_connection_of_any_user_is_gone(
    tokens: DynamoTokens,
) -> None:
    one = fresh()
    other = replace(one, id="of-another", user_id="another-user", email="alias@example.com")
    tokens.mark_account(one)
    tokens.mark_account(one)
    tokens.mark_account(other)

    assert tokens.unmark_account(one)
    assert not tokens.unmark_account(other)


def test_two_accounts_and_the_same_name_at_two_providers_are_apart(tokens: DynamoTokens) -> None:
    one = fresh()
    elsewhere = replace(one, id="at-microsoft", provider=Provider.OUTLOOK)
    longer = replace(one, id="longer", account=f"{one.account}0", email="longer@example.com")
    for each in (one, elsewhere, longer):
        tokens.mark_account(each)

    assert not tokens.unmark_account(one)


class CrowdedOAuth(FakeOAuth):
    """Does not answer before everybody else has found the lease taken."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._waiting = 0

    def pause(self, look: int) -> None:
        """Note that somebody waits, and wait."""
        if look == 1:
            with self._changed:
                self._waiting += 1
                self._changed.notify_all()
        pause(look)

    def refresh(self, refresh_token: str, *, now: datetime) -> Grant:
        """Answer once all others wait."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._waiting >= MANY - 1, PATIENCE_SECONDS)
        return super().refresh(refresh_token, now=now)


def over(tables: Tables, oauth: CrowdedOAuth, vault: MemoryVault) -> Tokens:
    return tokens_of(
        DynamoPeople(tables),
        vault,
        store=DynamoTokens(tables),
        oauth=oauth,
        now=lambda: NOON,
        pause=oauth.pause,
    )


def test_fifty_who_need_an_expired_token_cause_one_refresh_and_all_get_its_token(
    tables: Tables, people: DynamoPeople
) -> None:
    oauth, vault = CrowdedOAuth(), MemoryVault()
    old = OAuthCredential(access_token="old", refresh_token="refresh", expires_at=NOON)
    expired = fresh()
    sealed = vault.seal(old.to_text(), user_id=expired.user_id, connection_id=expired.id)
    expired = replace(expired, credential=sealed)
    people.save_connection(expired)

    def access(account: Account) -> str:
        return OAuthCredential.from_text(account.credential).access_token

    with ThreadPoolExecutor(MANY) as pool:
        one_each = [over(tables, oauth, vault) for _ in range(MANY)]
        got = list(pool.map(lambda each: each.use(expired, access), one_each))

    assert ["refresh"] == oauth.refreshed
    assert ["fresh"] * MANY == got
