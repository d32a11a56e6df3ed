import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.gateway import Response
from infra.local.mail.control import MailControl
from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.mails import Mails
from infra.local.mail.reports import Reports
from infra.local.mail.sns import Topic
from infra.local.simulators.serving import serving
from tests.support.local_mail import Recipient, Slow, raw_mail, send, ses_client

TOPIC = Topic()


@pytest.fixture
def recipient() -> Recipient:
    return Recipient()


@pytest.fixture
def mails(recipient: Recipient) -> Iterator[Mails]:
    reports = Reports(recipient, retry_seconds=())
    with serving(SesEndpoint()) as endpoint:
        yield Mails(endpoint, TOPIC, reports)
    reports.halt()
    reports.join()


def ask(mails: Mails, method: str, path: str) -> Response:
    return MailControl(mails).answer(method, path, b"")


def content(response: Response) -> Any:
    return json.loads(response.body)


def test_mails_are_listed_newest_last(mails: Mails) -> None:
    client = ses_client(mails.endpoint.url)
    first, second = send(client, "a@example.org"), send(client, "b@example.org", subject="Früh")

    answer = ask(mails, "GET", "/_local/mail")

    assert answer.status == 200
    assert content(answer)["success"] is True
    assert [first, second] == [each["messageId"] for each in content(answer)["data"]]
    assert {
        "messageId": second,
        "to": "b@example.org",
        "subject": "Früh",
        "raw": raw_mail("b@example.org", subject="Früh").decode(),
    } == content(answer)["data"][1]


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
def test_a_report_has_been_delivered_when_it_is_answered(
    mails: Mails, recipient: Recipient, report: str, event: str
) -> None:
    message_id = send(ses_client(mails.endpoint.url), "guest@example.org")

    answer = ask(mails, "POST", f"/_local/mail/{message_id}/{report}")

    assert answer.status == 200
    assert {"messageId": message_id, "report": report} == content(answer)["data"]
    assert ["Send", event] == [each["eventType"] for each in recipient.events]


def test_an_unknown_mail_is_404_and_says_where_mails_are_listed(mails: Mails) -> None:
    answer = ask(mails, "POST", "/_local/mail/nothing/bounce")

    assert answer.status == 404
    assert content(answer)["error"]["code"] == "NOT_FOUND"
    assert "nothing; GET /_local/mail lists them" in content(answer)["message"]


@pytest.mark.parametrize("report", ["send", "teapot"])
def test_an_unknown_report_is_400_and_says_which_there_are(mails: Mails, report: str) -> None:
    message_id = send(ses_client(mails.endpoint.url), "guest@example.org")

    answer = ask(mails, "POST", f"/_local/mail/{message_id}/{report}")

    assert answer.status == 400
    assert content(answer)["message"] == (
        "SES reports one of delivery, bounce, complaint, delay, reject."
    )


def test_a_mail_without_a_configuration_set_is_not_reported_on(mails: Mails) -> None:
    message_id = send(ses_client(mails.endpoint.url), "guest@example.org", ConfigurationSetName="")

    answer = ask(mails, "POST", f"/_local/mail/{message_id}/bounce")

    assert answer.status == 409
    assert "without a configuration set" in content(answer)["message"]


def test_a_report_the_function_fails_on_is_an_error(mails: Mails, recipient: Recipient) -> None:
    message_id = send(ses_client(mails.endpoint.url), "guest@example.org", ConfigurationSetName="x")
    recipient.failures = 9

    answer = ask(mails, "POST", f"/_local/mail/{message_id}/bounce")

    assert answer.status == 500
    assert "told to fail" in content(answer)["message"]


def test_a_report_that_takes_too_long_is_an_error() -> None:
    recipient = Slow()
    reports = Reports(recipient, retry_seconds=())
    with serving(SesEndpoint()) as endpoint:
        mails = Mails(endpoint, TOPIC, reports)
        message_id = send(ses_client(endpoint.url), "guest@example.org")
        path = f"/_local/mail/{message_id}/bounce"
        answer = MailControl(mails, report_seconds=0).answer("POST", path, b"")
    recipient.go.set()
    reports.halt()
    reports.join()

    assert answer.status == 504
    assert content(answer)["message"] == "The report is still not delivered after 0 s."


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("POST", "/_local/mail", "GET"), ("GET", "/_local/mail/some/bounce", "POST")],
)
def test_another_method_is_405(mails: Mails, method: str, path: str, allowed: str) -> None:
    answer = ask(mails, method, path)

    assert answer.status == 405
    assert ("allow", allowed) in answer.headers


def test_another_path_is_404(mails: Mails) -> None:
    assert ask(mails, "GET", "/_local/mail/some").status == 404
    assert ask(mails, "POST", "/_local/mail/some/bounce/more").status == 404
