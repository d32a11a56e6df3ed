"""The status of invitations over HTTP, and resending them."""

from collections.abc import Iterator, Mapping
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
    invite_id,
)
from tests.support.api import ApiResponse
from tests.support.service import (
    NOW,
    User,
    admin,
    book,
    call_api,
    coach,
    dump,
    fresh_id,
    installed,
    learner,
    no_writes,
    session_body,
)

EVENTS = "/api/v1/events"


@pytest.fixture(autouse=True, scope="module")
def _service(environment: Mapping[str, str]) -> Iterator[None]:
    """The functions of a stack that sends mail."""
    with installed({**environment, "MAIL_SENDER": "Sessions <sessions@mail.example>"}):
        yield


@pytest.fixture
def who() -> User:
    """The coach of the sessions."""
    return coach()


@pytest.fixture
def event_id(who: User) -> str:
    """A session with two guests and a learner who has an address."""
    other = learner()
    contacts = [{"userId": other.id, "email": "lea@example.org", "name": "Lea"}]
    event = book(who, who.id, other.id, contacts=contacts)
    guests = {"attendees": ["gus@example.org", "Hal@example.org"]}
    path = f"/api/v1/sessions/{event['id']}/external-attendees"
    assert call_api("PUT", path, who, query={"sessionType": "group"}, body=guests).status == 200
    return str(event["id"])


def mailed(
    event_id: str, address: str, status: DeliveryState, *, bounce_type: str | None = None
) -> Invite:
    """Record that an address was mailed, and the delivery status."""
    content = MailContent(method=InviteMethod.REQUEST, sequence=0, digest="digest")
    attempt = Attempt(
        number=1,
        content=content,
        status=status,
        message_id=fresh_id("m"),
        bounce_type=bounce_type,
        diagnostic="550 unknown" if bounce_type else None,
        updated_at=NOW,
    )
    invite = Invite(
        event_id=event_id, address=address, kind=InviteKind.EXTERNAL, attempts=(attempt,)
    )
    return wiring.invite_store().save_invite(invite)


def status(who: User, event_id: str) -> ApiResponse:
    return call_api("GET", f"{EVENTS}/{event_id}/invite-status", who)


def resend(who: User, event_id: str, body: Any = None) -> ApiResponse:
    return call_api("POST", f"{EVENTS}/{event_id}/resend-invites", who, body=body)


def is_resend_requested(event_id: str, address: str) -> bool:
    stored = wiring.invite_store().invite(event_id, invite_id(address))
    return stored is not None and stored.resend


def test_all_mail_recipients_are_listed_before_the_first_mail_is_sent(
    who: User, event_id: str
) -> None:
    data = status(who, event_id).data

    assert (event_id, {"pending": 3}) == (data["eventId"], data["summary"])
    assert {
        "email": "lea@example.org",
        "name": "Lea",
        "kind": "participant",
        "status": "pending",
        "attempts": 0,
        "messageId": None,
        "bounceType": None,
        "diagnostic": None,
        "updatedAt": None,
    } in data["recipients"]


def test_each_mail_is_listed_with_its_delivery_status(who: User, event_id: str) -> None:
    sent = mailed(event_id, "gus@example.org", DeliveryState.BOUNCED, bounce_type="Permanent/x")

    data = status(who, event_id).data

    assert data["summary"] == {"pending": 2, "bounced": 1}
    assert sent.newest is not None
    assert {
        "email": "gus@example.org",
        "name": None,
        "kind": "external",
        "status": "bounced",
        "attempts": 1,
        "messageId": sent.newest.message_id,
        "bounceType": "Permanent/x",
        "diagnostic": "550 unknown",
        "updatedAt": "2026-11-23T08:00:00Z",
    } in data["recipients"]


def test_a_cancelled_event_lists_only_recipients_who_were_mailed(who: User, event_id: str) -> None:
    mailed(event_id, "gus@example.org", DeliveryState.DELIVERED)
    call_api("POST", f"{EVENTS}/cancel", who, body={"sessionId": event_id})

    assert status(who, event_id).data["summary"] == {"delivered": 1}


