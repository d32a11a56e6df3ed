"""The requests of the access tests to routes whose rules are about a session."""

from typing import Any

from infra.access import AccessRule
from shared.domain.policy import Right
from shared.domain.time_policy import TimeQuestion
from tests.support import access_requests as requests
from tests.support.access_case import AccessCase
from tests.support.access_requests import EVENTS, GUEST, GUESTS, Prepare

_FORCED = {"allowConflicts": True}


def _create(owner: str, right: Right, *more: Right, note: str = "", **changes: Any) -> AccessCase:
    prepare = requests.creation(owner=owner, **changes)
    return _case("POST", EVENTS, (right, *more), prepare, f"owner {owner}{note}")


def _change(prepare: Prepare, *rules: Right, note: str) -> AccessCase:
    return _case("PUT", EVENTS, rules, prepare, note)


def _case(
    method: str,
    path: str,
    rules: tuple[AccessRule, ...],
    prepare: Prepare,
    note: str = "",
    **others: Any,
) -> AccessCase:
    return AccessCase(method, path, rules, prepare, note, by_session=True, **others)


SESSION_ROWS: tuple[AccessCase, ...] = (
    _create("ADMIN", Right.CREATE_AS_ADMIN),
    _create("COACH", Right.CREATE_AS_COACH),
    _create("COACHEE", Right.CREATE_AS_LEARNER),
    _create(
        "COACH", Right.CREATE_AS_COACH, Right.AUTO_APPROVE, note=", approved", autoApproval=True
    ),
    _create(
        "COACHEE", Right.CREATE_AS_LEARNER, Right.AUTO_APPROVE, note=", approved", autoApproval=True
    ),
    _create("COACH", Right.CREATE_AS_COACH, Right.ALLOW_CONFLICTS, note=", forced", **_FORCED),
    _create(
        "COACHEE",
        Right.CREATE_AS_LEARNER,
        Right.EDIT_CONTACTS,
        note=", contacts of others",
        contact=True,
    ),
    _case(
        "POST", EVENTS, (Right.CREATE_AS_COACH,), requests.repeated_creation, "again", success=200
    ),
    _change(requests.change(title="New"), Right.EDIT_DETAILS, note="title"),
    _change(requests.change(contact=True), Right.EDIT_CONTACTS, note="contacts of others"),
    _change(requests.change_with_people(**requests.TIMES), Right.MOVE, note="another time"),
    _change(
        requests.change_with_people(adminId="another-admin"),
        Right.CHANGE_PARTICIPANTS,
        note="another adminId",
    ),
    _change(
        requests.change_with_people(**requests.TIMES, **_FORCED),
        Right.ALLOW_CONFLICTS,
        Right.MOVE,
        note="another time, forced",
    ),
    _change(requests.change_with_people(), Right.READ, note="nothing new"),
    _case("POST", f"{EVENTS}/cancel", (Right.CANCEL,), requests.change()),
    _case("POST", f"{EVENTS}/leave", (Right.LEAVE,), requests.change()),
    _case("POST", f"{EVENTS}/decline", (Right.DECLINE,), requests.change()),
    _case("POST", f"{EVENTS}/approve", (Right.APPROVE,), requests.change()),
    _case(
        "POST",
        f"{EVENTS}/approve",
        (Right.APPROVE, Right.ALLOW_CONFLICTS),
        requests.change(**_FORCED),
        "forced",
    ),
    _case(
        "GET",
        f"{EVENTS}/{{eventId}}",
        (Right.READ,),
        requests.read,
        shown=(
            (Right.READ_AUDIT, lambda event: "audit" in event),
            (Right.READ_COPIES, lambda event: event["sync"][0]["connectionId"] != ""),
        ),
    ),
    _case(
        "GET",
        f"{EVENTS}/{{eventId}}/invite-status",
        (Right.READ,),
        requests.with_guest,
        shown=(
            (
                Right.READ_ALL_INVITES,
                lambda status: GUEST in [each["email"] for each in status["recipients"]],
            ),
        ),
    ),
    _case("POST", f"{EVENTS}/{{eventId}}/resend-invites", (Right.RESEND,), requests.with_guest),
    _case("GET", GUESTS, (Right.MANAGE_GUESTS,), requests.guests(of_event=True, written=False)),
    _case("PUT", GUESTS, (Right.MANAGE_GUESTS,), requests.guests(of_event=True, written=True)),
    _case(
        "GET",
        "/api/v1/available-slots",
        (TimeQuestion.PAIR, Right.READ),
        requests.rescheduled,
        "rescheduling",
    ),
    _case(
        "GET",
        "/api/v1/month-calendar",
        (TimeQuestion.PAIR, Right.READ),
        requests.month_rescheduled,
        "rescheduling",
    ),
)
