"""Copies in a Microsoft calendar, where they differ from other providers."""

from datetime import timedelta

import pytest

from infra.local.simulators.microsoft.events import make_online_meeting
from infra.local.simulators.microsoft.mailbox import CALENDAR_ID
from shared.domain.errors import CopyGone, ProviderUnavailable
from shared.domain.interval import Interval
from tests.support.copy_calls import create, delete, update
from tests.support.microsoft_test_server import MicrosoftTestServer, graph_error, requests_sent
from tests.support.provider_cases import START, ProviderCase, content

HOUR = timedelta(hours=1)
LATER = Interval(START + HOUR, START + 2 * HOUR)


def test_an_update_finds_a_copy_whose_id_has_changed(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    server.item(created.external_id).generation += 1

    moved = update(case, created, content(interval=LATER))

    assert created.external_id != moved.external_id
    assert [moved.external_id] == list(server.items())


def test_a_delete_finds_a_copy_whose_id_has_changed(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    server.item(created.external_id).generation += 1

    delete(case, created)

    assert {} == server.items()


def test_a_copy_the_user_moved_to_another_calendar_is_updated_there(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    server.mailbox.calendars["work/2"] = "Work"
    server.item(created.external_id).calendar_id = "work/2"

    update(case, created, content(title="Renamed"))

    assert "Renamed" == server.item(created.external_id).fields["subject"]
    assert {} == server.items()


@pytest.mark.parametrize("with_ref", [True, False])
def test_a_copy_the_user_moved_to_another_calendar_is_deleted_there(
    case: ProviderCase,
    server: MicrosoftTestServer,
    with_ref: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    created = create(case)
    server.mailbox.calendars["work/2"] = "Work"
    server.item(created.external_id).calendar_id = "work/2"

    delete(case, created if with_ref else None)

    assert [] == server.mailbox.events()


def test_moving_an_online_meeting_keeps_its_join_link(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    make_online_meeting(server.item(created.external_id), "https://teams.example/1")

    update(case, created, content(interval=LATER, description="Coach: Kim, an hour later"))

    patches = [body for method, body in requests_sent(server) if method == "PATCH"]
    assert ["Join the meeting" in each["body"]["content"] for each in patches] == [True]
    assert server.item(created.external_id).fields["onlineMeeting"] is not None


def test_an_update_that_changes_nothing_writes_nothing(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)

    again = update(case, created, content(sequence=3))

    assert created == again
    assert "PATCH" not in [method for method, _ in requests_sent(server)]


def test_writes_are_conditional_and_a_change_by_the_user_is_merged(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    stale = graph_error(412, "ErrorIrresolvableConflict")
    server.simulator.break_next(stale, method="PATCH")

    update(case, created, content(title="Renamed"))

    patches = [e.request for e in server.transport.exchanges if e.request.method == "PATCH"]
    assert [created.etag] * 2 == [each.headers["if-match"] for each in patches]
    assert "Renamed" == server.item(created.external_id).fields["subject"]


def test_a_copy_that_keeps_changing_is_retried_later(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    server.simulator.break_next(graph_error(412, "x"), method="PATCH", times=9)

    with pytest.raises(ProviderUnavailable):
        update(case, created, content(title="Renamed"))


def test_a_copy_deleted_between_read_and_write_raises_copy_gone(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    server.simulator.break_next(graph_error(404, "ErrorItemNotFound"), method="PATCH")

    with pytest.raises(CopyGone):
        update(case, created, content(title="Renamed"))


def test_a_copy_deleted_during_a_merge_raises_copy_gone(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    create(case)
    listed = server.transport.exchanges[-1].received
    server.simulator.break_next(graph_error(412, "x"), method="PATCH")
    server.simulator.break_next({"status": 200, "body": listed}, method="GET")
    server.mailbox.trash(server.item(created.external_id))

    with pytest.raises(CopyGone):
        update(case, created, content(title="Renamed"))

    assert ["PATCH", *["GET"] * 5] == [method for method, _ in requests_sent(server)][-6:]


def test_a_cancelled_copy_raises_copy_gone(case: ProviderCase, server: MicrosoftTestServer) -> None:
    created = create(case)
    server.item(created.external_id).fields["isCancelled"] = True

    with pytest.raises(CopyGone):
        update(case, created, content(title="Renamed"))


def test_other_fields_the_user_changed_are_never_sent_back(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    created = create(case)
    server.change(created.external_id, showAs="free", isReminderOn=False, sensitivity="private")

    update(case, created, content(title="Renamed"))

    fields = server.item(created.external_id).fields
    assert ("free", False, "private") == (
        fields["showAs"],
        fields["isReminderOn"],
        fields["sensitivity"],
    )
    assert {"subject": "Renamed"} == requests_sent(server)[-1][1]


def test_no_operation_on_a_copy_sends_mail(case: ProviderCase, server: MicrosoftTestServer) -> None:
    created = create(case)
    update(case, created, content(interval=LATER))
    delete(case, created)

    assert [] == server.simulator.mails
    assert {"GET", "POST", "PATCH", "DELETE"} == {method for method, _ in requests_sent(server)}


def test_the_simulator_records_mail(server: MicrosoftTestServer) -> None:
    guest = {"emailAddress": {"address": "kay@contoso.example"}, "type": "required"}
    hour = {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"}

    server.mailbox.create(CALENDAR_ID, {"start": hour, "end": hour, "attendees": [guest]})

    assert ["invited: kay@contoso.example"] == server.simulator.mails
