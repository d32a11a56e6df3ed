from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from infra.local.simulators.google_calendar import BASE
from shared.domain.copy import CopyRef
from shared.domain.errors import CopyGone, ProviderRefused, ProviderUnavailable
from shared.domain.interval import Interval
from shared.providers.google.calendar import GoogleCalendar
from shared.providers.google.payload import GENERATIONS, ids_of
from shared.providers.http import Http
from tests.support.google_discovery import CheckedTransport
from tests.support.google_peer import GooglePeer, google_error
from tests.support.provider_peers import CONNECTION_ID, START, Party, content

TIMEOUT = timedelta(seconds=10)
IDS = ids_of(content().key)


def create(party: Party, **changes: Any) -> CopyRef:
    return party.provider.create_copy(party.account, content(**changes), timeout=TIMEOUT)


def update(party: Party, ref: CopyRef, **changes: Any) -> CopyRef:
    return party.provider.update_copy(party.account, ref, content(**changes), timeout=TIMEOUT)


def delete(party: Party, ref: CopyRef | None) -> None:
    party.provider.delete_copy(party.account, ref, key=content().key, timeout=TIMEOUT)


def sent(peer: GooglePeer, method: str) -> list[dict[str, Any]]:
    return [each for each in peer.simulator.requests if each["method"] == method]


class Interrupted(httpx.BaseTransport):
    """Lets the user do something just before each PATCH arrives."""

    def __init__(self, deeds: Iterator[Callable[[], None]]) -> None:
        self._deeds = deeds
        self._inner = CheckedTransport(BASE)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            next(self._deeds, lambda: None)()
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@contextmanager
def interrupted(party: Party, *deeds: Callable[[], None]) -> Iterator[Party]:
    """The same Google, with a user who is quick."""
    assert isinstance(party.peer, GooglePeer)
    url = party.peer.simulator.environment["GOOGLE_CALENDAR_URL"]
    http = Http(Interrupted(iter(deeds)))
    try:
        yield Party(GoogleCalendar(url, http=http), party.account, party.peer)
    finally:
        http.close()


def test_a_copy_is_made_under_its_key(party: Party) -> None:
    assert content().key == create(party).external_id


def test_nobody_is_mailed_and_no_write_leaves_that_open(party: Party, peer: GooglePeer) -> None:
    ref = create(party)
    peer.change(ref.external_id, attendees=[{"email": "friend@example.com"}])
    update(party, ref, title="Renamed")
    delete(party, ref)

    writes = [each for each in peer.simulator.requests if each["method"] != "GET"]
    assert ["none"] * 3 == [each["query"].get("sendUpdates") for each in writes]
    assert [] == peer.simulator.api.mails


def test_a_copy_has_no_guests_and_no_organizer_of_ours(party: Party, peer: GooglePeer) -> None:
    create(party)

    (insert,) = sent(peer, "POST")
    assert "attendees" not in insert["body"]
    assert "organizer" not in insert["body"]


def test_a_copy_the_user_deleted_is_made_anew_under_the_next_id(
    party: Party, peer: GooglePeer
) -> None:
    delete(party, create(party))

    ref = create(party)

    assert IDS[1] == ref.external_id
    assert [IDS[1]] == list(peer.items())


def test_making_a_later_generation_twice_makes_one_copy(party: Party, peer: GooglePeer) -> None:
    delete(party, create(party))

    assert create(party) == create(party)
    assert [IDS[1]] == list(peer.items())


def test_a_deleted_copy_google_has_forgotten_still_has_its_id(
    party: Party, peer: GooglePeer
) -> None:
    peer.simulator.break_next(google_error(409, "duplicate"), method="POST")

    assert IDS[1] == create(party).external_id


def test_a_copy_deleted_too_often_is_given_up(party: Party, peer: GooglePeer) -> None:
    for _ in range(GENERATIONS):
        delete(party, create(party))

    with pytest.raises(ProviderRefused):
        create(party)

    assert {} == peer.items()


def test_a_later_generation_is_deleted_by_key(party: Party, peer: GooglePeer) -> None:
    delete(party, create(party))
    create(party)

    delete(party, None)

    assert {} == peer.items()


def test_a_copy_the_user_cancelled_is_gone_to_an_update(party: Party, peer: GooglePeer) -> None:
    ref = create(party)
    peer.change(ref.external_id, status="cancelled")

    with pytest.raises(CopyGone):
        update(party, ref, title="Renamed")

    assert [] == sent(peer, "PATCH")


def test_an_update_sends_only_what_changed(party: Party, peer: GooglePeer) -> None:
    ref = create(party)

    update(party, ref, title="Renamed")

    (patch,) = sent(peer, "PATCH")
    assert '{"summary": "Renamed"}' == patch["body"]
    assert ref.etag == patch["headers"]["if-match"]


