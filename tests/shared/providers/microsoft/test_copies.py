"""The life of a copy at Microsoft, where it differs from everybody else's."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest

from infra.local.simulators.microsoft_events import as_meeting
from infra.local.simulators.microsoft_mailbox import CALENDAR_ID
from shared.domain.copy import CopyContent, CopyRef
from shared.domain.errors import CopyGone, ProviderRefused, ProviderUnavailable
from shared.domain.interval import Interval
from tests.support.microsoft_peer import TIMEOUT, MicrosoftPeer, graph_error, microsoft_party
from tests.support.provider_peers import START, Party, content

HOUR = timedelta(hours=1)
LATER = Interval(START + HOUR, START + 2 * HOUR)


@pytest.fixture
def party() -> Iterator[Party]:
    with microsoft_party() as party:
        yield party


@pytest.fixture
def peer(party: Party) -> MicrosoftPeer:
    return cast("MicrosoftPeer", party.peer)


def create(party: Party, told: CopyContent | None = None) -> CopyRef:
    return party.provider.create_copy(party.account, told or content(), timeout=TIMEOUT)


def update(party: Party, ref: CopyRef, told: CopyContent) -> CopyRef:
    return party.provider.update_copy(party.account, ref, told, timeout=TIMEOUT)


def delete(party: Party, ref: CopyRef | None) -> None:
    party.provider.delete_copy(party.account, ref, key=content().key, timeout=TIMEOUT)


def asked(peer: MicrosoftPeer) -> list[tuple[str, Any]]:
    return [(each.request.method, each.sent) for each in peer.transport.exchanges]


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


def test_an_update_finds_a_copy_whose_id_has_changed(party: Party, peer: MicrosoftPeer) -> None:
    made = create(party)
    peer.item(made.external_id).generation += 1

    moved = update(party, made, content(interval=LATER))

    assert made.external_id != moved.external_id
    assert [moved.external_id] == list(peer.items())


def test_a_delete_finds_a_copy_whose_id_has_changed(party: Party, peer: MicrosoftPeer) -> None:
    made = create(party)
    peer.item(made.external_id).generation += 1

    delete(party, made)

    assert {} == peer.items()


def test_a_copy_the_user_moved_to_another_calendar_is_updated_there(
    party: Party, peer: MicrosoftPeer
) -> None:
    made = create(party)
    peer.mailbox.calendars["work/2"] = "Work"
    peer.item(made.external_id).calendar_id = "work/2"

    update(party, made, content(title="Renamed"))

    assert "Renamed" == peer.item(made.external_id).fields["subject"]
    assert {} == peer.items()


@pytest.mark.parametrize("known", [True, False])
def test_a_copy_the_user_moved_to_another_calendar_is_deleted_there(
    party: Party,
    peer: MicrosoftPeer,
    known: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    made = create(party)
    peer.mailbox.calendars["work/2"] = "Work"
    peer.item(made.external_id).calendar_id = "work/2"

    delete(party, made if known else None)

    assert [] == peer.mailbox.events()


def test_moving_an_online_meeting_leaves_the_way_into_it(party: Party, peer: MicrosoftPeer) -> None:
    made = create(party)
    as_meeting(peer.item(made.external_id), "https://teams.example/1")

    update(party, made, content(interval=LATER, description="Coach: Kim, an hour later"))

    patches = [sent for method, sent in asked(peer) if method == "PATCH"]
    assert [{"start", "end", "isAllDay"}] == [set(each) for each in patches]
    assert peer.item(made.external_id).fields["onlineMeeting"] is not None


def test_an_update_that_changes_nothing_writes_nothing(party: Party, peer: MicrosoftPeer) -> None:
    made = create(party)

    again = update(party, made, content(sequence=3))

    assert made == again
    assert "PATCH" not in [method for method, _ in asked(peer)]


def test_writing_is_conditional_and_a_change_by_the_user_is_merged(
    party: Party, peer: MicrosoftPeer
) -> None:
    made = create(party)
    stale = graph_error(412, "ErrorIrresolvableConflict")
    peer.simulator.break_next(stale, method="PATCH")

    update(party, made, content(title="Renamed"))

    patches = [e.request for e in peer.transport.exchanges if e.request.method == "PATCH"]
    assert [made.etag] * 2 == [each.headers["if-match"] for each in patches]
    assert "Renamed" == peer.item(made.external_id).fields["subject"]


def test_a_copy_that_never_holds_still_is_worth_another_try(
    party: Party, peer: MicrosoftPeer
) -> None:
    made = create(party)
    peer.simulator.break_next(graph_error(412, "x"), method="PATCH", times=9)

    with pytest.raises(ProviderUnavailable):
        update(party, made, content(title="Renamed"))


def test_a_copy_deleted_between_reading_and_writing_is_gone(
    party: Party, peer: MicrosoftPeer
) -> None:
    made = create(party)
    peer.simulator.break_next(graph_error(404, "ErrorItemNotFound"), method="PATCH")

    with pytest.raises(CopyGone):
        update(party, made, content(title="Renamed"))


def test_a_copy_deleted_while_it_is_adopted_is_worth_another_try(
    party: Party, peer: MicrosoftPeer
) -> None:
    create(party)
    peer.simulator.break_next(graph_error(404, "ErrorItemNotFound"), method="PATCH")

    with pytest.raises(ProviderUnavailable):
        create(party, content(title="Renamed"))


def test_a_copy_deleted_while_it_is_merged_is_gone(party: Party, peer: MicrosoftPeer) -> None:
    made = create(party)
    create(party)
    listed = peer.transport.exchanges[-1].received
    peer.simulator.break_next(graph_error(412, "x"), method="PATCH")
    peer.simulator.break_next({"status": 200, "body": listed}, method="GET")
    peer.mailbox.trash(peer.item(made.external_id))

    with pytest.raises(CopyGone):
        update(party, made, content(title="Renamed"))

    assert ["GET", "PATCH", "GET", "GET"] == [method for method, _ in asked(peer)][-4:]


def test_a_copy_the_user_cancelled_is_gone(party: Party, peer: MicrosoftPeer) -> None:
    made = create(party)
    peer.item(made.external_id).fields["isCancelled"] = True

    with pytest.raises(CopyGone):
        update(party, made, content(title="Renamed"))


def test_what_the_user_changed_besides_is_never_sent_back(
    party: Party, peer: MicrosoftPeer
) -> None:
    made = create(party)
    peer.change(made.external_id, showAs="free", isReminderOn=False, sensitivity="private")

    update(party, made, content(title="Renamed"))

    fields = peer.item(made.external_id).fields
    assert ("free", False, "private") == (
        fields["showAs"],
        fields["isReminderOn"],
        fields["sensitivity"],
    )
    assert {"subject": "Renamed"} == asked(peer)[-1][1]


def test_no_step_of_a_copys_life_mails_anybody(party: Party, peer: MicrosoftPeer) -> None:
    made = create(party)
    update(party, made, content(interval=LATER))
    delete(party, made)

    assert [] == peer.simulator.mails
    assert {"GET", "POST", "PATCH", "DELETE"} == {method for method, _ in asked(peer)}


def test_the_simulator_would_notice_mail(peer: MicrosoftPeer) -> None:
    guest = {"emailAddress": {"address": "kay@contoso.example"}, "type": "required"}
    hour = {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"}

    peer.mailbox.create(CALENDAR_ID, {"start": hour, "end": hour, "attendees": [guest]})

    assert ["invited: kay@contoso.example"] == peer.simulator.mails


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
