"""The guests of a session over HTTP."""

from typing import Any

import pytest

from shared import wiring
from shared.domain.invite import (
    Attempt,
    DeliveryState,
    ExternalAttendee,
    GuestList,
    Invite,
    InviteKind,
    InviteMethod,
    MailContent,
)
from tests.support.api import LEARNER, ApiResponse
from tests.support.service import (
    NOW,
    User,
    admin,
    back_end,
    book,
    call_api,
    coach,
    dump,
    fresh_id,
    learner,
    no_writes,
)

pytestmark = pytest.mark.usefixtures("service")


def path(session_id: str) -> str:
    return f"/api/v1/sessions/{session_id}/external-attendees"


def put(who: User, session_id: str, attendees: Any, kind: str = "coaching") -> ApiResponse:
    query = {"sessionType": kind}
    return call_api("PUT", path(session_id), who, query=query, body={"attendees": attendees})


def get(who: User, session_id: str) -> ApiResponse:
    return call_api("GET", path(session_id), who)


def emails(who: User, session_id: str) -> list[str]:
    return [each["email"] for each in get(who, session_id).data["attendees"]]


def test_guests_are_stored_and_returned_as_given() -> None:
    who, session_id = coach(), fresh_id()
    attendees = ["Ada@Example.org", {"email": "bob@example.org", "name": "Bob 🗓"}]

    stored = put(who, session_id, attendees, "group")

    assert stored.status == 200
    assert stored.data == {
        "sessionId": session_id,
        "sessionType": "group",
        "attendees": [
            {
                "email": "Ada@example.org",
                "name": None,
                "addedAt": "2026-11-23T08:00:00Z",
                "inviteStatus": "pending",
            },
            {
                "email": "bob@example.org",
                "name": "Bob 🗓",
                "addedAt": "2026-11-23T08:00:00Z",
                "inviteStatus": "pending",
            },
        ],
    }
    assert stored.data == get(who, session_id).data


def test_the_same_address_counts_once_regardless_of_case() -> None:
    who, session_id = coach(), fresh_id()

    data = put(who, session_id, ["a@example.org", "A@EXAMPLE.ORG", {"email": "b@example.org"}]).data

    assert [each["email"] for each in data["attendees"]] == ["a@example.org", "b@example.org"]


def test_the_guest_list_is_replaced_as_a_whole() -> None:
    who, session_id = coach(), fresh_id()
    put(who, session_id, ["a@example.org", "b@example.org"])

    replaced = put(who, session_id, ["c@example.org"]).data
    emptied = put(who, session_id, []).data

    assert [each["email"] for each in replaced["attendees"]] == ["c@example.org"]
    assert emptied["attendees"] == []


def test_an_unchanged_guest_list_is_not_written() -> None:
    who, session_id = coach(), fresh_id()
    first = put(who, session_id, ["a@example.org"]).data

    with no_writes():
        again = put(who, session_id, ["a@example.org"]).data

    assert first == again


def test_up_to_a_hundred_guests_may_be_invited() -> None:
    who, session_id = coach(), fresh_id()
    many = [f"guest{n}@example.org" for n in range(101)]

    assert len(put(who, session_id, many[:100]).data["attendees"]) == 100
    assert put(who, session_id, many).status == 400


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ("no-address", "attendees.3"),
        ({"email": "no-address"}, "attendees.3.email"),
        ({"name": "Ada"}, "attendees.3.email"),
        (7, "attendees.3"),
    ],
)
def test_an_invalid_address_is_reported_by_its_index_and_changes_nothing(
    bad: Any, field: str
) -> None:
    who, session_id = coach(), fresh_id()
    good = ["a@example.org", "b@example.org", "c@example.org"]

    with no_writes():
        response = put(who, session_id, [*good, bad])

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert [each["field"] for each in response.json["error"]["details"]] == [field]
    assert get(who, session_id).data["attendees"] == []


@pytest.mark.parametrize("query", [None, {"sessionType": ""}, {"sessionType": "party"}])
def test_the_session_type_must_be_one_of_two(query: Any) -> None:
    response = call_api("PUT", path(fresh_id()), coach(), query=query, body={"attendees": []})

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert [each["field"] for each in response.json["error"]["details"]] == ["sessionType"]


def test_without_an_event_admin_and_every_coach_may_prepare_a_session() -> None:
    people = [coach(), admin(), back_end(), learner(), User(fresh_id(), ())]

    written = [put(each, fresh_id(), ["a@example.org"]) for each in people]
    read = [get(each, fresh_id()).status for each in people]

    assert [each.status for each in written] == [200, 200, 200, 403, 403]
    assert {(each.code, each.json["message"][:25]) for each in written[3:]} == {
        ("FORBIDDEN", "Rule guests.prepare: only")
    }
    assert read == [200, 200, 200, 404, 404]


def test_a_prepared_list_may_be_replaced_by_its_preparer_and_admins_only() -> None:
    session_id, who = fresh_id(), coach()
    put(who, session_id, ["a@example.org"])
    before = dump()

    rejected = put(coach(), session_id, ["spy@example.org"])
    unchanged = before == dump()
    by_preparer = put(who, session_id, ["b@example.org"])
    by_service = put(back_end(), session_id, ["c@example.org"])
    by_first_preparer = put(who, session_id, ["d@example.org"])

    assert (rejected.status, rejected.code, unchanged) == (403, "FORBIDDEN", True)
    assert [each.status for each in (by_preparer, by_service, by_first_preparer)] == [200, 200, 403]
    assert emails(admin(), session_id) == ["c@example.org"]


