"""Token storage on a real server: the index and concurrent leases."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.connection import (
    Connection,
    ConnectionStatus,
    OAuthCredential,
    Provider,
    unverified_account,
)
from shared.ports import Account, DisconnectedAccount, Grant
from shared.stores.people import DynamoPeople
from shared.stores.people_rows import DUE_SHARDS
from shared.stores.tables import Tables
from shared.stores.tokens import DynamoTokens
from shared.usecases.accounts.tokens import Tokens
from shared.wiring.clock import pause
from tests.support.aws import Aws
from tests.support.faulty_calendar import MemoryVault
from tests.support.store_samples import NOON, PROBLEM, connection
from tests.support.token_fakes import FakeOAuth, tokens_of

CALLERS = 50
TIMEOUT_SECONDS = 20
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
    """Return an active connection with a user and account that no other test uses."""
    number = next(_NUMBERS)
    fields = {"user_id": f"coach-{number}", "account": f"account-{number}", "last_error": None}
    fields["heal_from"] = None
    active = {"email": f"c{number}@example.com", "status": ConnectionStatus.ACTIVE}
    return connection(f"c-{number}", **{**fields, **active, **changes})


@pytest.fixture
def stored(people: DynamoPeople) -> Connection:
    """A stored connection."""
    new = fresh()
    people.save_connection(new)
    return new


@contextmanager
def small_pages(tables: Tables, size: int) -> Iterator[None]:
    """Limit every query to `size` items per page."""
    events: Any = tables.client.client.meta.events

    def limit(params: dict[str, Any], **_: Any) -> None:
        params["Limit"] = size

    events.register("before-parameter-build.dynamodb.Query", limit)
    try:
        yield
    finally:
        events.unregister("before-parameter-build.dynamodb.Query", limit)


def expiring_ids(tokens: DynamoTokens, user_id: str, before: datetime) -> set[str]:
    result = tokens.find_expiring(before)
    assert len(result) == len(set(result))
    return {connection_id for user, connection_id in result if user == user_id}


def test_a_connection_is_found_by_user_and_id(tokens: DynamoTokens, stored: Connection) -> None:
    assert stored == tokens.connection(stored.user_id, stored.id)
    assert tokens.connection("another-user", stored.id) is None
    assert tokens.connection(stored.user_id, "another") is None


def test_only_one_of_fifty_concurrent_callers_gets_the_lease(
    tokens: DynamoTokens, stored: Connection
) -> None:
    start = threading.Barrier(CALLERS)

    def lease(_: int) -> bool:
        start.wait(TIMEOUT_SECONDS)
        return tokens.lease(stored, until=NOON + MINUTE, now=NOON)

    with ThreadPoolExecutor(CALLERS) as pool:
        got = list(pool.map(lease, range(CALLERS)))

    assert 1 == got.count(True)


def test_a_lease_expires_at_its_end_and_not_before(
    tokens: DynamoTokens, stored: Connection
) -> None:
    tokens.lease(stored, until=NOON + MINUTE, now=NOON)

    just_before, after = NOON + MINUTE, NOON + MINUTE + timedelta(microseconds=1)

    assert not tokens.lease(stored, until=NOON + 2 * MINUTE, now=just_before)
    assert tokens.lease(stored, until=NOON + 2 * MINUTE, now=after)


def test_a_released_lease_can_be_acquired(tokens: DynamoTokens, stored: Connection) -> None:
    tokens.lease(stored, until=NOON + MINUTE, now=NOON)

    tokens.release(stored)

    assert tokens.lease(stored, until=NOON + MINUTE, now=NOON)


def test_the_holder_of_old_tokens_cannot_release_the_lease_of_newer_ones(
    tokens: DynamoTokens, stored: Connection
) -> None:
    newer = replace(stored, credential=b"newer")
    tokens.save(stored, newer)
    tokens.lease(newer, until=NOON + MINUTE, now=NOON)

    tokens.release(stored)

    assert not tokens.lease(newer, until=NOON + MINUTE, now=NOON)


def test_replaced_tokens_cannot_be_leased(tokens: DynamoTokens, stored: Connection) -> None:
    tokens.save(stored, replace(stored, credential=b"newer"))

    assert not tokens.lease(stored, until=NOON + MINUTE, now=NOON)


def test_a_removed_connection_cannot_be_leased_or_recreated(
    tokens: DynamoTokens, people: DynamoPeople, stored: Connection
) -> None:
    people.remove_connection(stored.user_id, stored.id)

    assert not tokens.lease(stored, until=NOON + MINUTE, now=NOON)
    assert not tokens.save(stored, replace(stored, credential=b"newer"))
    tokens.release(stored)
    assert tokens.connection(stored.user_id, stored.id) is None


def test_saving_tokens_stores_their_expiry_and_releases_the_lease(
    tokens: DynamoTokens, stored: Connection
) -> None:
    tokens.lease(stored, until=NOON + MINUTE, now=NOON)
    newer = replace(stored, credential=b"newer", token_expires_at=NOON + 60 * MINUTE)

    assert tokens.save(stored, newer)

    assert newer == tokens.connection(stored.user_id, stored.id)
    assert set() == expiring_ids(tokens, stored.user_id, NOON + 60 * MINUTE)
    assert {stored.id} == expiring_ids(tokens, stored.user_id, NOON + 61 * MINUTE)
    assert tokens.lease(newer, until=NOON + MINUTE, now=NOON)


def test_a_refresh_does_not_overwrite_an_earlier_reconnect(
    tokens: DynamoTokens, people: DynamoPeople, stored: Connection
) -> None:
    reconnected = replace(stored, credential=b"reconnected", calendar_name="Another")
    tokens.lease(stored, until=NOON + MINUTE, now=NOON)
    people.save_connection(reconnected)

    assert not tokens.save(stored, replace(stored, credential=b"refreshed"))
    assert reconnected == tokens.connection(stored.user_id, stored.id)
    assert tokens.lease(reconnected, until=NOON + MINUTE, now=NOON)


def test_expiring_tokens_are_found_in_every_shard_and_on_every_page(
    tokens: DynamoTokens, people: DynamoPeople, tables: Tables
) -> None:
    user = fresh().user_id
    all_connections = [
        fresh(user_id=user, token_expires_at=NOON + n * MINUTE) for n in range(6 * DUE_SHARDS)
    ]
    with ThreadPoolExecutor(DUE_SHARDS) as pool:
        list(pool.map(people.save_connection, all_connections))
    soon = {each.id for each in all_connections[: 5 * DUE_SHARDS]}

    with small_pages(tables, size=2):
        result = expiring_ids(tokens, user, NOON + 5 * DUE_SHARDS * MINUTE)

    assert soon == result


def test_only_active_connections_with_an_expiry_are_expiring(
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
    people.mark_connection(marked, ConnectionStatus.RECONNECT_REQUIRED, error=PROBLEM, now=NOON)

    assert {due.id} == expiring_ids(tokens, due.user_id, NOON + MINUTE)


def test_a_removed_connection_is_not_expiring(
    tokens: DynamoTokens, people: DynamoPeople, stored: Connection
) -> None:
    people.remove_connection(stored.user_id, stored.id)

    assert set() == expiring_ids(tokens, stored.user_id, NOON + MINUTE)


def test_an_account_is_in_use_until_the_last_connection_of_any_user_is_removed(
    tokens: DynamoTokens,
) -> None:
    one = fresh()
    other = replace(one, id="of-another", user_id="another-user", email="alias@example.com")
    tokens.mark_account(one)
    tokens.mark_account(one)
    tokens.mark_account(other)

    assert tokens.unmark_account(one)
    assert not tokens.unmark_account(other)


def test_accounts_are_separate_by_name_and_provider(tokens: DynamoTokens) -> None:
    one = fresh()
    at_microsoft = replace(one, id="at-microsoft", provider=Provider.OUTLOOK)
    longer = replace(one, id="longer", account=f"{one.account}0", email="longer@example.com")
    for each in (one, at_microsoft, longer):
        tokens.mark_account(each)

    assert not tokens.unmark_account(one)


class CrowdedOAuth(FakeOAuth):
    """Refreshes only after all other callers have result the lease taken."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._waiting = 0

    def pause(self, look: int) -> None:
        """Count the waiting caller, and wait."""
        if look == 1:
            with self._changed:
                self._waiting += 1
                self._changed.notify_all()
        pause(look)

    def refresh(
        self, refresh_token: str, *, now: datetime, granted: frozenset[str] = frozenset()
    ) -> Grant:
        """Return new tokens once all other callers wait."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._waiting >= CALLERS - 1, TIMEOUT_SECONDS)
        return super().refresh(refresh_token, now=now, granted=granted)


def over(tables: Tables, oauth: CrowdedOAuth, vault: MemoryVault) -> Tokens:
    return tokens_of(
        DynamoPeople(tables),
        vault,
        store=DynamoTokens(tables),
        oauth=oauth,
        now=lambda: NOON,
        pause=oauth.pause,
    )


def test_fifty_callers_with_an_expired_token_cause_one_refresh_and_all_get_the_new_token(
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

    with ThreadPoolExecutor(CALLERS) as pool:
        one_each = [over(tables, oauth, vault) for _ in range(CALLERS)]
        got = list(pool.map(lambda each: each.use(expired, access), one_each))

    assert ["refresh"] == oauth.refreshed
    assert ["fresh"] * CALLERS == got


def test_a_disconnected_account_is_known_until_it_is_connected_again(
    tokens: DynamoTokens, stored: Connection
) -> None:
    tokens.record_disconnected(stored)
    before = tokens.disconnected(stored.user_id, stored.provider)
    others = tokens.disconnected(stored.user_id, Provider.OUTLOOK)

    tokens.forget_disconnected(stored)

    known = DisconnectedAccount(
        account=stored.account, email=stored.email, calendar_id=stored.calendar_id
    )
    assert ((known,), ()) == (before, others)
    assert () == tokens.disconnected(stored.user_id, stored.provider)


def test_connecting_forgets_an_account_that_was_disconnected_under_its_address(
    tokens: DynamoTokens, stored: Connection
) -> None:
    tokens.record_disconnected(replace(stored, account=unverified_account(stored.email)))

    tokens.forget_disconnected(stored)

    assert () == tokens.disconnected(stored.user_id, stored.provider)


def test_an_account_that_the_sign_in_uses_stays_marked(
    tokens: DynamoTokens, stored: Connection
) -> None:
    tokens.mark_account(stored)
    tokens.mark_sign_in(stored)

    assert tokens.unmark_account(stored)


def test_sign_ins_of_a_user_are_forgotten_and_those_of_others_stay(
    tokens: DynamoTokens, stored: Connection
) -> None:
    gone = fresh(user_id=stored.user_id)
    for each in (stored, gone):
        tokens.mark_sign_in(each)
    tokens.record_disconnected(gone)
    other = replace(gone, user_id=fresh().user_id)
    tokens.mark_sign_in(other)

    tokens.forget_sign_ins(stored.user_id)

    assert not tokens.unmark_account(stored)
    assert tokens.unmark_account(gone)
    tokens.record_disconnected(other)
    tokens.forget_sign_ins(other.user_id)
    assert not tokens.unmark_account(gone)
