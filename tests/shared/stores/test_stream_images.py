"""Records as both tables' streams have them; writes of connections and availability are real."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.connection import ConnectionProblem, ConnectionStatus, ProblemCode
from shared.domain.domain_event import DomainEvent, DomainEventType
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.stores.event_rows import from_copy, from_event
from shared.stores.people import DynamoPeople
from shared.stores.people_rows import from_holiday
from shared.stores.rows import Row
from shared.stores.stream_images import StreamImages
from shared.stores.tables import Tables
from tests.support.store_samples import NOON, connection, copy, holiday, session

pytestmark = pytest.mark.long

CONNECTION = connection(status=ConnectionStatus.ACTIVE, last_error=None)
KEY = ("coach-1", "person#connection#c-1")
Image = dict[str, Any] | None


def derived(old: Image, new: Image) -> tuple[DomainEvent, ...]:
    """Return the domain events of a write."""
    shown = new or old or {}
    change = {
        "Keys": {name: shown[name] for name in ("pk", "sk")},
        "ApproximateCreationDateTime": NOON.timestamp(),
        **({"OldImage": old} if old else {}),
        **({"NewImage": new} if new else {}),
    }
    return StreamImages(shows_guests=False).events({"eventID": "1", "dynamodb": change})


def image(row: Row) -> dict[str, Any]:
    """Return a row as the stream has it."""
    return dict(row.serialize())


def stored(tables: Tables, key: tuple[str, str]) -> Image:
    """Return an item as it is in the connections table."""
    return tables.connections.get(key)


def test_a_session_that_is_booked_and_then_settled_is_one_event() -> None:
    row = from_event(session())
    settled = {**image(row), "settled_version": {"N": "1"}}

    assert [each.type for each in derived(None, image(row))] == [DomainEventType.SESSION_BOOKED]
    assert derived(image(row), settled) == ()


def test_whom_nothing_reaches_is_read_from_the_settled_item() -> None:
    row = image(from_event(session()))
    settled = {**row, "settled_version": {"N": "1"}, "unreachable": {"L": [{"S": "learner-1"}]}}

    (event,) = derived(row, settled)

    assert event.type is DomainEventType.PARTICIPANT_UNREACHABLE
    assert event.subject.id == "1-a/learner-1"


def test_a_copy_without_an_old_image_has_an_outcome() -> None:
    (event,) = derived(None, image(from_copy(copy(row_version=4))))

    assert (event.type, event.subject_version) == (DomainEventType.COPY_FAILED, 4)


def problem(text: str) -> ConnectionProblem:
    return ConnectionProblem(ProblemCode.ENTRY_UNREADABLE, text)


def test_the_life_of_a_connection_has_increasing_versions(
    people: DynamoPeople, tables: Tables
) -> None:
    people.save_connection(CONNECTION)
    first = stored(tables, KEY)
    people.mark_connection(
        CONNECTION, ConnectionStatus.RECONNECT_REQUIRED, error=problem("invalid_grant"), now=NOON
    )
    second = stored(tables, KEY)
    people.save_connection(CONNECTION)
    third = stored(tables, KEY)
    later = replace(CONNECTION, created_at=NOON.replace(hour=13))
    people.remove_connection("coach-1", "c-1")
    people.save_connection(later)
    again = stored(tables, KEY)

    steps = ((None, first), (first, second), (second, third), (third, None), (None, again))
    events = [each for old, new in steps for each in derived(old, new)]

    assert [each.type for each in events] == [
        DomainEventType.CONNECTION_CONNECTED,
        DomainEventType.CONNECTION_RECONNECT_REQUIRED,
        DomainEventType.CONNECTION_CONNECTED,
        DomainEventType.CONNECTION_DISCONNECTED,
        DomainEventType.CONNECTION_CONNECTED,
    ]
    versions = [each.subject_version for each in events]
    assert versions == sorted(set(versions))


def test_no_event_of_a_connection_has_its_credential_account_or_error_text(
    people: DynamoPeople, tables: Tables
) -> None:
    people.save_connection(CONNECTION)
    people.mark_connection(
        CONNECTION, ConnectionStatus.ACTIVE, error=problem("Dentist, 3 May"), now=NOON
    )

    (event,) = derived(None, stored(tables, KEY))

    assert event.type is DomainEventType.CALENDAR_UNREADABLE
    for secret in ("Dentist", "account-1", "c@example.com", "ciphertext"):
        assert secret not in event.text


def test_an_image_with_the_code_of_its_error_has_it_as_cause(
    people: DynamoPeople, tables: Tables
) -> None:
    people.save_connection(CONNECTION)
    item = stored(tables, KEY) or {}
    broken = {
        **item,
        "row_version": {"N": str(int(item["row_version"]["N"]) + 1)},
        "last_error": {"S": "text"},
        "error_code": {"S": "ENTRY_UNREADABLE"},
    }

    (event,) = derived(item, broken)

    assert (event.type, event.data["cause"]) == (
        DomainEventType.CALENDAR_UNREADABLE,
        "ENTRY_UNREADABLE",
    )


def test_tokens_leases_and_outages_are_no_event(people: DynamoPeople, tables: Tables) -> None:
    people.save_connection(CONNECTION)
    item = stored(tables, KEY) or {}

    assert derived(item, {**item, "lease_until": {"S": NOON.isoformat()}}) == ()


def test_availability_is_an_event_only_if_it_changes(people: DynamoPeople, tables: Tables) -> None:
    zone = "Europe/Berlin"
    hours = RoleAvailability(
        role=Role.COACH, zone=zone, use_default=False, windows=(Window(6, 540, 1440, zone),)
    )
    key = ("coach-1", "person#availability#Coach")
    people.save_availability("coach-1", hours)
    first = stored(tables, key)
    people.save_availability("coach-1", hours)
    second = stored(tables, key)
    people.save_availability("coach-1", replace(hours, windows=()))
    third = stored(tables, key)

    events = [
        each
        for old, new in ((None, first), (first, second), (second, third))
        for each in derived(old, new)
    ]

    assert [each.subject_version for each in events] == [1, 3]
    assert events[0].data["availability"]["windows"] == [
        {"dayOfWeek": 0, "startTime": "09:00", "endTime": "24:00", "timezone": zone}
    ]


def test_a_saved_connection_loses_attributes_that_it_no_longer_has(
    people: DynamoPeople, tables: Tables
) -> None:
    people.save_connection(connection())
    people.save_connection(CONNECTION)

    item = stored(tables, KEY) or {}
    assert "last_error" not in item
    assert people.person("coach-1").connections == (CONNECTION,)


def test_a_holiday_is_added_and_deleted() -> None:
    row = image(from_holiday("coach-1", holiday()))

    (added,), (deleted,) = derived(None, row), derived(row, None)

    assert (added.subject_version, added.data["isDeleted"]) == (1, False)
    assert (deleted.subject_version, deleted.data["isDeleted"]) == (2, True)
    assert "Diwali" not in added.text


def test_a_disabled_webhook_is_an_event() -> None:
    row = {
        "pk": {"S": "webhooks"},
        "sk": {"S": "webhook#w-1"},
        "url": {"S": "https://platform.example.com/hook"},
        "row_version": {"N": "4"},
    }
    disabled = {**row, "disabled_reason": {"S": "failing"}, "row_version": {"N": "5"}}

    (event,) = derived(row, disabled)

    assert event.data == {"webhookId": "w-1", "reason": "failing"}
    assert derived(disabled, {**disabled, "row_version": {"N": "6"}}) == ()


@pytest.mark.parametrize("sk", ["externals", "erasure", "agenda#2026-11-23", "listed", "head"])
def test_other_items_are_no_event(sk: str) -> None:
    assert derived(None, {"pk": {"S": "x"}, "sk": {"S": sk}}) == ()
