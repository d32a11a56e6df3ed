"""How many mails a user, a session and a recipient may cause, and who gets none."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from infra.local.mail.endpoint import SesEndpoint
from infra.local.simulators.serving import serving
from shared import wiring
from shared.domain.invite import DeliveryState, Notification, invite_id
from shared.wiring import adapters
from tests.support.oauth_flows import at
from tests.support.service import NOW, User, admin, book, call_api, coach, installed, learner

pytestmark = pytest.mark.long

EVENTS = "/api/v1/events"
LIMITS = {
    "MAILS_PER_USER_PER_DAY": "5",
    "MAILS_PER_SESSION_PER_HOUR": "4",
    "MAILS_PER_RECIPIENT_PER_DAY": "3",
}


@pytest.fixture(scope="module")
def ses(environment: Mapping[str, str]) -> Iterator[SesEndpoint]:
    """The functions of a stack that sends mail through a local SES, with low limits."""
    sender = {"MAIL_SENDER": "Acme Sessions <sessions@mail.example>"}
    with (
        serving(SesEndpoint(now=wiring.now)) as endpoint,
        installed({**environment, **endpoint.environment, **sender, **LIMITS}),
    ):
        yield endpoint


def session_with_guests(who: User, *names: str) -> str:
    """Book a session of which only the guests get mail."""
    session: str = book(who, who.id, learner().id)["sessionId"]
    put_guests(who, session, *names)
    return session


def put_guests(who: User, session: str, *names: str) -> None:
    path = f"/api/v1/sessions/{session}/external-attendees"
    attendees = {"attendees": [address(who, name) for name in names]}
    response = call_api("PUT", path, who, query={"sessionType": "group"}, body=attendees)
    assert response.status == 200


def address(who: User, name: str) -> str:
    return f"{name}-{who.id}@example.org"


def rename(who: User, session: str, title: str) -> None:
    body = {"sessionId": session, "title": title}
    assert call_api("PUT", EVENTS, who, body=body).status == 200


def sync(session: str) -> None:
    assert wiring.copy_sync().reconcile(session, now=wiring.now()) is None


def subjects(ses: SesEndpoint, recipient: str) -> list[Any]:
    return [each.subject for each in ses.mails if recipient in each.to]


def opening(ses: SesEndpoint, recipient: str) -> str:
    """Return the first line of the only mail to a recipient."""
    (mail,) = [each for each in ses.mails if recipient in each.to]
    part = mail.mime.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).splitlines()[0]


def recipients(who: User, session: str) -> list[dict[str, Any]]:
    response = call_api("GET", f"{EVENTS}/{session}/invite-status", who)
    rows: list[dict[str, Any]] = response.data["recipients"]
    return rows


def test_a_guest_reads_who_invites_them(ses: SesEndpoint) -> None:
    who, other = coach(), learner()
    contacts = [{"userId": who.id, "email": address(who, "own"), "name": "Cora Coach"}]
    session = book(who, who.id, other.id, contacts=contacts)["sessionId"]
    put_guests(who, session, "gus")
    unnamed = coach()
    other_session = session_with_guests(unnamed, "gus")

    sync(session)
    sync(other_session)

    assert opening(ses, address(who, "gus")) == "Hello, Cora Coach invites you to this session."
    assert opening(ses, address(unnamed, "gus")) == (
        "Hello, Acme Sessions invites you to this session."
    )


def test_a_mail_over_the_limit_of_a_recipient_waits_until_the_next_day(ses: SesEndpoint) -> None:
    who = coach()
    session = session_with_guests(who, "gus")
    sync(session)
    for number in range(4):
        rename(who, session, f"Title {number}")
        sync(session)

    gus = address(who, "gus")
    (row,) = recipients(who, session)
    assert len(subjects(ses, gus)) == 3
    assert row["status"] == "pending"
    assert row["diagnostic"] == (
        "Waits until 2026-11-24 00:00 UTC: an address is sent at most 3 mails a day."
    )

    with at(NOW + timedelta(days=1)):
        assert session in dict(adapters.unsynced_events().waiting(until=wiring.now()))
        sync(session)
    assert subjects(ses, gus)[3:] == [
        "Updated invitation: Title 3, Tue, 24 Nov 2026, 10:00 (UTC+00:00)"
    ]


def test_a_session_causes_only_so_many_mails_an_hour_and_its_cancellations_are_sent(
    ses: SesEndpoint,
) -> None:
    who = coach()
    session = session_with_guests(who, *"abcdef")
    sync(session)
    rows = recipients(who, session)
    reached = [row["email"] for row in rows if row["status"] == "sent"]

    assert (len(reached), len(rows)) == (4, 6)
    call_api("POST", f"{EVENTS}/cancel", who, body={"sessionId": session})
    sync(session)

    sent = {row["email"]: subjects(ses, row["email"]) for row in rows}
    assert all(len(sent[each]) == 2 for each in reached)
    assert sorted(map(len, sent.values())) == [0, 0, 2, 2, 2, 2]


def test_a_user_causes_only_so_many_mails_a_day_and_an_admin_is_not_counted(
    ses: SesEndpoint,
) -> None:
    who, boss = coach(), admin()
    sessions: list[str] = []
    times = [
        {"startTime": f"2026-11-{day}T09:00:00Z", "endTime": f"2026-11-{day}T10:00:00Z"}
        for day in range(24, 31)
    ]
    for number, each in enumerate(times):
        session = book(who, who.id, learner().id, **each)["sessionId"]
        put_guests(who, session, f"g{number}")
        sync(session)
        sessions.append(session)

    sent = [len(subjects(ses, address(who, f"g{number}"))) for number in range(7)]
    assert sent == [1] * 5 + [0] * 2
    rename(boss, sessions[6], "By the platform")
    sync(sessions[6])
    assert len(subjects(ses, address(who, "g6"))) == 1


def test_a_recipient_who_complained_gets_no_mail_until_an_admin_names_them(
    ses: SesEndpoint,
) -> None:
    who = coach()
    session = session_with_guests(who, "gus")
    sync(session)
    gus = address(who, "gus")
    wiring.delivery().record(
        Notification(
            state=DeliveryState.COMPLAINT,
            message_id="m",
            at=NOW,
            event_id=session,
            invite_id=invite_id(gus),
            attempt=1,
        )
    )
    times = {"startTime": "2026-11-25T09:00:00Z", "endTime": "2026-11-25T10:00:00Z"}
    other = book(who, who.id, learner().id, **times)["sessionId"]
    put_guests(who, other, "gus")

    rename(who, session, "New")
    for each in (session, other):
        resend(who, each, gus)
        sync(each)

    assert len(subjects(ses, gus)) == 1
    (row,) = recipients(who, other)
    assert (row["status"], row["bounceType"]) == ("failed", "RecipientComplained")
    assert resend(who, other, gus)["resent"] == []
    assert resend(admin(), other, gus)["resent"] == [gus]
    sync(other)
    assert len(subjects(ses, gus)) == 2


def resend(who: User, session: str, recipient: str) -> dict[str, Any]:
    path = f"{EVENTS}/{session}/resend-invites"
    data: dict[str, Any] = call_api("POST", path, who, body={"recipients": [recipient]}).data
    return data