def test_an_update_that_changes_nothing_writes_nothing(party: Party, peer: GooglePeer) -> None:
    ref = create(party)

    assert ref == update(party, ref)
    assert [] == sent(peer, "PATCH")


def test_what_the_user_changes_meanwhile_survives(party: Party, peer: GooglePeer) -> None:
    ref = create(party)

    with interrupted(party, lambda: peer.decorate(ref.external_id)) as busy:
        update(busy, ref, title="Renamed")

    assert peer.is_decorated(ref.external_id)
    assert "Renamed" == peer.events[ref.external_id]["summary"]
    assert 2 == len(sent(peer, "PATCH"))


def test_a_copy_the_user_deletes_meanwhile_is_gone(party: Party, peer: GooglePeer) -> None:
    ref = create(party)

    with (
        interrupted(party, lambda: peer.change(ref.external_id, status="cancelled")) as deleting,
        pytest.raises(CopyGone),
    ):
        update(deleting, ref, title="Renamed")


def test_a_copy_deleted_while_it_is_created_again_is_tried_later(
    party: Party, peer: GooglePeer
) -> None:
    ref = create(party)

    with (
        interrupted(party, lambda: peer.change(ref.external_id, status="cancelled")) as deleting,
        pytest.raises(ProviderUnavailable),
    ):
        create(deleting, title="Renamed")


def test_a_copy_that_never_stops_changing_is_tried_later(party: Party, peer: GooglePeer) -> None:
    ref = create(party)

    with (
        interrupted(party, *[lambda: peer.decorate(ref.external_id)] * 9) as restless,
        pytest.raises(ProviderUnavailable),
    ):
        update(restless, ref, title="Renamed")


def test_an_online_meeting_the_user_added_survives(party: Party, peer: GooglePeer) -> None:
    ref = create(party)
    conference = {"conferenceId": "abc-defg-hij"}
    peer.change(ref.external_id, conferenceData=conference)

    update(party, ref, title="Renamed")

    assert conference == peer.events[ref.external_id]["conferenceData"]


def test_a_copy_of_another_session_is_never_written_over(party: Party, peer: GooglePeer) -> None:
    ref = create(party)
    mark = {"private": {"svc_evt": f"session-2:{CONNECTION_ID}"}}
    peer.change(ref.external_id, extendedProperties=mark)

    with pytest.raises(ProviderRefused):
        update(party, ref, title="Renamed")


def test_a_copy_that_lost_its_mark_is_ours_all_the_same(party: Party, peer: GooglePeer) -> None:
    ref = create(party)
    peer.change(ref.external_id, extendedProperties={})

    update(party, ref)

    marked = {"private": {"svc_evt": f"session-1:{CONNECTION_ID}"}}
    assert marked == peer.events[ref.external_id]["extendedProperties"]


def test_a_copy_dragged_elsewhere_comes_back(party: Party, peer: GooglePeer) -> None:
    ref = create(party)
    peer.change(ref.external_id, start={"date": "2026-03-09"}, end={"date": "2026-03-10"})

    update(party, ref)

    (entry,) = party.provider.entries(
        party.account, Interval(START, START + timedelta(hours=1)), timeout=TIMEOUT
    )
    assert (content().interval, False) == (entry.interval, entry.all_day)


def test_a_copy_is_not_made_in_a_calendar_that_is_not_there(party: Party, peer: GooglePeer) -> None:
    peer.simulator.break_next(google_error(404, "notFound"), method="POST")

    with pytest.raises(ProviderRefused):
        create(party)


@pytest.mark.parametrize("kind", ["truncate", "html"])
def test_a_create_whose_answer_cannot_be_read_is_unsettled(
    party: Party, peer: GooglePeer, kind: str
) -> None:
    peer.simulator.break_next({"kind": kind}, method="POST")

    with pytest.raises(ProviderUnavailable) as caught:
        create(party)

    assert caught.value.unsettled


@pytest.mark.parametrize("body", [{}, {"id": "abcde"}, {"id": 7, "etag": '"1"'}])
def test_an_answer_that_is_no_event_is_no_proof_of_a_copy(
    party: Party, peer: GooglePeer, body: dict[str, Any]
) -> None:
    peer.simulator.break_next({"status": 200, "body": body}, method="POST")

    with pytest.raises(ProviderUnavailable) as caught:
        create(party)

    assert caught.value.unsettled


def test_a_page_is_no_proof_that_a_copy_was_deleted(party: Party, peer: GooglePeer) -> None:
    ref = create(party)
    peer.simulator.break_next({"kind": "html"}, method="DELETE")

    with pytest.raises(ProviderUnavailable) as caught:
        delete(party, ref)

    assert caught.value.unsettled
    assert [ref.external_id] == list(peer.items())