def test_a_list_that_another_coach_has_prepared_looks_like_none() -> None:
    session_id, unused, who = fresh_id(), fresh_id(), coach()
    put(who, session_id, ["client@bank.example"], "group")

    prepared, nothing = get(coach(), session_id), get(coach(), unused)

    assert prepared.status == nothing.status == 200
    assert prepared.data == {**nothing.data, "sessionId": session_id}
    assert emails(who, session_id) == emails(admin(), session_id) == ["client@bank.example"]


def test_a_list_stored_before_preparers_were_recorded_belongs_to_admins() -> None:
    session_id = fresh_id()
    old = ExternalAttendee(email="old@example.org", name=None, added_at=NOW)
    wiring.invite_store().save_guest_list(
        GuestList(session_id=session_id, session_type="coaching", attendees=(old,))
    )

    assert emails(coach(), session_id) == []
    assert put(coach(), session_id, []).status == 403
    assert emails(admin(), session_id) == ["old@example.org"]


def test_with_an_event_only_its_coaches_and_admins_may_access_the_guests() -> None:
    who, other = coach(), learner()
    session_id = book(who, who.id, other.id)["id"]
    people = [who, admin(), back_end(), other, coach(), learner()]

    written = [put(each, session_id, ["a@example.org"]) for each in people]
    read = [get(each, session_id).status for each in people]

    assert [each.status for each in written] == [200, 200, 200, 403, 404, 404]
    assert written[3].json["message"].startswith("Rule guests: only ")
    assert read == [200, 200, 200, 403, 404, 404]


@pytest.mark.parametrize("roles", [(LEARNER,), ()])
def test_a_coach_needs_the_role_in_the_token_too(roles: tuple[str, ...]) -> None:
    who = coach()
    session_id = book(who, who.id, learner().id)["id"]

    assert get(User(who.id, roles), session_id).status == 404
    assert put(User(who.id, roles), session_id, ["a@example.org"]).status == 404


@pytest.mark.parametrize("as_admin", [False, True], ids=["coach of the session", "service"])
def test_guests_prepared_by_its_people_belong_to_the_event(*, as_admin: bool) -> None:
    who, session_id = coach(), fresh_id()
    put(back_end() if as_admin else who, session_id, ["a@example.org"], "group")
    book(who, who.id, learner().id, sessionId=session_id)

    data = get(who, session_id).data

    assert (data["sessionType"], len(data["attendees"])) == ("group", 1)


def test_guests_that_another_coach_planted_do_not_belong_to_the_event() -> None:
    spy, who, session_id = coach(), coach(), fresh_id()
    put(spy, session_id, ["spy@example.org"], "group")
    book(who, who.id, learner().id, sessionId=session_id)

    planted = get(who, session_id)
    by_spy = put(spy, session_id, ["spy@example.org"])
    replaced = put(who, session_id, ["a@example.org"])

    assert planted.data == {"sessionId": session_id, "sessionType": "coaching", "attendees": []}
    assert by_spy.status == 404
    assert [each["email"] for each in replaced.data["attendees"]] == ["a@example.org"]
    assert emails(who, session_id) == ["a@example.org"]


def test_guests_of_a_pending_event_do_not_belong_to_the_one_that_replaces_it() -> None:
    spy, who, other, session_id = coach(), coach(), learner(), fresh_id()
    book(spy, spy.id, other.id, sessionId=session_id, autoApproval=False)
    put(spy, session_id, ["spy@example.org"])

    book(back_end(), who.id, other.id, sessionId=session_id)

    assert emails(who, session_id) == []
    assert get(spy, session_id).status == 404


@pytest.mark.parametrize(("learners", "kind"), [(1, "coaching"), (2, "group")])
def test_a_session_without_guests_has_the_type_of_its_event(learners: int, kind: str) -> None:
    who = coach()
    event = book(who, who.id, [learner().id for _ in range(learners)])

    assert get(who, event["id"]).data == {
        "sessionId": event["id"],
        "sessionType": kind,
        "attendees": [],
    }


@pytest.mark.parametrize(
    ("method", "status"),
    [(InviteMethod.REQUEST, "delivered"), (InviteMethod.CANCEL, "pending")],
)
def test_a_guest_is_returned_with_the_status_of_their_invitation(
    method: InviteMethod, status: str
) -> None:
    who = coach()
    session_id = book(who, who.id, learner().id)["sessionId"]
    put(who, session_id, ["a@example.org"])
    attempt = Attempt(
        number=1,
        content=MailContent(method=method, sequence=0, digest="digest"),
        status=DeliveryState.DELIVERED,
        updated_at=NOW,
    )
    wiring.invite_store().save_invite(
        Invite(
            event_id=session_id,
            address="A@example.org",
            kind=InviteKind.EXTERNAL,
            attempts=(attempt,),
        )
    )

    (guest,) = get(who, session_id).data["attendees"]

    assert status == guest["inviteStatus"]
