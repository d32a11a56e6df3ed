from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.connection import Connection, ConnectionProblem, ConnectionStatus, Provider
from shared.domain.errors import NotFound
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.stores.bookings import DynamoBookings
from shared.stores.people import DynamoPeople
from shared.stores.people_rows import AvailabilityRow, ConnectionRow, HolidayRow, ProfileRow
from shared.stores.rows import Row
from shared.stores.tables import Tables
from shared.stores.tokens import DynamoTokens
from tests.support.aws import counted
from tests.support.store_samples import DAY, NOON, PROBLEM, connection, holiday, hours, session

ONE_DAY = timedelta(days=1)
COACHING = RoleAvailability(
    role=Role.COACH,
    zone="Europe/Berlin",
    use_default=False,
    windows=(Window(0, 540, 1020, "Europe/Berlin"), Window(6, 1380, 0, "Asia/Kolkata")),
    changed_by="admin-1",
    changed_at=NOON,
)
LEARNING = RoleAvailability(role=Role.LEARNER, zone="UTC", use_default=True, windows=())
ADMINISTRATION = RoleAvailability(
    role=Role.ADMIN, zone="UTC", use_default=True, windows=(), zone_only=True
)


def test_an_unknown_user_is_an_empty_person(people: DynamoPeople) -> None:
    assert Person(user_id="stranger") == people.person("stranger")


def test_a_person_is_read_back_unchanged_in_one_request(
    people: DynamoPeople, tables: Tables
) -> None:
    bare = connection(
        "c-2",
        calendar_name=None,
        zone=None,
        token_expires_at=None,
        last_error=None,
        created_at=NOON + ONE_DAY,
    )
    people.save_profile("coach-1", email="c@example.com", roles=frozenset({Role.COACH, Role.ADMIN}))
    people.save_availability("coach-1", COACHING)
    people.save_availability("coach-1", LEARNING)
    people.save_availability("coach-1", ADMINISTRATION)
    people.record_welcome_seen("coach-1", NOON)
    people.add_holiday("coach-1", holiday())
    people.save_connection(bare)
    people.save_connection(connection())

    with counted(tables) as sent:
        person = people.person("coach-1")

    expected = Person(
        user_id="coach-1",
        email="c@example.com",
        roles_seen=frozenset({Role.COACH, Role.ADMIN}),
        availability={
            Role.COACH: COACHING,
            Role.LEARNER: LEARNING,
            Role.ADMIN: ADMINISTRATION,
        },
        holidays=(holiday(),),
        connections=(connection(), bare),
        welcome_seen_at=NOON,
    )
    assert expected == person
    assert sent == ["Query"]


@pytest.mark.parametrize("is_verified", [True, False, None])
def test_whether_an_address_is_verified_is_read_back(
    people: DynamoPeople, *, is_verified: bool | None
) -> None:
    people.save_connection(connection(is_email_verified=is_verified))

    (read,) = people.person("coach-1").connections

    assert read == connection(is_email_verified=is_verified)


def test_an_address_stored_by_an_older_version_counts_as_verified(
    people: DynamoPeople, tables: Tables
) -> None:
    people.save_connection(connection(is_email_verified=False))
    tables.connections.update(
        ("coach-1", "person#connection#c-1"), [ConnectionRow.is_email_verified.remove()]
    )

    (read,) = people.person("coach-1").connections

    assert (None, "c@example.com") == (read.is_email_verified, read.proven_email)


def test_data_is_stored_per_user(people: DynamoPeople) -> None:
    people.save_profile("coach-1", email="c@example.com", roles=frozenset({Role.COACH}))
    people.save_availability("coach-1", COACHING)
    people.add_holiday("coach-1", holiday())
    people.save_connection(connection())

    assert Person(user_id="coach-2") == people.person("coach-2")
    assert Person(user_id="coach-") == people.person("coach-")


def test_saving_an_empty_profile_changes_nothing_and_sends_no_request(
    people: DynamoPeople, tables: Tables
) -> None:
    people.save_profile("u", email="u@example.com", roles=frozenset({Role.LEARNER}))

    with counted(tables) as sent:
        people.save_profile("u", email=None, roles=frozenset())
    people.save_profile("u", email=None, roles=frozenset({Role.ADMIN}))

    person = people.person("u")
    assert sent == []
    assert person.email == "u@example.com"
    assert frozenset({Role.LEARNER, Role.ADMIN}) == person.roles_seen


def test_the_availability_of_a_role_is_replaced_completely(people: DynamoPeople) -> None:
    people.save_availability("u", COACHING)
    emptied = RoleAvailability(role=Role.COACH, zone="UTC", use_default=False, windows=())

    people.save_availability("u", emptied)

    assert {Role.COACH: emptied} == people.person("u").availability


