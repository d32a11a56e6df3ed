from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from infra.local.simulators.google.calendar import BASE
from shared.domain.copy import CopyRef
from shared.domain.errors import CopyGone, ProviderRejected, ProviderUnavailable
from shared.domain.interval import Interval
from shared.providers.google.calendar import GoogleCalendar
from shared.providers.google.payload import GENERATIONS, event_ids
from shared.providers.http import HttpClient
from tests.support.google_discovery import DiscoveryCheckedTransport
from tests.support.google_test_server import GoogleTestServer, google_error
from tests.support.provider_cases import CONNECTION_ID, START, ProviderCase, content

TIMEOUT = timedelta(seconds=10)
IDS = event_ids(content().key)


def create(case: ProviderCase, **changes: Any) -> CopyRef:
    return case.provider.create_copy(case.account, content(**changes), timeout=TIMEOUT)


def update(case: ProviderCase, ref: CopyRef, **changes: Any) -> CopyRef:
    return case.provider.update_copy(case.account, ref, content(**changes), timeout=TIMEOUT)


def delete(case: ProviderCase, ref: CopyRef | None) -> None:
    case.provider.delete_copy(case.account, ref, key=content().key, timeout=TIMEOUT)


def requests_sent(server: GoogleTestServer, method: str) -> list[dict[str, Any]]:
    return [each for each in server.simulator.requests if each["method"] == method]


class InterruptingTransport(httpx.BaseTransport):
    """Runs the next action just before each PATCH is sent."""

    def __init__(self, actions: Iterator[Callable[[], None]]) -> None:
        self._actions = actions
        self._inner = DiscoveryCheckedTransport(BASE)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            next(self._actions, lambda: None)()
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@contextmanager
def with_interruptions(case: ProviderCase, *actions: Callable[[], None]) -> Iterator[ProviderCase]:
    """Return the same Google with one action of the user before each PATCH."""
    assert isinstance(case.server, GoogleTestServer)
    url = case.server.simulator.environment["GOOGLE_CALENDAR_URL"]
    http = HttpClient(InterruptingTransport(iter(actions)))
    try:
        yield ProviderCase(GoogleCalendar(url, http=http), case.account, case.server)
    finally:
        http.close()


def test_a_copy_is_created_with_its_key_as_id(case: ProviderCase) -> None:
    assert content().key == create(case).external_id


def test_every_write_turns_mail_off(case: ProviderCase, server: GoogleTestServer) -> None:
    ref = create(case)
    server.change(ref.external_id, attendees=[{"email": "friend@example.com"}])
    update(case, ref, title="Renamed")
    delete(case, ref)

    writes = [each for each in server.simulator.requests if each["method"] != "GET"]
    assert ["none"] * 3 == [each["query"].get("sendUpdates") for each in writes]
    assert [] == server.simulator.api.mails


