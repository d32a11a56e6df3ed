import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.events import Report
from infra.local.mail.mails import Mails
from infra.local.mail.report_delivery import ReportDelivery
from infra.local.mail.sns import Topic
from infra.local.simulators.serving import serving
from tests.support.local_mail import Recipient, send, ses_client

TOPIC = Topic()
NOW = datetime(2026, 3, 26, 7, tzinfo=UTC)


@contextmanager
def mailing(recipient: Recipient) -> Iterator[tuple[Mails, ReportDelivery]]:
    reports = ReportDelivery(recipient, retry_seconds=())
    with serving(SesEndpoint(now=lambda: NOW)) as endpoint:
        try:
            yield Mails(endpoint, TOPIC, reports, now=lambda: NOW), reports
        finally:
            reports.halt()
            reports.join()


def reported(to: str, *, deliverable: bool = False, **changes: Any) -> list[str]:
    recipient = Recipient()
    with mailing(recipient) as (mails, reports):
        if deliverable:
            mails.make_deliverable(to)
        send(ses_client(mails.endpoint.url), to, **changes)
        assert reports.wait_until_idle(seconds=20)
    return [each["eventType"] for each in recipient.events]


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("success@simulator.amazonses.com", ["Send", "Delivery"]),
        ("bounce@simulator.amazonses.com", ["Send", "Bounce"]),
        ("complaint@simulator.amazonses.com", ["Send", "Delivery", "Complaint"]),
        ("guest@example.org", ["Send"]),
    ],
)
def test_a_mail_gets_the_reports_of_its_address(to: str, expected: list[str]) -> None:
    assert expected == reported(to)


def test_a_deliverable_address_is_treated_like_any_other() -> None:
    assert reported("bounce@simulator.amazonses.com", deliverable=True) == ["Send"]


def test_there_are_no_reports_without_a_configuration_set() -> None:
    assert reported("bounce@simulator.amazonses.com", ConfigurationSetName="") == []


def test_a_report_on_demand_is_about_the_right_mail_at_the_services_time() -> None:
    recipient = Recipient()
    with mailing(recipient) as (mails, _):
        client = ses_client(mails.endpoint.url)
        first, _ = send(client, "guest@example.org"), send(client, "other@example.org")
        (mail,) = mails.sent(to="guest@example.org")
        for future in mails.report(mail, Report.DELAY):
            future.result(20)

    event = recipient.events[-1]
    assert event["eventType"] == "DeliveryDelay"
    assert first == event["mail"]["messageId"]
    assert event["deliveryDelay"]["timestamp"] == "2026-03-26T07:00:00.000Z"


def test_a_message_can_be_built_without_delivering_it() -> None:
    recipient = Recipient()
    with mailing(recipient) as (mails, _):
        send(ses_client(mails.endpoint.url), "guest@example.org", ConfigurationSetName="")
        (mail,) = mails.sent()
        message = mails.message(mail, Report.BOUNCE, recipient="guest@example.org")

    assert json.loads(message["Message"])["eventType"] == "Bounce"
    assert message["Timestamp"] == "2026-03-26T07:00:00.000Z"
    assert recipient.payloads == []
