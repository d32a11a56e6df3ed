"""The guests of a session over HTTP."""

from typing import Any

import pytest

from shared import wiring
from shared.domain.invite import (
    Attempt,
    DeliveryState,
    Invite,
    InviteKind,
    InviteMethod,
    MailContent,
)
from tests.support.api import ApiResponse
from tests.support.service import (
    NOW,
    User,
    admin,
    book,
    call_api,
    coach,
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
    session_id = fresh_id()
    people = [coach(), admin(), learner()]

    written = [put(each, session_id, ["a@example.org"]) for each in people]
    read = [get(each, session_id).status for each in people]

    assert [each.status for each in written] == [200, 200, 403]
    assert written[2].code == "FORBIDDEN"
    assert read == [200, 200, 404]


def test_with_an_event_only_its_participants_and_admins_may_access_the_guests() -> None:
    who, other = coach(), learner()
    session_id = book(who, who.id, other.id)["id"]
    people = [who, other, admin(), coach(), learner()]

    written = [put(each, session_id, ["a@example.org"]).status for each in people]
    read = [get(each, session_id).status for each in people]

    assert written == [200, 200, 200, 404, 404]
    assert read == [200, 200, 200, 404, 404]


def test_guests_set_before_the_event_belong_to_the_event() -> None:
    who, other, session_id = coach(), learner(), fresh_id()
    put(who, session_id, ["a@example.org"], "group")
    book(who, who.id, other.id, sessionId=session_id)

    data = get(other, session_id).data

    assert (data["sessionType"], len(data["attendees"])) == ("group", 1)


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
    who, session_id = coach(), fresh_id()
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
