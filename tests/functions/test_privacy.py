"""What a participant learns about the other people of a session."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus, Provider
from tests.support.api import ApiResponse
from tests.support.service import (
    User,
    admin,
    book,
    call_api,
    coach,
    fresh_id,
    installed,
    learner,
)
from tests.support.store_samples import connection

EVENTS = "/api/v1/events"
DATE = "2026-11-24"


@pytest.fixture(autouse=True, scope="module")
def _service(environment: Mapping[str, str]) -> Iterator[None]:
    """The functions of a stack that sends mail."""
    with installed({**environment, "MAIL_SENDER": "Sessions <sessions@mail.example>"}):
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A session of a coach with three learners and a guest.

    The first learner has a calendar. A contact names the second one by an address.
    """

    id: str
    coach: User
    connected: User
    contacted: User
    third: User
    account: str
    private: frozenset[str]


def email_of(user: User) -> str:
    return f"{user.id}@private.example"


@pytest.fixture
def group() -> Group:
    """A new group session."""
    who, learners = coach(), [learner() for _ in range(3)]
    first, second, third = learners
    account = connection(
        fresh_id("c"),
        user_id=first.id,
        provider=Provider.GOOGLE,
        email=email_of(first),
        status=ConnectionStatus.RECONNECT_REQUIRED,
    )
    event = book(
        who,
        who.id,
        [each.id for each in learners],
        contacts=[
            {"userId": second.id, "email": email_of(second), "name": email_of(second)},
            {"userId": who.id, "email": email_of(who), "name": "Cora"},
        ],
    )
    wiring.people_store().save_connection(account)
    guest = f"{fresh_id('guest')}@private.example"
    path = f"/api/v1/sessions/{event['id']}/external-attendees"
    body = {"attendees": [guest]}
    assert call_api("PUT", path, who, query={"sessionType": "group"}, body=body).status == 200
    return Group(
        id=event["id"],
        coach=who,
        connected=first,
        contacted=second,
        third=third,
        account=account.id,
        private=frozenset({guest, *map(email_of, (who, *learners))}),
    )


def seen_by(user: User, group: Group) -> list[ApiResponse]:
    """Return the responses that a participant gets about the session and its people."""
    pair = {"role": "Learner", "coachId": group.coach.id, "learnerId": user.id}
    change = {
        "sessionId": group.id,
        "contacts": [{"userId": user.id, "email": f"{user.id}@own.example"}],
    }
    return [
        call_api("GET", f"{EVENTS}/{group.id}", user),
        call_api("GET", f"{EVENTS}/{group.id}/invite-status", user),
        call_api("GET", f"/api/v1/sessions/{group.id}/external-attendees", user),
        call_api("GET", EVENTS, user, query={"date": DATE, "timezone": "UTC"}),
        call_api("GET", "/api/v1/available-slots", user, query={**pair, "date": DATE}),
        call_api(
            "GET", "/api/v1/month-calendar", user, query={**pair, "year": "2026", "month": "11"}
        ),
        call_api("PUT", EVENTS, user, body=change),
        call_api("POST", f"{EVENTS}/{group.id}/resend-invites", user),
        call_api("POST", f"{EVENTS}/cancel", user, body={"sessionId": group.id}),
    ]


def test_no_response_to_a_learner_contains_an_address_of_another_person(group: Group) -> None:
    for user in (group.connected, group.contacted, group.third):
        responses = seen_by(user, group)

        texts = [str(each.json) for each in responses]
        others = group.private - {email_of(user)}
        assert [each.status for each in responses[:2]] == [200, 200]
        assert {(other in text) for other in others for text in texts} == {False}


def rows(user: User, group: Group) -> dict[str, dict[str, Any]]:
    data = call_api("GET", f"{EVENTS}/{group.id}", user).data
    return {each.pop("userId"): each for each in data["sync"]}


@pytest.mark.parametrize("name", ["coach", "contacted"])
def test_the_copy_of_another_participant_shows_its_state_only(group: Group, name: str) -> None:
    row = rows(getattr(group, name), group)[group.connected.id]

    assert row.pop("updatedAt")
    assert row == {
        "connectionId": "",
        "provider": None,
        "state": "PENDING",
        "attempts": None,
        "error": None,
    }


def test_the_own_copy_and_every_copy_for_an_admin_show_the_connection(group: Group) -> None:
    for user in (group.connected, admin()):
        row = rows(user, group)[group.connected.id]
        assert (row["connectionId"], row["provider"]) == (group.account, "google")


def test_a_coach_sees_the_addresses_that_are_invited(group: Group) -> None:
    recipients = call_api("GET", f"{EVENTS}/{group.id}/invite-status", group.coach).data

    # The first learner is invited by mail, because the calendar must be reconnected.
    assert {each["email"] for each in recipients["recipients"]} == group.private - {
        email_of(group.third)
    }
