import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.gateway import Response
from infra.local.mail.control import MailControl
from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.mails import Mails
from infra.local.mail.reply_mail import ReplyChoice
from infra.local.mail.report_delivery import ReportDelivery
from infra.local.mail.sent import SentMail
from infra.local.mail.sns import Topic
from infra.local.simulators.serving import serving
from infra.local.workers import InvocationFailed
from tests.support.local_mail import BlockedRecipient, Recipient, raw_mail, send, ses_client

TOPIC = Topic()


@pytest.fixture
def recipient() -> Recipient:
    return Recipient()


@pytest.fixture
def mails(recipient: Recipient) -> Iterator[Mails]:
    reports = ReportDelivery(recipient, retry_seconds=())
    with serving(SesEndpoint()) as endpoint:
        yield Mails(endpoint, TOPIC, reports)
    reports.halt()
    reports.join()


class Calendars:
    """In place of the calendars of recipients: each answer is `known`, or not possible."""

    def answer(self, mail: SentMail, choice: ReplyChoice) -> str:
        """Return the outcome."""
        if "nobody" in mail.to[0]:
            raise ValueError("The mail has no address that receives answers")
        if choice.partstat == "TENTATIVE":
            raise InvocationFailed("fails on purpose")
        return f"{choice.client} {choice.partstat} {choice.comment}"


def request(mails: Mails, method: str, path: str, body: bytes = b"") -> Response:
    return MailControl(mails, calendars=Calendars()).respond(method, path, body)


def content(response: Response) -> Any:
    return json.loads(response.body)


def test_mails_are_listed_newest_last(mails: Mails) -> None:
    client = ses_client(mails.endpoint.url)
    first, second = send(client, "a@example.org"), send(client, "b@example.org", subject="Früh")

    response = request(mails, "GET", "/_local/mail")

    assert response.status == 200
    assert content(response)["success"] is True
    assert [first, second] == [each["messageId"] for each in content(response)["data"]]
    assert {
        "messageId": second,
        "to": "b@example.org",
        "subject": "Früh",
        "raw": raw_mail("b@example.org", subject="Früh")
        .decode()
        .replace("From: calendar@sessions.example", "From: Calendar <calendar@sessions.example>"),
    } == content(response)["data"][1]


@pytest.mark.parametrize(
    ("report", "event"),
    [
        ("delivery", "Delivery"),
        ("bounce", "Bounce"),
        ("complaint", "Complaint"),
        ("delay", "DeliveryDelay"),
        ("reject", "Reject"),
    ],
)
def test_a_report_is_delivered_before_the_response(
    mails: Mails, recipient: Recipient, report: str, event: str
) -> None:
    message_id = send(ses_client(mails.endpoint.url), "guest@example.org")

    response = request(mails, "POST", f"/_local/mail/{message_id}/{report}")

    assert response.status == 200
    assert {"messageId": message_id, "report": report} == content(response)["data"]
    assert ["Send", event] == [each["eventType"] for each in recipient.events]


def test_an_unknown_mail_is_404_and_the_message_names_the_list(mails: Mails) -> None:
    response = request(mails, "POST", "/_local/mail/nothing/bounce")

    assert response.status == 404
    assert content(response)["error"]["code"] == "NOT_FOUND"
    assert "nothing; GET /_local/mail lists them" in content(response)["message"]


@pytest.mark.parametrize("report", ["send", "teapot"])
def test_an_unknown_report_is_400_and_the_message_lists_the_reports(
    mails: Mails, report: str
) -> None:
    message_id = send(ses_client(mails.endpoint.url), "guest@example.org")

    response = request(mails, "POST", f"/_local/mail/{message_id}/{report}")

    assert response.status == 400
    assert content(response)["message"] == (
        "The report must be one of delivery, bounce, complaint, delay, reject."
    )


