"""Copies asked for again, after an answer that was lost or that told of an earlier try."""

import contextlib
from typing import Any

import pytest

from shared.domain.errors import CopyGone, ProviderRefused, ProviderUnavailable
from tests.support.copies import create, delete, update
from tests.support.microsoft_peer import MicrosoftPeer, asked, graph_error
from tests.support.provider_peers import Party, content


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("tells_id", [True, False])
def test_a_repeated_create_that_the_look_up_missed_finds_its_own_work(
    party: Party,
    peer: MicrosoftPeer,
    status: int,
    tells_id: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    made = create(party)
    peer.simulator.duplicate_status, peer.simulator.tells_existing_id = status, tells_id
    nothing = {"status": 200, "body": {"value": []}}
    peer.simulator.break_next(nothing, method="GET")

    again = create(party)

    assert made == again
    assert ["GET", "POST", "GET", "POST", "GET"] == [method for method, _ in asked(peer)]
    assert 1 == len(peer.items())


def test_a_late_retry_finds_the_copy_when_its_transaction_is_forgotten(
    party: Party, peer: MicrosoftPeer
) -> None:
    made = create(party)
    peer.mailbox.forget_transactions()

    assert made == create(party)
    assert 1 == len(peer.items())


@pytest.mark.parametrize("tells_id", [True, False])
def test_a_copy_the_user_deleted_is_made_anew_beside_the_one_in_the_trash(
    party: Party,
    peer: MicrosoftPeer,
    tells_id: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    made = create(party)
    peer.simulator.tells_existing_id = tells_id
    peer.mailbox.trash(peer.item(made.external_id))

    with pytest.raises(CopyGone):
        update(party, made, content(title="Renamed"))
    again = create(party, content(title="Renamed"))

    assert made.external_id != again.external_id
    assert [again.external_id] == list(peer.items())
    assert "Renamed" != peer.item(made.external_id).fields["subject"]


def test_a_create_that_is_always_a_repeat_is_worth_another_try(
    party: Party, peer: MicrosoftPeer
) -> None:
    repeat = graph_error(409, "ErrorDuplicateTransactionId")
    peer.simulator.break_next(repeat, method="POST", times=9)

    with pytest.raises(ProviderUnavailable) as caught:
        create(party)

    assert caught.value.unsettled


@pytest.mark.parametrize("status", [400, 409])
def test_another_refusal_with_the_status_of_a_repeat_is_a_refusal(
    party: Party, peer: MicrosoftPeer, status: int
) -> None:
    refusal = graph_error(status, "ErrorPropertyValidationFailure")
    peer.simulator.break_next(refusal, method="POST")

    with pytest.raises(ProviderRefused):
        create(party)


def test_a_create_answered_with_a_message_is_looked_up(party: Party, peer: MicrosoftPeer) -> None:
    made = create(party)
    message = {"@odata.type": "#microsoft.graph.eventMessage", "id": "message"}
    peer.simulator.break_next({"status": 200, "body": {"value": []}}, method="GET")
    peer.simulator.break_next({"status": 201, "body": message}, method="POST")

    assert made == create(party)


def test_two_copies_made_by_overtaking_creates_become_one(
    party: Party, peer: MicrosoftPeer
) -> None:
    first = create(party)
    item = peer.item(first.external_id)
    twin = peer.put(**{name: item.fields[name] for name in ("subject", "start", "end", "location")})
    twin.marks.update(item.marks)

    again = create(party)

    assert first == again
    assert [first.external_id] == list(peer.items())


def test_a_copy_deleted_while_it_is_adopted_is_worth_another_try(
    party: Party, peer: MicrosoftPeer
) -> None:
    create(party)
    peer.simulator.break_next(graph_error(404, "ErrorItemNotFound"), method="PATCH")

    with pytest.raises(ProviderUnavailable):
        create(party, content(title="Renamed"))


def test_an_event_without_an_id_is_no_copy(party: Party, peer: MicrosoftPeer) -> None:
    peer.simulator.break_next({"status": 201, "body": {"subject": "x"}}, method="POST")

    with pytest.raises(ProviderUnavailable) as caught:
        create(party)

    assert caught.value.unsettled


FAULTS: list[dict[str, Any]] = [
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "after_write_status", "status": 504},
    {"kind": "truncate"},
]


@pytest.mark.parametrize("lost", range(3))
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault["kind"]))
def test_whichever_request_is_lost_trying_again_ends_with_one_copy_up_to_date(
    party: Party, peer: MicrosoftPeer, lost: int, fault: dict[str, Any]
) -> None:
    whole = {"kind": "slow", "seconds": 0}
    for number in range(lost + 1):
        peer.simulator.break_next(fault if number == lost else whole)

    for told in (content(), content(title="Renamed"), content(title="Renamed")):
        with contextlib.suppress(ProviderUnavailable):
            create(party, told)

    assert ["Renamed"] == [each.fields["subject"] for each in peer.mailbox.events()]


@pytest.mark.parametrize("lost", range(4))
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault["kind"]))
def test_whichever_request_is_lost_trying_again_ends_without_a_copy(
    party: Party, peer: MicrosoftPeer, lost: int, fault: dict[str, Any]
) -> None:
    made = create(party)
    whole = {"kind": "slow", "seconds": 0}
    for number in range(lost + 1):
        peer.simulator.break_next(fault if number == lost else whole)

    for ref in (None, made, made):
        with contextlib.suppress(ProviderUnavailable, CopyGone):
            delete(party, ref)

    assert {} == peer.items()