def test_a_holiday_that_an_admin_deletes_is_gone(people: DynamoPeople) -> None:
    people.add_holiday("v", holiday("a"))

    people.remove_holiday("v", "a", acting_admin="admin-1")

    assert () == people.person("v").holidays
    with pytest.raises(NotFound):
        people.remove_holiday("v", "a", acting_admin="admin-1")
    assert () == people.person("v").holidays


def test_holidays_are_ordered_by_date(people: DynamoPeople) -> None:
    late = holiday("a", first=DAY + ONE_DAY)
    early = holiday("b")
    people.add_holiday("u", late)
    people.add_holiday("u", early)

    assert (early, late) == people.person("u").holidays


def test_a_holiday_is_removed_once_and_only_by_its_owner(people: DynamoPeople) -> None:
    people.add_holiday("u", holiday("h"))

    with pytest.raises(NotFound):
        people.remove_holiday("another-user", "h")
    people.remove_holiday("u", "h")
    with pytest.raises(NotFound):
        people.remove_holiday("u", "h")

    assert people.person("u").holidays == ()


def test_a_connection_is_removed_once_and_only_by_its_owner(people: DynamoPeople) -> None:
    people.save_connection(connection())

    with pytest.raises(NotFound):
        people.remove_connection("another-user", "c-1")
    people.remove_connection("coach-1", "c-1")
    with pytest.raises(NotFound):
        people.remove_connection("coach-1", "c-1")

    assert people.person("coach-1").connections == ()


def test_the_id_of_another_kind_of_item_removes_nothing(people: DynamoPeople) -> None:
    people.add_holiday("u", holiday("x"))

    with pytest.raises(NotFound):
        people.remove_connection("u", "x")

    assert (holiday("x"),) == people.person("u").holidays


@pytest.mark.parametrize("error", [PROBLEM, None])
def test_marking_a_connection_sets_status_and_error_once(
    people: DynamoPeople, error: ConnectionProblem | None
) -> None:
    active = connection(status=ConnectionStatus.ACTIVE, last_error=replace(PROBLEM, message="old"))
    people.save_connection(active)

    first = people.mark_connection(
        active, ConnectionStatus.RECONNECT_REQUIRED, error=error, now=NOON
    )
    again = people.mark_connection(
        active, ConnectionStatus.RECONNECT_REQUIRED, error=error, now=NOON
    )

    (stored,) = people.person("coach-1").connections
    assert (first, again) == (True, False)
    assert (ConnectionStatus.RECONNECT_REQUIRED, error) == (stored.status, stored.last_error)


def test_a_slow_reading_does_not_make_a_connection_usable_that_was_marked(
    people: DynamoPeople,
) -> None:
    active = connection(status=ConnectionStatus.ACTIVE, last_error=None)
    people.save_connection(active)
    people.mark_connection(active, ConnectionStatus.RECONNECT_REQUIRED, error=PROBLEM, now=NOON)

    assert not people.mark_connection(active, ConnectionStatus.ACTIVE, error=None, now=NOON)

    (stored,) = people.person("coach-1").connections
    assert stored.status is ConnectionStatus.RECONNECT_REQUIRED


def test_marking_with_the_same_error_keeps_since_when_it_lasts(people: DynamoPeople) -> None:
    dead = connection(last_error=PROBLEM)
    people.save_connection(dead)

    later = replace(PROBLEM, since=NOON + ONE_DAY)
    is_new = people.mark_connection(
        dead, ConnectionStatus.RECONNECT_REQUIRED, error=later, now=NOON
    )

    assert not is_new
    assert (dead,) == people.person("coach-1").connections


def test_an_error_stored_by_an_older_version_is_kept(people: DynamoPeople, tables: Tables) -> None:
    people.save_connection(connection(last_error=replace(PROBLEM, since=None)))
    key = ("coach-1", "person#connection#c-1")
    tables.connections.update(key, [ConnectionRow.error_code.remove()])

    (stored,) = people.person("coach-1").connections

    assert replace(PROBLEM, since=None) == stored.last_error


def test_a_healed_connection_is_next_due_when_its_tokens_expire(
    people: DynamoPeople, tables: Tables
) -> None:
    stored = connection("c-7", status=ConnectionStatus.ACTIVE, token_expires_at=NOON + ONE_DAY)
    people.save_connection(stored)
    tokens = DynamoTokens(tables)
    before = tokens.find_expiring(NOON + timedelta(hours=1))

    people.mark_healed(stored)

    assert ("coach-1", "c-7") in before
    assert ("coach-1", "c-7") not in tokens.find_expiring(NOON + timedelta(hours=1))
    assert ("coach-1", "c-7") in tokens.find_expiring(NOON + 2 * ONE_DAY)
    assert (replace(stored, heal_from=None),) == people.person("coach-1").connections


