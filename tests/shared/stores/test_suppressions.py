from shared.domain.invite import invite_id
from shared.stores.suppressions import DynamoSuppressions
from shared.stores.tables import Tables
from tests.support.store_samples import NOON

ANN, BOB = invite_id("ann@example.com"), invite_id("bob@example.com")


def test_an_address_is_suppressed_until_it_is_lifted(tables: Tables) -> None:
    store = DynamoSuppressions(tables)
    assert not store.is_address_suppressed(ANN)

    for _ in range(2):
        store.suppress_address(ANN, since=NOON)
    assert (True, False) == (store.is_address_suppressed(ANN), store.is_address_suppressed(BOB))

    for _ in range(2):
        store.lift_suppression(ANN)
    assert not store.is_address_suppressed(ANN)


def test_the_stored_item_has_no_address(tables: Tables) -> None:
    DynamoSuppressions(tables).suppress_address(ANN, since=NOON)

    item = tables.events.get((f"suppressed#{ANN}", "suppressed"))

    assert item is not None
    assert "ann@" not in str(item)
