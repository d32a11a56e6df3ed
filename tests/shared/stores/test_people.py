from datetime import datetime, timedelta

import pytest

from shared.domain.connection import Connection, ConnectionStatus
from shared.domain.errors import NotFound
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.ports import PeopleStore
from shared.stores.bookings import DynamoBookings
from shared.stores.people import DynamoPeople
from shared.stores.people_rows import AvailabilityRow, ConnectionRow, HolidayRow, ProfileRow
from shared.stores.rows import Row
from shared.stores.tables import Tables
from tests.support.aws import counted
from tests.support.store_samples import DAY, NOON, connection, holiday, hours, session

ONE_DAY = timedelta(days=1)
COACHING = RoleAvailability(
    role=Role.COACH,
    zone="Europe/Berlin",
    use_default=False,
    windows=(Window(0, 540, 1020, "Europe/Berlin"), Window(6, 1380, 0, "Asia/Kolkata")),
)
LEARNING = RoleAvailability(role=Role.LEARNER, zone="UTC", use_default=True, windows=())
ADMINISTRATION = RoleAvailability(
    role=Role.ADMIN, zone="UTC", use_default=True, windows=(), zone_only=True
)


def test_the_store_fills_its_port(people: DynamoPeople) -> None:
    port: PeopleStore = people

    assert port is people


def test_somebody_nobody_has_heard_of_is_a_person_with_nothing_in_it(people: DynamoPeople) -> None:
    assert Person(user_id="nobody") == people.person("nobody")


def test_a_person_comes_back_whole_and_by_one_request(people: DynamoPeople, tables: Tables) -> None:
    bare = connection(
        "c-2",
        calendar_name=None,
        zone=None,
        token_expires_at=None,
        last_error=None,
        created_at=NOON + ONE_DAY,
    )
    people.remember("coach-1", email="c@example.com", roles=frozenset({Role.COACH, Role.ADMIN}))
    people.save_availability("coach-1", COACHING)
    people.save_availability("coach-1", LEARNING)
    people.save_availability("coach-1", ADMINISTRATION)
    people.see_welcome("coach-1", NOON)
    people.add_holiday("coach-1", holiday())
    people.save_connection(bare)
    people.save_connection(connection())

    with counted(tables) as sent:
        found = people.person("coach-1")

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
    assert expected == found
    assert sent == ["Query"]


def test_everything_is_kept_by_user_and_nobody_else_sees_it(people: DynamoPeople) -> None:
    people.remember("coach-1", email="c@example.com", roles=frozenset({Role.COACH}))
    people.save_availability("coach-1", COACHING)
    people.add_holiday("coach-1", holiday())
    people.save_connection(connection())

    assert Person(user_id="coach-2") == people.person("coach-2")
    assert Person(user_id="coach-") == people.person("coach-")


def test_remembering_nothing_forgets_nothing_and_sends_nothing(
    people: DynamoPeople, tables: Tables
) -> None:
    people.remember("u", email="u@example.com", roles=frozenset({Role.LEARNER}))

    with counted(tables) as sent:
        people.remember("u", email=None, roles=frozenset())
    people.remember("u", email=None, roles=frozenset({Role.ADMIN}))

    found = people.person("u")
    assert sent == []
    assert found.email == "u@example.com"
    assert frozenset({Role.LEARNER, Role.ADMIN}) == found.roles_seen


def test_availability_of_a_role_is_replaced_whole(people: DynamoPeople) -> None:
    people.save_availability("u", COACHING)
    emptied = RoleAvailability(role=Role.COACH, zone="UTC", use_default=False, windows=())

    people.save_availability("u", emptied)

    assert {Role.COACH: emptied} == people.person("u").availability


def test_holidays_come_in_order_of_their_dates(people: DynamoPeople) -> None:
    late = holiday("a", first=DAY + ONE_DAY)
    early = holiday("b")
    people.add_holiday("u", late)
    people.add_holiday("u", early)

    assert (early, late) == people.person("u").holidays


def test_a_holiday_is_removed_once_and_only_by_its_owner(people: DynamoPeople) -> None:
    people.add_holiday("u", holiday("h"))

    with pytest.raises(NotFound):
        people.remove_holiday("somebody-else", "h")
    people.remove_holiday("u", "h")
    with pytest.raises(NotFound):
        people.remove_holiday("u", "h")

    assert people.person("u").holidays == ()


def test_a_connection_is_removed_once_and_only_by_its_owner(people: DynamoPeople) -> None:
    people.save_connection(connection())

    with pytest.raises(NotFound):
        people.remove_connection("somebody-else", "c-1")
    people.remove_connection("coach-1", "c-1")
    with pytest.raises(NotFound):
        people.remove_connection("coach-1", "c-1")

    assert people.person("coach-1").connections == ()


