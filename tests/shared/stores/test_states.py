import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from shared.domain.connection import Provider
from shared.ports import OAuthState, StateStore
from shared.stores.states import DynamoStates
from shared.stores.tables import Tables
from tests.support.aws import Aws
from tests.support.store_samples import NOON

MANY = 20
PATIENCE_SECONDS = 20
DIGEST = hashlib.sha256(b"state").hexdigest()
STATE = OAuthState(
    user_id="coach-1",
    provider=Provider.OUTLOOK,
    verifier=b"\x00sealed\xff",
    return_to="https://app.example/calendars?tab=1",
    expires_at=NOON + timedelta(minutes=10),
)


def test_the_store_fills_its_port(tables: Tables) -> None:
    store = DynamoStates(tables)
    port: StateStore = store

    assert port is store


def test_a_state_comes_back_whole_and_once(tables: Tables) -> None:
    states = DynamoStates(tables)
    states.put(DIGEST, STATE)

    assert STATE == states.take(DIGEST)
    assert states.take(DIGEST) is None


def test_a_state_without_a_page_to_return_to_comes_back_so(tables: Tables) -> None:
    states = DynamoStates(tables)
    plain = OAuthState(
        user_id="7", provider=Provider.GOOGLE, verifier=b"v", return_to=None, expires_at=NOON
    )
    states.put(DIGEST, plain)

    assert plain == states.take(DIGEST)


def test_a_state_nobody_began_is_unknown(tables: Tables) -> None:
    assert DynamoStates(tables).take(DIGEST) is None


def test_two_states_are_apart(tables: Tables) -> None:
    states = DynamoStates(tables)
    states.put(DIGEST, STATE)

    assert states.take(DIGEST[:-1]) is None
    assert states.take("") is None
    assert STATE == states.take(DIGEST)


def test_the_table_forgets_a_state_nobody_came_back_with_but_not_before_it_ends(
    tables: Tables,
) -> None:
    DynamoStates(tables).put(DIGEST, STATE)

    item = tables.connections.get((f"state#{DIGEST}", "state"))

    assert item is not None
    kept_until = int(item["expires_at"]["N"])
    ends = STATE.expires_at.timestamp()
    assert ends <= kept_until <= ends + timedelta(days=1).total_seconds()


def test_of_twenty_who_come_with_one_state_at_once_one_gets_it(ministack_aws: Aws) -> None:
    states = DynamoStates(ministack_aws.tables())
    states.put(DIGEST, STATE)
    start = threading.Barrier(MANY)

    def take(_: int) -> OAuthState | None:
        start.wait(PATIENCE_SECONDS)
        return states.take(DIGEST)

    with ThreadPoolExecutor(MANY) as pool:
        taken = list(pool.map(take, range(MANY)))

    assert [STATE] == [each for each in taken if each is not None]