def test_a_mail_without_a_configuration_set_cannot_be_reported_on(mails: Mails) -> None:
    message_id = send(ses_client(mails.endpoint.url), "guest@example.org", ConfigurationSetName="")

    response = request(mails, "POST", f"/_local/mail/{message_id}/bounce")

    assert response.status == 409
    assert "without a configuration set" in content(response)["message"]


def test_a_report_that_the_function_cannot_handle_is_an_error(
    mails: Mails, recipient: Recipient
) -> None:
    message_id = send(ses_client(mails.endpoint.url), "guest@example.org", ConfigurationSetName="x")
    recipient.failures = 9

    response = request(mails, "POST", f"/_local/mail/{message_id}/bounce")

    assert response.status == 500
    assert "fails on purpose" in content(response)["message"]


def test_a_report_that_takes_too_long_is_an_error() -> None:
    recipient = BlockedRecipient()
    reports = ReportDelivery(recipient, retry_seconds=())
    with serving(SesEndpoint()) as endpoint:
        mails = Mails(endpoint, TOPIC, reports)
        message_id = send(ses_client(endpoint.url), "guest@example.org")
        path = f"/_local/mail/{message_id}/bounce"
        control = MailControl(mails, calendars=Calendars(), report_seconds=0)
        response = control.respond("POST", path, b"")
    recipient.go.set()
    reports.halt()
    reports.join()

    assert response.status == 504
    assert content(response)["message"] == "The report was not delivered within 0 s."


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("POST", "/_local/mail", "GET"), ("GET", "/_local/mail/some/bounce", "POST")],
)
def test_another_method_is_405(mails: Mails, method: str, path: str, allowed: str) -> None:
    response = request(mails, method, path)

    assert response.status == 405
    assert ("allow", allowed) in response.headers


def test_another_path_is_404(mails: Mails) -> None:
    assert request(mails, "GET", "/_local/mail/some").status == 404
    assert request(mails, "POST", "/_local/mail/some/bounce/more").status == 404


def reply(mails: Mails, body: Any, *, to: str = "guest@example.org") -> Response:
    message_id = send(ses_client(mails.endpoint.url), to)
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request(mails, "POST", f"/_local/mail/{message_id}/reply", sent)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"partstat": "ACCEPTED"}, "google ACCEPTED None"),
        (
            {"partstat": "declined", "comment": "Ill", "client": "outlook"},
            "outlook DECLINED Ill",
        ),
    ],
)
def test_a_recipient_answers_from_a_calendar(
    mails: Mails, body: dict[str, str], expected: str
) -> None:
    response = reply(mails, body)

    assert response.status == 200
    assert content(response)["data"]["outcome"] == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        {},
        {"partstat": "maybe"},
        {"partstat": 1},
        {"partstat": "ACCEPTED", "comment": 5},
        {"partstat": "ACCEPTED", "client": "pine"},
    ],
)
def test_an_answer_that_no_calendar_gives_is_400(mails: Mails, body: Any) -> None:
    response = reply(mails, body)

    assert response.status == 400
    assert "ACCEPTED, DECLINED, TENTATIVE, NEEDS-ACTION" in content(response)["message"]


def test_a_mail_that_cannot_be_answered_is_409(mails: Mails) -> None:
    response = reply(mails, {"partstat": "ACCEPTED"}, to="nobody@example.org")

    assert response.status == 409
    assert content(response)["error"]["code"] == "NOT_ANSWERED"


def test_a_reply_that_the_function_cannot_handle_is_an_error(mails: Mails) -> None:
    response = reply(mails, {"partstat": "TENTATIVE"})

    assert response.status == 500
    assert "fails on purpose" in content(response)["message"]


def test_a_mail_is_shown_as_a_page_that_runs_and_requests_nothing(mails: Mails) -> None:
    sent = send(ses_client(mails.endpoint.url), "a@example.org")

    page = request(mails, "GET", f"/_local/mail/{sent}/html")

    headers = dict(page.headers)
    assert (page.status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "sandbox" in headers["content-security-policy"]
    assert b"<pre>" in page.body
    assert request(mails, "GET", "/_local/mail/unknown/html").status == 404
