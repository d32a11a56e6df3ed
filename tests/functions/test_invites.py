"""The status of invitations over HTTP, and resending them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
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
    back_end,
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
WEEK = {"role": "Learner", "timezone": "UTC", "availability": {}}


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


def email_of(user: User) -> str:
    return f"{user.id}@example.org"


def group(who: User, learners: Sequence[User]) -> str:
    """Book a session with a contact for each learner, and one guest."""
    contacts = [{"userId": each.id, "email": email_of(each)} for each in learners]
    event = book(who, who.id, [each.id for each in learners], contacts=contacts)
    path = f"/api/v1/sessions/{event['id']}/external-attendees"
    body = {"attendees": ["gus@example.org"]}
    assert call_api("PUT", path, who, query={"sessionType": "group"}, body=body).status == 200
    return str(event["id"])


def mailed(
    event_id: str,
    address: str,
    status: DeliveryState,
    *,
    bounce_type: str | None = None,
    user_id: str | None = None,
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
        event_id=event_id,
        address=address,
        kind=InviteKind.EXTERNAL,
        user_id=user_id,
        attempts=(attempt,),
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
    (lea,) = [each["userId"] for each in data["recipients"] if each["userId"]]

    assert (event_id, {"pending": 3}) == (data["eventId"], data["summary"])
    assert {
        "userId": lea,
        "email": "lea@example.org",
        "name": "Lea",
        "kind": "participant",
        "status": "pending",
        "method": None,
        "attempts": 0,
        "messageId": None,
        "bounceType": None,
        "diagnostic": None,
        "updatedAt": None,
        "response": "needsAction",
        "respondedAt": None,
        "comment": None,
    } in data["recipients"]


def test_each_mail_is_listed_with_its_delivery_status(who: User, event_id: str) -> None:
    sent = mailed(event_id, "gus@example.org", DeliveryState.BOUNCED, bounce_type="Permanent/x")

    data = status(who, event_id).data

    assert data["summary"] == {"pending": 2, "bounced": 1}
    assert sent.newest is not None
    assert {
        "userId": None,
        "email": "gus@example.org",
        "name": None,
        "kind": "external",
        "status": "bounced",
        "method": "REQUEST",
        "attempts": 1,
        "messageId": sent.newest.message_id,
        "bounceType": "Permanent/x",
        "diagnostic": "550 unknown",
        "updatedAt": "2026-11-23T08:00:00Z",
        "response": "needsAction",
        "respondedAt": None,
        "comment": None,
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


@pytest.mark.parametrize("state", ["bounced", "rejected", "failed"])
def test_each_kind_of_failed_delivery_is_resent(who: User, event_id: str, state: str) -> None:
    mailed(event_id, "gus@example.org", DeliveryState(state))

    assert resend(who, event_id, {}).data["resent"] == ["gus@example.org"]


def test_a_recipient_who_complained_is_mailed_again_only_if_an_admin_names_them(
    who: User, event_id: str
) -> None:
    mailed(event_id, "gus@example.org", DeliveryState.COMPLAINT)
    bodies: list[dict[str, Any]] = [{}, {"force": True}, {"recipients": ["gus@example.org"]}]

    by_coach = [resend(who, event_id, each).data["resent"] for each in bodies]
    by_admin = [resend(admin(), event_id, each).data["resent"] for each in bodies]

    assert by_coach == [[]] * 3
    assert by_admin == [[], [], ["gus@example.org"]]


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


def test_resending_again_before_the_mail_is_sent_changes_nothing(event_id: str) -> None:
    mailed(event_id, "gus@example.org", DeliveryState.BOUNCED)
    boss = admin()  # the resends of others are counted
    first = resend(boss, event_id).data
    before = dump()

    with no_writes():
        again = resend(boss, event_id).data

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


def test_coaches_and_admins_see_and_resend_every_invitation(who: User, event_id: str) -> None:
    people = [who, admin(), back_end()]

    seen = [status(each, event_id).data["summary"] for each in people]
    sent = [resend(each, event_id).status for each in people]

    assert seen == [{"pending": 3}] * 3
    assert sent == [200] * 3


def test_a_learner_sees_the_own_row_only_and_cannot_resend(who: User) -> None:
    learners = [learner(), learner(), learner()]
    event_id = group(who, learners)
    mailed(event_id, email_of(learners[1]), DeliveryState.BOUNCED, user_id=learners[1].id)

    reports = [status(each, event_id).data for each in learners]

    assert [[row["email"] for row in each["recipients"]] for each in reports] == [
        [email_of(each)] for each in learners
    ]
    assert [each["summary"] for each in reports] == [{"pending": 1}, {"bounced": 1}, {"pending": 1}]
    with no_writes():
        rejected = resend(learners[1], event_id, {"recipients": [email_of(learners[1])]})
    assert (rejected.status, rejected.code) == (403, "FORBIDDEN")
    assert rejected.json["message"].startswith("Rule resend: only ")


def test_a_learner_of_a_one_to_one_session_sees_no_row_of_a_guest(who: User) -> None:
    other = learner()
    event_id = group(who, [other])

    assert [each["kind"] for each in status(other, event_id).data["recipients"]] == ["participant"]
    assert len(status(who, event_id).data["recipients"]) == 2


def test_a_user_finds_the_own_row_by_the_address_of_the_token(who: User) -> None:
    shared = f"{fresh_id()}@example.org"
    first, second = (replace(learner(), email=shared) for _ in "ab")
    for each in (first, second):
        call_api("PUT", "/api/v1/availability", each, body=WEEK)
    event_id = group(who, [first, second])

    rows = [status(each, event_id).data["recipients"] for each in (first, second)]

    assert [[row["email"] for row in each] for each in rows] == [[shared]] * 2


def test_the_contact_of_another_learner_shows_no_row_of_theirs(who: User) -> None:
    victim, spy = replace(learner(), email=f"{fresh_id()}@example.org"), learner()
    call_api("PUT", "/api/v1/availability", victim, body=WEEK)
    event_id = group(who, [victim, spy])
    contact = {"userId": spy.id, "email": str(victim.email)}

    changed = call_api("PUT", EVENTS, spy, body={"sessionId": event_id, "contacts": [contact]})

    assert changed.status == 200
    data = {"eventId": event_id, "summary": {}, "recipients": [], "unreachable": []}
    assert status(spy, event_id).data == data
    assert [each["email"] for each in status(victim, event_id).data["recipients"]] == [victim.email]


@pytest.mark.parametrize("roles", [(), ("Learner",)])
def test_outsiders_see_no_event(event_id: str, who: User, roles: tuple[str, ...]) -> None:
    people = [coach(), learner(), User(who.id, roles)]

    assert [status(each, event_id).status for each in people] == [404] * 3
    assert [resend(each, event_id).status for each in people] == [404] * 3


def test_a_learner_without_the_role_in_the_token_sees_the_own_row_only(who: User) -> None:
    other = learner()
    event_id = group(who, [other, learner()])

    report = status(User(other.id, ("Coach",)), event_id)

    assert [each["email"] for each in report.data["recipients"]] == [email_of(other)]
    assert resend(User(other.id, ("Coach",)), event_id).status == 403


def test_another_users_event_looks_like_an_unknown_one(event_id: str) -> None:
    stranger, unknown = coach(), fresh_id()

    for request in (status, resend):
        foreign, missing = request(stranger, event_id), request(stranger, unknown)
        assert (foreign.status, foreign.code) == (404, "NOT_FOUND")
        assert foreign.json["message"].replace(event_id, unknown) == missing.json["message"]