def test_a_connection_that_was_connected_again_is_not_marked_as_healed(
    people: DynamoPeople,
) -> None:
    old = connection(status=ConnectionStatus.ACTIVE)
    new = replace(old, heal_from=NOON + ONE_DAY, credential=b"another")
    people.save_connection(new)

    people.mark_healed(old)

    assert (new,) == people.person("coach-1").connections


def test_left_overs_are_kept_until_they_are_removed(people: DynamoPeople) -> None:
    for each in ("1-a", "2-b", "2-b"):
        people.record_left_over("coach-1", each, until=NOON)

    people.remove_left_overs("coach-1", ["1-a", "3-c"])

    assert {"2-b"} == people.left_overs("coach-1")
    assert frozenset() == people.left_overs("learner-1")
    assert Person(user_id="coach-1") == people.person("coach-1")


def test_marking_a_reconnected_connection_changes_nothing(people: DynamoPeople) -> None:
    old = connection(status=ConnectionStatus.ACTIVE, last_error=None)
    new = connection(status=ConnectionStatus.ACTIVE, last_error=None, credential=b"another")
    people.save_connection(new)

    marked = people.mark_connection(
        old, ConnectionStatus.RECONNECT_REQUIRED, error=PROBLEM, now=NOON
    )

    assert not marked
    assert (new,) == people.person("coach-1").connections


def test_marking_a_removed_connection_does_not_recreate_it(
    people: DynamoPeople,
) -> None:
    marked = people.mark_connection(connection(), ConnectionStatus.ACTIVE, error=None, now=NOON)

    assert not marked
    assert people.person("coach-1").connections == ()


def test_items_of_unknown_kinds_and_values_are_left_out(
    people: DynamoPeople, tables: Tables
) -> None:
    put = tables.connections.put
    put(ProfileRow("u", "person#profile", roles_seen={"Coach", "Sponsor"}))
    put(Row("u", "person#sponsorship#1"))
    people.add_holiday("u", holiday())
    tables.connections.update(("u", "person#holiday#h-1"), [HolidayRow.role.set("Sponsor")])
    put(
        AvailabilityRow(
            "u", "person#availability#Sponsor", zone="UTC", use_default=True, windows=[]
        )
    )

    assert Person(user_id="u", roles_seen=frozenset({Role.COACH})) == people.person("u")


@pytest.mark.parametrize(
    ("attribute", "value", "provider"),
    [
        (ConnectionRow.provider, "palm", Provider.UNKNOWN),
        (ConnectionRow.status, "paused", Provider.GOOGLE),
    ],
)
def test_a_connection_stored_by_a_newer_version_stays_and_is_unavailable(
    people: DynamoPeople, tables: Tables, attribute: Any, value: str, provider: Provider
) -> None:
    people.save_connection(connection(user_id="u"))
    tables.connections.update(("u", "person#connection#c-1"), [attribute.set(value)])

    (read,) = people.person("u").connections

    assert read == connection(user_id="u", provider=provider, status=ConnectionStatus.UNAVAILABLE)


def test_a_naive_datetime_cannot_be_stored(people: DynamoPeople) -> None:
    naive = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - the point of the test

    with pytest.raises(ValueError, match="no time zone"):
        people.add_holiday("u", holiday(created_at=naive))
    with pytest.raises(ValueError, match="no time zone"):
        people.save_connection(connection(token_expires_at=naive))


def test_an_agenda_is_read_in_one_request_including_both_end_dates(
    people: DynamoPeople, bookings: DynamoBookings, tables: Tables
) -> None:
    for n in range(4):
        interval = hours(9, day=DAY + n * ONE_DAY)
        bookings.commit(session(f"s{n}", interval=interval), previous=None)

    with counted(tables) as sent:
        days = people.agenda("coach-1", DAY + ONE_DAY, DAY + 2 * ONE_DAY)

    assert [each.day for each in days] == [DAY + ONE_DAY, DAY + 2 * ONE_DAY]
    assert [list(each.sessions) for each in days] == [["s1"], ["s2"]]
    assert sent == ["Query"]


def test_a_person_does_not_include_the_agenda(
    people: DynamoPeople, bookings: DynamoBookings
) -> None:
    bookings.commit(session(), previous=None)

    assert Person(user_id="coach-1") == people.person("coach-1")


def test_no_repr_shows_a_credential() -> None:
    sealed: Connection = connection(credential=b"ciphertext")

    assert "ciphertext" not in repr(sealed)


def test_the_first_time_the_welcome_was_seen_is_kept(people: DynamoPeople, tables: Tables) -> None:
    people.save_profile("coach-1", email="c@example.com", roles=frozenset({Role.COACH}))

    with counted(tables) as sent:
        seen = [people.record_welcome_seen("coach-1", NOON + n * ONE_DAY) for n in range(3)]

    assert [NOON] * 3 == seen
    assert ["UpdateItem"] * 3 == sent
    person = people.person("coach-1")
    assert ("c@example.com", NOON) == (person.email, person.welcome_seen_at)
