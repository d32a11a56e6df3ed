import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from shared.domain.connection import Provider
from shared.ports import OAuthState
from shared.stores.states import DynamoStates, StateRow
from shared.stores.tables import Tables
from tests.support.aws import Aws
from tests.support.store_samples import NOON

CALLERS = 20
TIMEOUT_SECONDS = 20
DIGEST = hashlib.sha256(b"state").hexdigest()
STATE = OAuthState(
    user_id="coach-1",
    provider=Provider.OUTLOOK,
    verifier=b"\x00sealed\xff",
    return_to="https://app.example/calendars?tab=1",
    expires_at=NOON + timedelta(minutes=10),
    browser=hashlib.sha256(b"secret of the browser").hexdigest(),
)


def test_a_state_is_returned_unchanged_and_only_once(tables: Tables) -> None:
    states = DynamoStates(tables)
    states.put(DIGEST, STATE)

    assert STATE == states.take(DIGEST)
    assert states.take(DIGEST) is None


def test_a_state_without_a_return_page_is_read_back_unchanged(tables: Tables) -> None:
    states = DynamoStates(tables)
    plain = OAuthState(
        user_id="7", provider=Provider.GOOGLE, verifier=b"v", return_to=None, expires_at=NOON
    )
    states.put(DIGEST, plain)

    assert plain == states.take(DIGEST)


def test_reading_a_state_leaves_it_stored(tables: Tables) -> None:
    states = DynamoStates(tables)
    states.put(DIGEST, STATE)

    assert [STATE] * 2 == [states.get(DIGEST) for _ in range(2)]
    assert STATE == states.take(DIGEST)
    assert states.get(DIGEST) is None


def test_a_state_stored_before_flows_were_bound_is_of_no_browser(tables: Tables) -> None:
    states = DynamoStates(tables)
    states.put(DIGEST, STATE)
    tables.connections.update((f"state#{DIGEST}", "state"), [StateRow.browser.remove()])

    assert replace(STATE, browser=None) == states.take(DIGEST)


def test_an_unknown_state_is_not_found(tables: Tables) -> None:
    assert DynamoStates(tables).take(DIGEST) is None


def test_a_state_is_found_only_by_its_own_digest(tables: Tables) -> None:
    states = DynamoStates(tables)
    states.put(DIGEST, STATE)

    assert states.take(DIGEST[:-1]) is None
    assert states.take("") is None
    assert STATE == states.take(DIGEST)


def test_an_unused_state_is_deleted_after_it_expires(
    tables: Tables,
) -> None:
    DynamoStates(tables).put(DIGEST, STATE)

    item = tables.connections.get((f"state#{DIGEST}", "state"))

    assert item is not None
    expires_at = int(item["expires_at"]["N"])
    state_end = STATE.expires_at.timestamp()
    assert state_end <= expires_at <= state_end + timedelta(days=1).total_seconds()


def test_only_one_of_twenty_concurrent_callers_gets_a_state(ministack_aws: Aws) -> None:
    states = DynamoStates(ministack_aws.tables())
    states.put(DIGEST, STATE)
    start = threading.Barrier(CALLERS)

    def take(_: int) -> OAuthState | None:
        start.wait(TIMEOUT_SECONDS)
        return states.take(DIGEST)

    with ThreadPoolExecutor(CALLERS) as pool:
        taken = list(pool.map(take, range(CALLERS)))

    assert [STATE] == [each for each in taken if each is not None]