def test_an_id_of_another_kind_of_item_removes_nothing(people: DynamoPeople) -> None:
    people.add_holiday("u", holiday("x"))

    with pytest.raises(NotFound):
        people.remove_connection("u", "x")

    assert (holiday("x"),) == people.person("u").holidays


@pytest.mark.parametrize("error", ["invalid_grant", None])
def test_marking_a_connection_sets_status_and_error_once(
    people: DynamoPeople, error: str | None
) -> None:
    active = connection(status=ConnectionStatus.ACTIVE, last_error="old")
    people.save_connection(active)

    first = people.mark_connection(active, ConnectionStatus.RECONNECT_REQUIRED, error=error)
    again = people.mark_connection(active, ConnectionStatus.RECONNECT_REQUIRED, error=error)

    (kept,) = people.person("coach-1").connections
    assert (first, again) == (True, False)
    assert (ConnectionStatus.RECONNECT_REQUIRED, error) == (kept.status, kept.last_error)


def test_marking_a_connection_that_was_reconnected_changes_nothing(people: DynamoPeople) -> None:
    old = connection(status=ConnectionStatus.ACTIVE, last_error=None)
    new = connection(status=ConnectionStatus.ACTIVE, last_error=None, credential=b"another")
    people.save_connection(new)

    marked = people.mark_connection(old, ConnectionStatus.RECONNECT_REQUIRED, error="dead")

    assert not marked
    assert (new,) == people.person("coach-1").connections


def test_marking_a_connection_that_was_removed_does_not_bring_it_back(
    people: DynamoPeople,
) -> None:
    marked = people.mark_connection(connection(), ConnectionStatus.ACTIVE, error=None)

    assert not marked
    assert people.person("coach-1").connections == ()


def test_items_of_unknown_kinds_and_values_read_as_not_there(
    people: DynamoPeople, tables: Tables
) -> None:
    put = tables.connections.put
    put(ProfileRow("u", "person#profile", roles_seen={"Coach", "Sponsor"}))
    put(Row("u", "person#sponsorship#1"))
    people.save_connection(connection(user_id="u"))
    tables.connections.update(("u", "person#connection#c-1"), [ConnectionRow.provider.set("palm")])
    people.add_holiday("u", holiday())
    tables.connections.update(("u", "person#holiday#h-1"), [HolidayRow.role.set("Sponsor")])
    put(
        AvailabilityRow(
            "u", "person#availability#Sponsor", zone="UTC", use_default=True, windows=[]
        )
    )

    assert Person(user_id="u", roles_seen=frozenset({Role.COACH})) == people.person("u")


def test_a_naive_datetime_is_refused_at_the_edge(people: DynamoPeople) -> None:
    naive = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - the point of the test

    with pytest.raises(ValueError, match="no time zone"):
        people.add_holiday("u", holiday(created_at=naive))
    with pytest.raises(ValueError, match="no time zone"):
        people.save_connection(connection(token_expires_at=naive))


def test_the_agenda_of_some_days_is_one_request_and_both_ends_count(
    people: DynamoPeople, bookings: DynamoBookings, tables: Tables
) -> None:
    for n in range(4):
        held = hours(9, day=DAY + n * ONE_DAY)
        bookings.commit(session(f"s{n}", interval=held), previous=None)

    with counted(tables) as sent:
        days = people.agenda("coach-1", DAY + ONE_DAY, DAY + 2 * ONE_DAY)

    assert [each.day for each in days] == [DAY + ONE_DAY, DAY + 2 * ONE_DAY]
    assert [list(each.sessions) for each in days] == [["s1"], ["s2"]]
    assert sent == ["Query"]


def test_the_agenda_does_not_show_in_the_person(
    people: DynamoPeople, bookings: DynamoBookings
) -> None:
    bookings.commit(session(), previous=None)

    assert Person(user_id="coach-1") == people.person("coach-1")


def test_no_repr_shows_a_credential() -> None:
    shown: Connection = connection(credential=b"ciphertext")

    assert "ciphertext" not in repr(shown)


def test_the_first_time_the_welcome_was_seen_stays(people: DynamoPeople, tables: Tables) -> None:
    people.remember("coach-1", email="c@example.com", roles=frozenset({Role.COACH}))

    with counted(tables) as sent:
        seen = [people.see_welcome("coach-1", NOON + n * ONE_DAY) for n in range(3)]

    assert [NOON] * 3 == seen
    assert ["UpdateItem"] * 3 == sent
    found = people.person("coach-1")
    assert ("c@example.com", NOON) == (found.email, found.welcome_seen_at)