def test_a_copy_has_no_attendees_and_no_organizer(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    create(case)

    (insert,) = requests_sent(server, "POST")
    assert "attendees" not in insert["body"]
    assert "organizer" not in insert["body"]


def test_a_copy_the_user_deleted_is_created_again_with_the_next_id(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    delete(case, create(case))

    ref = create(case)

    assert IDS[1] == ref.external_id
    assert [IDS[1]] == list(server.items())


def test_creating_a_later_generation_twice_creates_one_copy(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    delete(case, create(case))

    assert create(case) == create(case)
    assert [IDS[1]] == list(server.items())


def test_the_id_of_a_deleted_copy_google_no_longer_returns_is_taken(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    server.simulator.break_next(google_error(409, "duplicate"), method="POST")

    assert IDS[1] == create(case).external_id


def test_a_copy_deleted_too_often_is_rejected(case: ProviderCase, server: GoogleTestServer) -> None:
    for _ in range(GENERATIONS):
        delete(case, create(case))

    with pytest.raises(ProviderRejected):
        create(case)

    assert {} == server.items()


def test_a_later_generation_is_deleted_by_key(case: ProviderCase, server: GoogleTestServer) -> None:
    delete(case, create(case))
    create(case)

    delete(case, None)

    assert {} == server.items()


def test_updating_a_copy_the_user_cancelled_raises_copy_gone(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)
    server.change(ref.external_id, status="cancelled")

    with pytest.raises(CopyGone):
        update(case, ref, title="Renamed")

    assert [] == requests_sent(server, "PATCH")


def test_an_update_sends_only_what_changed(case: ProviderCase, server: GoogleTestServer) -> None:
    ref = create(case)

    update(case, ref, title="Renamed")

    (patch,) = requests_sent(server, "PATCH")
    assert '{"summary": "Renamed"}' == patch["body"]
    assert ref.etag == patch["headers"]["if-match"]


def test_an_update_that_changes_nothing_writes_nothing(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)

    assert ref == update(case, ref)
    assert [] == requests_sent(server, "PATCH")


def test_a_concurrent_change_by_the_user_is_kept(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)

    with with_interruptions(case, lambda: server.decorate(ref.external_id)) as interrupted_case:
        update(interrupted_case, ref, title="Renamed")

    assert server.is_decorated(ref.external_id)
    assert "Renamed" == server.events[ref.external_id]["summary"]
    assert 2 == len(requests_sent(server, "PATCH"))


def test_a_copy_deleted_during_an_update_raises_copy_gone(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)

    with (
        with_interruptions(
            case, lambda: server.change(ref.external_id, status="cancelled")
        ) as interrupted_case,
        pytest.raises(CopyGone),
    ):
        update(interrupted_case, ref, title="Renamed")


def test_a_copy_deleted_while_it_is_created_again_is_retried_later(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)

    with (
        with_interruptions(
            case, lambda: server.change(ref.external_id, status="cancelled")
        ) as interrupted_case,
        pytest.raises(ProviderUnavailable),
    ):
        create(interrupted_case, title="Renamed")


def test_a_copy_that_keeps_changing_is_retried_later(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)

    with (
        with_interruptions(
            case, *[lambda: server.decorate(ref.external_id)] * 9
        ) as interrupted_case,
        pytest.raises(ProviderUnavailable),
    ):
        update(interrupted_case, ref, title="Renamed")


def test_an_online_meeting_added_by_the_user_is_kept(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)
    conference = {"conferenceId": "abc-defg-hij"}
    server.change(ref.external_id, conferenceData=conference)

    update(case, ref, title="Renamed")

    assert conference == server.events[ref.external_id]["conferenceData"]


def test_a_copy_of_another_session_is_never_overwritten(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)
    mark = {"private": {"svc_evt": f"session-2:{CONNECTION_ID}"}}
    server.change(ref.external_id, extendedProperties=mark)

    with pytest.raises(ProviderRejected):
        update(case, ref, title="Renamed")


def test_a_copy_without_its_mark_is_still_an_own_copy(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)
    server.change(ref.external_id, extendedProperties={})

    update(case, ref)

    marked = server.events[ref.external_id]["extendedProperties"]["private"]
    assert f"session-1:{CONNECTION_ID}" == marked["svc_evt"]


def test_a_copy_moved_to_another_date_is_moved_back(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)
    server.change(ref.external_id, start={"date": "2026-03-09"}, end={"date": "2026-03-10"})

    update(case, ref)

    (entry,) = case.provider.entries(
        case.account, Interval(START, START + timedelta(hours=1)), timeout=TIMEOUT
    )
    assert (content().interval, False) == (entry.interval, entry.all_day)


def test_a_copy_in_a_missing_calendar_is_rejected(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    server.simulator.break_next(google_error(404, "notFound"), method="POST")

    with pytest.raises(ProviderRejected):
        create(case)


@pytest.mark.parametrize("kind", ["truncate", "html"])
def test_a_create_with_an_unreadable_response_is_unsettled(
    case: ProviderCase, server: GoogleTestServer, kind: str
) -> None:
    server.simulator.break_next({"kind": kind}, method="POST")

    with pytest.raises(ProviderUnavailable) as caught:
        create(case)

    assert caught.value.unsettled


@pytest.mark.parametrize("body", [{}, {"id": "abcde"}, {"id": 7, "etag": '"1"'}])
def test_a_response_that_is_not_an_event_leaves_the_create_unsettled(
    case: ProviderCase, server: GoogleTestServer, body: dict[str, Any]
) -> None:
    server.simulator.break_next({"status": 200, "body": body}, method="POST")

    with pytest.raises(ProviderUnavailable) as caught:
        create(case)

    assert caught.value.unsettled


def test_a_web_page_leaves_the_delete_unsettled(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    ref = create(case)
    server.simulator.break_next({"kind": "html"}, method="DELETE")

    with pytest.raises(ProviderUnavailable) as caught:
        delete(case, ref)

    assert caught.value.unsettled
    assert [ref.external_id] == list(server.items())
