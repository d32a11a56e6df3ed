import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.gateway import Response
from infra.local.mail.control import MailControl
from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.mails import Mails
from infra.local.mail.report_delivery import ReportDelivery
from infra.local.mail.sns import Topic
from infra.local.simulators.serving import serving
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


def request(mails: Mails, method: str, path: str) -> Response:
    return MailControl(mails).respond(method, path, b"")


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
        "raw": raw_mail("b@example.org", subject="Früh").decode(),
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
        response = MailControl(mails, report_seconds=0).respond("POST", path, b"")
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
