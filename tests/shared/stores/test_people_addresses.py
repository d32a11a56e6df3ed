"""The address of a token in the profile, and the mark of one whose sessions are not queued yet."""

from datetime import UTC, datetime

from shared.stores.people import DynamoPeople
from shared.stores.tables import Tables

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_an_address_is_new_until_it_is_confirmed(tables: Tables) -> None:
    people = DynamoPeople(tables)

    first = people.save_address("ann-1", "a@example.org", at=NOW)
    again = people.save_address("ann-1", "a@example.org", at=NOW)
    people.confirm_address("ann-1", "a@example.org")
    confirmed = people.save_address("ann-1", "a@example.org", at=NOW)

    assert (first, again, confirmed) == (True, True, False)
    assert people.person("ann-1").email == "a@example.org"


def test_confirming_a_former_address_keeps_the_mark_of_the_new_one(tables: Tables) -> None:
    people = DynamoPeople(tables)
    people.save_address("ann-2", "a@example.org", at=NOW)
    people.save_address("ann-2", "b@example.org", at=NOW)

    people.confirm_address("ann-2", "a@example.org")

    assert people.save_address("ann-2", "b@example.org", at=NOW)
