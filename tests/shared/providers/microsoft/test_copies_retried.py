"""Repeated creates and deletes of copies, after a lost response or a duplicate error."""

import contextlib
from typing import Any

import pytest

from shared.domain.errors import CopyGone, ProviderRejected, ProviderUnavailable
from tests.support.copy_calls import create, delete, update
from tests.support.microsoft_test_server import MicrosoftTestServer, graph_error, requests_sent
from tests.support.provider_cases import ProviderCase, content


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("returns_id", [True, False])
def test_a_repeated_create_the_search_missed_finds_the_first_copy(
    case: ProviderCase,
    server: MicrosoftTestServer,
    status: int,
    returns_id: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    created = create(case)
    graph = server.simulator.graph
    graph.duplicate_status, graph.returns_existing_id = status, returns_id
    nothing = {"status": 200, "body": {"value": []}}
    server.simulator.break_next(nothing, method="GET")

    again = create(case)

    assert created == again
    # The existing event is read by its id, and found in a calendar.
    found = ["GET", "GET", "GET"] if returns_id else ["GET"]
    expected = ["GET", "POST", "GET", "POST", *found]
    assert expected == [method for method, _ in requests_sent(server)]
    assert 1 == len(server.items())


def test_a_late_retry_finds_the_copy_after_its_transaction_id_expired(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    server.mailbox.forget_transactions()

    assert created == create(case)
    assert 1 == len(server.items())


@pytest.mark.parametrize("returns_id", [True, False])
def test_a_copy_the_user_deleted_is_created_again_next_to_the_one_in_the_trash(
    case: ProviderCase,
    server: MicrosoftTestServer,
    returns_id: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    created = create(case)
    server.simulator.graph.returns_existing_id = returns_id
    server.mailbox.trash(server.item(created.external_id))

    with pytest.raises(CopyGone):
        update(case, created, content(title="Renamed"))
    again = create(case, content(title="Renamed"))

    assert created.external_id != again.external_id
    assert [again.external_id] == list(server.items())
    assert "Renamed" != server.item(created.external_id).fields["subject"]


def test_a_create_that_is_always_a_duplicate_is_retried_later(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    repeat = graph_error(409, "ErrorDuplicateTransactionId")
    server.simulator.break_next(repeat, method="POST", times=9)

    with pytest.raises(ProviderUnavailable) as caught:
        create(case)

    assert caught.value.unsettled


@pytest.mark.parametrize("status", [400, 409])
def test_another_error_with_the_status_of_a_duplicate_is_rejected(
    case: ProviderCase, server: MicrosoftTestServer, status: int
) -> None:
    error = graph_error(status, "ErrorPropertyValidationFailure")
    server.simulator.break_next(error, method="POST")

    with pytest.raises(ProviderRejected):
        create(case)


def test_a_create_that_returns_a_message_is_searched_for(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    message = {"@odata.type": "#microsoft.graph.eventMessage", "id": "message"}
    server.simulator.break_next({"status": 200, "body": {"value": []}}, method="GET")
    server.simulator.break_next({"status": 201, "body": message}, method="POST")

    assert created == create(case)


def test_two_copies_of_concurrent_creates_become_one(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    first = create(case)
    item = server.item(first.external_id)
    twin = server.put(
        **{name: item.fields[name] for name in ("subject", "start", "end", "location")}
    )
    twin.marks.update(item.marks)

    again = create(case)

    assert first == again
    assert [first.external_id] == list(server.items())


def test_a_copy_deleted_while_it_is_adopted_is_retried_later(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    create(case)
    server.simulator.break_next(graph_error(404, "ErrorItemNotFound"), method="PATCH")

    with pytest.raises(ProviderUnavailable):
        create(case, content(title="Renamed"))


def test_an_event_without_an_id_leaves_the_create_unsettled(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    server.simulator.break_next({"status": 201, "body": {"subject": "x"}}, method="POST")

    with pytest.raises(ProviderUnavailable) as caught:
        create(case)

    assert caught.value.unsettled


FAULTS: list[dict[str, Any]] = [
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "after_write_status", "status": 504},
    {"kind": "truncate"},
]


@pytest.mark.parametrize("lost", range(3))
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault["kind"]))
def test_retrying_after_any_lost_request_leaves_one_up_to_date_copy(
    case: ProviderCase, server: MicrosoftTestServer, lost: int, fault: dict[str, Any]
) -> None:
    succeed = {"kind": "slow", "seconds": 0}
    for number in range(lost + 1):
        server.simulator.break_next(fault if number == lost else succeed)

    for wanted in (content(), content(title="Renamed"), content(title="Renamed")):
        with contextlib.suppress(ProviderUnavailable):
            create(case, wanted)

    assert ["Renamed"] == [each.fields["subject"] for each in server.mailbox.events()]


@pytest.mark.parametrize("lost", range(4))
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault["kind"]))
def test_retrying_after_any_lost_request_leaves_no_copy(
    case: ProviderCase, server: MicrosoftTestServer, lost: int, fault: dict[str, Any]
) -> None:
    created = create(case)
    succeed = {"kind": "slow", "seconds": 0}
    for number in range(lost + 1):
        server.simulator.break_next(fault if number == lost else succeed)

    for ref in (None, created, created):
        with contextlib.suppress(ProviderUnavailable, CopyGone):
            delete(case, ref)

    assert {} == server.items()