def test_by_default_only_failed_mail_is_resent(who: User, event_id: str) -> None:
    mailed(event_id, "gus@example.org", DeliveryState.BOUNCED)
    mailed(event_id, "hal@example.org", DeliveryState.DELIVERED)

    data = resend(who, event_id).data

    assert (event_id, ["gus@example.org"]) == (data["eventId"], data["resent"])
    assert {"lea@example.org", "hal@example.org"} == {each["email"] for each in data["skipped"]}
    assert all(each["reason"] for each in data["skipped"])
    assert is_resend_requested(event_id, "gus@example.org")
    assert not is_resend_requested(event_id, "hal@example.org")


@pytest.mark.parametrize("state", ["bounced", "complaint", "rejected", "failed"])
def test_each_kind_of_failed_delivery_is_resent(who: User, event_id: str, state: str) -> None:
    mailed(event_id, "gus@example.org", DeliveryState(state))

    assert resend(who, event_id, {}).data["resent"] == ["gus@example.org"]


def test_named_recipients_are_mailed_again_whatever_the_case_and_status(
    who: User, event_id: str
) -> None:
    mailed(event_id, "gus@example.org", DeliveryState.BOUNCED)
    mailed(event_id, "hal@example.org", DeliveryState.DELIVERED)

    body = {"recipients": ["HAL@example.org", "hal@example.org"]}

    assert resend(who, event_id, body).data["resent"] == ["hal@example.org"]
    assert not is_resend_requested(event_id, "gus@example.org")


def test_force_resends_to_every_recipient_who_was_mailed(who: User, event_id: str) -> None:
    mailed(event_id, "gus@example.org", DeliveryState.SENT)
    mailed(
        event_id,
        "hal@example.org",
        DeliveryState.BOUNCED,
        bounce_type="Permanent/OnAccountSuppressionList",
    )

    data = resend(who, event_id, {"force": True}).data

    assert {"gus@example.org", "hal@example.org"} == set(data["resent"])
    assert ["lea@example.org"] == [each["email"] for each in data["skipped"]]


def test_an_address_on_the_suppression_list_is_skipped_unless_named(
    who: User, event_id: str
) -> None:
    suppressed = "Permanent/OnAccountSuppressionList"
    mailed(event_id, "gus@example.org", DeliveryState.BOUNCED, bounce_type=suppressed)

    by_default = resend(who, event_id).data
    named = resend(who, event_id, {"recipients": ["gus@example.org"]}).data

    assert by_default["resent"] == []
    assert named["resent"] == ["gus@example.org"]


def test_resending_again_before_the_mail_is_sent_changes_nothing(who: User, event_id: str) -> None:
    mailed(event_id, "gus@example.org", DeliveryState.BOUNCED)
    first = resend(who, event_id).data
    before = dump()

    with no_writes():
        again = resend(who, event_id).data

    assert first == again
    assert before == dump()


def test_an_address_the_event_does_not_invite_is_rejected_by_its_index(
    who: User, event_id: str
) -> None:
    mailed(event_id, "gus@example.org", DeliveryState.BOUNCED)
    body = {"recipients": ["gus@example.org", "eve@example.org"]}

    with no_writes():
        response = resend(who, event_id, body)

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert [each["field"] for each in response.json["error"]["details"]] == ["recipients.1"]


def test_a_pending_or_cancelled_event_resends_nothing(who: User) -> None:
    body = session_body(who.id, learner().id, autoApproval=False)
    call_api("POST", EVENTS, who, body=body)
    ref = {"sessionId": body["sessionId"]}

    pending = resend(who, body["sessionId"])
    call_api("POST", f"{EVENTS}/cancel", who, body=ref)
    cancelled = resend(who, body["sessionId"])

    assert [(409, "NOT_SCHEDULED")] * 2 == [
        (each.status, each.code) for each in (pending, cancelled)
    ]


def test_only_participants_and_admins_see_and_resend_invitations(who: User, event_id: str) -> None:
    people = [coach(), learner(), admin(), who]

    seen = [status(each, event_id).status for each in people]
    sent = [resend(each, event_id).status for each in people]

    assert seen == [404, 404, 200, 200]
    assert sent == [404, 404, 200, 200]


def test_another_users_event_looks_like_an_unknown_one(event_id: str) -> None:
    stranger, unknown = coach(), fresh_id()

    for request in (status, resend):
        foreign, missing = request(stranger, event_id), request(stranger, unknown)
        assert (foreign.status, foreign.code) == (404, "NOT_FOUND")
        assert foreign.json["message"].replace(event_id, unknown) == missing.json["message"]
