"""The life of a copy at Microsoft, where it differs from everybody else's."""

from datetime import timedelta

import pytest

from infra.local.simulators.microsoft_events import as_meeting
from infra.local.simulators.microsoft_mailbox import CALENDAR_ID
from shared.domain.errors import CopyGone, ProviderUnavailable
from shared.domain.interval import Interval
from tests.support.copies import create, delete, update
from tests.support.microsoft_peer import MicrosoftPeer, asked, graph_error
from tests.support.provider_peers import START, Party, content

HOUR = timedelta(hours=1)
LATER = Interval(START + HOUR, START + 2 * HOUR)


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
