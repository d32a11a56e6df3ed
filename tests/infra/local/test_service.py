import base64
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from infra.local.aws import HS256_SECRET
from infra.local.mail.events import Report
from infra.local.mail.sent import SentMail
from infra.local.mail.sns import Message
from infra.local.service import Service, service
from tests.support.local_mail import send, ses_client

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def run() -> Iterator[Service]:
    with service(workers=1) as running:
        yield running


@pytest.fixture
def client(run: Service) -> Iterator[httpx.Client]:
    # The first request of a worker imports everything, which takes a while on a busy machine.
    with httpx.Client(base_url=run.url, timeout=30) as opened:
        yield opened


def test_requests_reach_the_real_handlers(client: httpx.Client) -> None:
    health = client.get("/health")
    unknown = client.get("/nowhere")
    method = client.delete("/health")

    assert health.status_code == 200
    assert health.json()["data"]["status"] == "ok"
    assert unknown.status_code == 404
    assert unknown.json()["error"]["code"] == "NOT_FOUND"
    assert method.status_code == 405
    assert method.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_its_tokens_are_accepted(run: Service, client: httpx.Client) -> None:
    token = run.token("coach-1", ["Coach"], email="coach-1@example.com")
    claims = jwt.decode(token, HS256_SECRET, ["HS256"], audience="calendar-service", issuer="local")

    response = client.get(
        "/api/v1/availability/roles", headers={"Authorization": f"Bearer {token}"}
    )
    closed = client.get("/api/v1/availability/roles")

    assert claims["sub"] == "coach-1"
    assert claims["exp"] - claims["iat"] == 12 * 3600
    assert response.status_code == 200
    assert response.json()["data"] == {"userId": "coach-1", "roles": ["Coach"]}
    assert closed.status_code == 401


def test_its_calendar_account_works(run: Service) -> None:
    account = (run.caldav.username, run.caldav.password)

    calendar = httpx.get(run.caldav.calendar_url, auth=account)
    closed = httpx.get(run.caldav.calendar_url)

    assert calendar.status_code == 200
    assert "BEGIN:VCALENDAR" in calendar.text
    assert closed.status_code == 401


def test_handlers_use_the_clock_that_was_set(run: Service, client: httpx.Client) -> None:
    token = run.token("learner-9", ["Learner"])
    body = {
        "sessionId": "clock-1",
        "title": "A session in the past of the real clock",
        "startTime": "2001-01-01T10:00:00Z",
        "endTime": "2001-01-01T11:00:00Z",
        "owner": "COACHEE",
        "coachId": ["coach-9"],
        "learnerId": ["learner-9"],
    }

    def book() -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return client.post("/api/v1/events", json=body, headers=headers)

    late = book()
    client.post("/_local/clock", json={"now": "2001-01-01T09:00:00Z"})
    in_time = book()
    run.set_clock(None)

    assert late.status_code == 400
    assert late.json()["error"]["code"] == "START_IN_PAST"
    assert in_time.status_code == 201
    assert run.wait_until_idle().waiting == 0


def sent(run: Service) -> SentMail:
    message_id = send(ses_client(run.mails.endpoint.url), "guest@example.org")
    mail = run.mails.endpoint.mail(message_id)
    assert mail is not None
    return mail


def test_mails_are_listed_and_can_be_reported_on(run: Service, client: httpx.Client) -> None:
    mail = sent(run)

    listed = client.get("/_local/mail").json()["data"]
    reported = client.post(f"/_local/mail/{mail.message_id}/bounce")
    synced = client.post("/_local/sync")

    assert mail.message_id == listed[-1]["messageId"]
    assert reported.status_code == 200
    assert synced.status_code == 200


def test_a_report_over_http_must_be_signed_by_the_topic(run: Service, client: httpx.Client) -> None:
    mail = sent(run)
    message = run.mails.message(mail, Report.BOUNCE, recipient="guest@example.org")

    def post(message: Message) -> httpx.Response:
        headers, body = run.mails.topic.http_form(message)
        return client.post("/api/v1/ses/notifications", headers=headers, content=body)

    genuine = post(message)
    forged = post({**message, "Message": message["Message"].replace("Bounce", "Complaint")})

    assert genuine.status_code == 200, genuine.text
    assert forged.status_code == 403


def test_a_guest_answers_an_invitation_from_a_calendar(run: Service, client: httpx.Client) -> None:
    token = run.token("coach-8", ["Coach"], email="coach-8@example.com")
    session: dict[str, Any] = {
        "sessionId": "reply-1",
        "title": "Coaching",
        "startTime": "2037-01-01T10:00:00Z",
        "endTime": "2037-01-01T11:00:00Z",
        "owner": "COACH",
        "autoApproval": True,
        "coachId": ["coach-8"],
        "learnerId": ["learner-8"],
    }
    client.headers["Authorization"] = f"Bearer {token}"
    guests = "/api/v1/sessions/reply-1/external-attendees?sessionType=coaching"

    def answer(partstat: str) -> str:
        (*_, mail) = run.mails.sent(to="gus@example.org")
        path = f"/_local/mail/{mail.message_id}/reply"
        reply = client.post(path, json={"partstat": partstat, "comment": "From Gus"})
        return str(reply.json()["data"]["outcome"])

    def shown() -> dict[str, Any]:
        status = client.get("/api/v1/events/reply-1/invite-status").json()["data"]
        return {each["email"]: (each["response"], each["comment"]) for each in status["recipients"]}

    client.post("/api/v1/events", json=session)
    client.put(guests, json={"attendees": ["gus@example.org"]})
    client.post("/_local/sync")

    assert [answer(each) for each in ("ACCEPTED", "DECLINED")] == ["changed", "changed"]
    assert shown() == {
        "gus@example.org": ("declined", "From Gus"),
        "coach-8@example.com": ("needsAction", None),
    }


def test_a_binary_body_reaches_a_handler(client: httpx.Client) -> None:
    response = client.post(
        "/health",
        content=base64.b64decode("/wA="),
        headers={"Content-Type": "application/octet-stream"},
    )

    assert response.status_code == 405


def test_a_port_in_use_is_an_error() -> None:
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", 0))
        taker.listen()
        with (
            pytest.raises(OSError, match="in use"),
            service(port=taker.getsockname()[1]),
        ):
            pytest.fail("it started on a port that is in use")
