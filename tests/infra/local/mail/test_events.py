import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.mail.events import Report, event, simulated_reports
from infra.local.mail.sent import SentMail
from shared.domain.invite import DeliveryState, invite_id
from shared.mail.ses_events import notification_from_ses
from tests.support.local_mail import raw_mail

MAIL = SentMail(
    message_id="0107-1",
    source="Calendar <calendar@sessions.example>",
    to=("guest@example.org",),
    raw=raw_mail("guest@example.org"),
    tags={"event": "s-1", "invite": invite_id("guest@example.org"), "attempt": "2"},
    configuration_set="calendar-service",
    sent_at=datetime(2026, 3, 26, 7, tzinfo=UTC),
)
AT = datetime(2026, 3, 26, 7, 0, 1, 500_000, tzinfo=UTC)


def event_of(report: Report) -> Any:
    return json.loads(event(MAIL, report, recipient="guest@example.org", at=AT))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("success@simulator.amazonses.com", [Report.SEND, Report.DELIVERY]),
        ("bounce@sessions.example", [Report.SEND, Report.BOUNCE]),
        ("Bounce+label@simulator.amazonses.com", [Report.SEND, Report.BOUNCE]),
        ("complaint@x.example", [Report.SEND, Report.DELIVERY, Report.COMPLAINT]),
        ("suppressionlist@x.example", [Report.SEND, Report.SUPPRESSED]),
        ("guest@example.org", [Report.SEND]),
        ("successful@example.org", [Report.SEND]),
    ],
)
def test_the_address_decides_the_reports(address: str, expected: list[Report]) -> None:
    assert expected == list(simulated_reports(address))


@pytest.mark.parametrize(
    ("report", "name", "key"),
    [
        (Report.SEND, "Send", "send"),
        (Report.DELIVERY, "Delivery", "delivery"),
        (Report.DELAY, "DeliveryDelay", "deliveryDelay"),
        (Report.BOUNCE, "Bounce", "bounce"),
        (Report.SUPPRESSED, "Bounce", "bounce"),
        (Report.COMPLAINT, "Complaint", "complaint"),
        (Report.REJECT, "Reject", "reject"),
    ],
)
def test_every_report_has_the_shape_of_its_event(report: Report, name: str, key: str) -> None:
    content = event_of(report)

    assert {"eventType", "mail", key} == set(content)
    assert name == content["eventType"]


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (Report.SEND, DeliveryState.SENT),
        (Report.DELIVERY, DeliveryState.DELIVERED),
        (Report.DELAY, DeliveryState.DELAYED),
        (Report.BOUNCE, DeliveryState.BOUNCED),
        (Report.SUPPRESSED, DeliveryState.BOUNCED),
        (Report.COMPLAINT, DeliveryState.COMPLAINT),
        (Report.REJECT, DeliveryState.REJECTED),
    ],
)
def test_the_service_reads_every_report(report: Report, state: DeliveryState) -> None:
    read = notification_from_ses(event(MAIL, report, recipient="guest@example.org", at=AT))

    assert read is not None
    assert (state, "0107-1", "s-1", 2) == (read.state, read.message_id, read.event_id, read.attempt)


def test_the_event_contains_the_mail_with_its_tags_as_lists() -> None:
    mail = event_of(Report.DELIVERY)["mail"]

    assert mail["messageId"] == "0107-1"
    assert mail["timestamp"] == "2026-03-26T07:00:00.000Z"
    assert mail["destination"] == ["guest@example.org"]
    assert mail["tags"]["event"] == ["s-1"]
    assert mail["tags"]["attempt"] == ["2"]
    assert mail["tags"]["ses:configuration-set"] == ["calendar-service"]
    assert mail["tags"]["ses:from-domain"] == ["sessions.example"]
    assert mail["commonHeaders"]["subject"] == "Invitation"
    assert {"name": "Subject", "value": "Invitation"} in mail["headers"]


@pytest.mark.parametrize(
    ("report", "sub_type"),
    [(Report.BOUNCE, "General"), (Report.SUPPRESSED, "OnAccountSuppressionList")],
)
def test_a_bounce_has_a_type_and_a_time(report: Report, sub_type: str) -> None:
    bounce = event_of(report)["bounce"]

    assert bounce["bounceType"] == "Permanent"
    assert sub_type == bounce["bounceSubType"]
    assert bounce["timestamp"] == "2026-03-26T07:00:01.500Z"
    assert [each["emailAddress"] for each in bounce["bouncedRecipients"]] == ["guest@example.org"]


def test_a_delay_has_the_time_when_ses_stops_retrying() -> None:
    delay = event_of(Report.DELAY)["deliveryDelay"]

    assert delay["expirationTime"] == "2026-03-26T21:00:01.500Z"
