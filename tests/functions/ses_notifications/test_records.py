import logging
from typing import Any

import pytest

from functions.ses_notifications.records import record_all
from shared.domain.errors import InvalidRequest, LostRace, SignatureInvalid
from shared.domain.invite import DeliveryState, Notification
from shared.mail.ses_events import NotificationUnreadable
from shared.usecases.invitations.delivery import NotificationOutcome
from tests.support.lambda_events import payload
from tests.support.sns_signer import TOPIC


class Recorder:
    """Collects notifications; raises for those with a `failing` state."""

    def __init__(self, *failing: DeliveryState) -> None:
        self._failing = failing
        self.states: list[DeliveryState] = []

    def record(self, notification: Notification) -> NotificationOutcome:
        """Collect a notification."""
        if notification.state in self._failing:
            raise LostRace("another writer was first")
        self.states.append(notification.state)
        return NotificationOutcome.CHANGED


def records(*names: str) -> list[dict[str, Any]]:
    """Return the records of several payloads."""
    return [payload("ses_notifications", name)["Records"][0] for name in names]


def changed(name: str, **fields: Any) -> dict[str, Any]:
    (record,) = records(name)
    return {**record, "Sns": {**record["Sns"], **fields}}


def recorded(
    *payload_records: dict[str, Any], delivery: Recorder | None = None
) -> list[DeliveryState]:
    """Return the states that were recorded."""
    recorder = delivery or Recorder()
    record_all({"Records": list(payload_records)}, delivery=recorder, topics=[TOPIC])
    return recorder.states


def test_every_message_of_a_payload_is_recorded() -> None:
    states = recorded(*records("send", "delivery", "bounce_permanent"))

    assert [DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.BOUNCED] == states


def test_a_notification_without_a_delivery_status_is_skipped() -> None:
    assert [] == recorded(*records("open", "subscription", "complaint_not_spam", "topic_set_up"))


def test_no_signature_is_required() -> None:
    states = recorded(changed("send", Signature="", SigningCertUrl="https://evil.example/x.pem"))

    assert [DeliveryState.SENT] == states


FOREIGN = changed("bounce_permanent", TopicArn=TOPIC.replace("123456789012", "999999999999"))
BAD: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "no JSON": (changed("send", Message="nonsense"), NotificationUnreadable),
    "an unknown type": (changed("send", Message='{"eventType":"Sent"}'), NotificationUnreadable),
    "no text": (changed("send", Message=7), InvalidRequest),
    "no message": ({"EventSource": "aws:sns"}, KeyError),
    "another topic": (FOREIGN, SignatureInvalid),
    "a confirmation": (
        changed("send", Type="SubscriptionConfirmation", Token="t", SubscribeURL="u"),
        InvalidRequest,
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_message_raises_after_all_others_are_recorded(what: str) -> None:
    bad, error = BAD[what]
    first, last = records("send", "delivery")
    recorder = Recorder()

    with pytest.raises(ExceptionGroup) as caught:
        recorded(first, bad, last, delivery=recorder)

    assert [DeliveryState.SENT, DeliveryState.DELIVERED] == recorder.states
    assert [error] == [type(each) for each in caught.value.exceptions]


def test_a_failed_write_raises_so_that_the_notification_is_retried() -> None:
    recorder = Recorder(DeliveryState.DELIVERED)

    with pytest.raises(ExceptionGroup) as caught:
        recorded(*records("delivery", "bounce_permanent", "delivery"), delivery=recorder)

    assert [DeliveryState.BOUNCED] == recorder.states
    assert [LostRace, LostRace] == [type(each) for each in caught.value.exceptions]


def test_only_configured_topics_are_trusted() -> None:
    with pytest.raises(ExceptionGroup):
        record_all({"Records": records("send")}, delivery=Recorder(), topics=[])


def test_the_log_contains_no_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    recorded(*records("bounce_permanent", "complaint", "delivery_delay", "open"))
    with pytest.raises(ExceptionGroup):
        recorded(changed("bounce_permanent", Message='{"mail": "ada@example.org"'))

    logged = "".join(str(vars(each)) for each in caplog.records)

    assert 5 == len(caplog.records)
    assert "ada@example.org" not in logged + caplog.text
