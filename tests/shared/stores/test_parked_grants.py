import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from shared.domain.connection import Provider
from shared.ports import ParkedGrant
from shared.stores.parked_grants import DynamoParkedGrants
from shared.stores.tables import Tables
from tests.support.aws import Aws
from tests.support.store_samples import NOON

CALLERS = 20
TIMEOUT_SECONDS = 20
DIGEST = hashlib.sha256(b"completion").hexdigest()
GRANT = ParkedGrant(
    user_id="coach-1",
    provider=Provider.OUTLOOK,
    sealed=b"\x00sealed\xff",
    expires_at=NOON + timedelta(minutes=10),
)


def test_a_parked_grant_is_returned_unchanged_and_only_once(tables: Tables) -> None:
    grants = DynamoParkedGrants(tables)
    grants.put(DIGEST, GRANT)

    assert GRANT == grants.take(DIGEST)
    assert grants.take(DIGEST) is None


def test_a_parked_grant_is_found_only_by_its_own_digest(tables: Tables) -> None:
    grants = DynamoParkedGrants(tables)
    grants.put(DIGEST, GRANT)

    assert grants.take(DIGEST[:-1]) is None
    assert grants.take("") is None
    assert GRANT == grants.take(DIGEST)


def test_a_parked_grant_is_deleted_after_it_expires(tables: Tables) -> None:
    DynamoParkedGrants(tables).put(DIGEST, GRANT)

    item = tables.connections.get((f"completion#{DIGEST}", "completion"))

    assert item is not None
    expires_at, end = int(item["expires_at"]["N"]), GRANT.expires_at.timestamp()
    assert end <= expires_at <= end + timedelta(days=1).total_seconds()


def test_only_one_of_twenty_concurrent_callers_gets_a_parked_grant(ministack_aws: Aws) -> None:
    grants = DynamoParkedGrants(ministack_aws.tables())
    grants.put(DIGEST, GRANT)
    start = threading.Barrier(CALLERS)

    def take(_: int) -> ParkedGrant | None:
        start.wait(TIMEOUT_SECONDS)
        return grants.take(DIGEST)

    with ThreadPoolExecutor(CALLERS) as pool:
        taken = list(pool.map(take, range(CALLERS)))

    assert [GRANT] == [each for each in taken if each is not None]
