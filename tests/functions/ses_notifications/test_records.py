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
    """Keeps what it is given; `failing` states do not get on record."""

    def __init__(self, *failing: DeliveryState) -> None:
        self._failing = failing
        self.states: list[DeliveryState] = []

    def record(self, notification: Notification) -> NotificationOutcome:
        """Keep it."""
        if notification.state in self._failing:
            raise LostRace("somebody else wrote first")
        self.states.append(notification.state)
        return NotificationOutcome.CHANGED


def records(*names: str) -> list[dict[str, Any]]:
    """The records of several payloads."""
    return [payload("ses_notifications", name)["Records"][0] for name in names]


def changed(name: str, **fields: Any) -> dict[str, Any]:
    (record,) = records(name)
    return {**record, "Sns": {**record["Sns"], **fields}}


def recorded(*given: dict[str, Any], delivery: Recorder | None = None) -> list[DeliveryState]:
    """The states that got on record."""
    recorder = delivery or Recorder()
    record_all({"Records": list(given)}, delivery=recorder, topics=[TOPIC])
    return recorder.states


def test_every_message_of_a_payload_is_put_on_record() -> None:
    found = recorded(*records("send", "delivery", "bounce_permanent"))

    assert [DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.BOUNCED] == found


def test_what_tells_nothing_of_a_delivery_is_passed_over() -> None:
    assert [] == recorded(*records("open", "subscription", "complaint_not_spam", "topic_set_up"))


def test_a_signature_is_not_asked_for() -> None:
    found = recorded(changed("send", Signature="", SigningCertUrl="https://evil.example/x.pem"))

    assert [DeliveryState.SENT] == found


FOREIGN = changed("bounce_permanent", TopicArn=TOPIC.replace("123456789012", "999999999999"))
BAD: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "no JSON": (changed("send", Message="nonsense"), NotificationUnreadable),
    "an unknown type": (changed("send", Message='{"eventType":"Sent"}'), NotificationUnreadable),
    "no text": (changed("send", Message=7), InvalidRequest),
    "no message": ({"EventSource": "aws:sns"}, KeyError),
    "a foreign topic": (FOREIGN, SignatureInvalid),
    "a confirmation": (
        changed("send", Type="SubscriptionConfirmation", Token="t", SubscribeURL="u"),
        InvalidRequest,
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_message_is_raised_after_all_others_are_on_record(what: str) -> None:
    bad, error = BAD[what]
    first, last = records("send", "delivery")
    recorder = Recorder()

    with pytest.raises(ExceptionGroup) as caught:
        recorded(first, bad, last, delivery=recorder)

    assert [DeliveryState.SENT, DeliveryState.DELIVERED] == recorder.states
    assert [error] == [type(each) for each in caught.value.exceptions]


def test_what_could_not_be_written_is_raised_so_that_it_comes_again() -> None:
    recorder = Recorder(DeliveryState.DELIVERED)

    with pytest.raises(ExceptionGroup) as caught:
        recorded(*records("delivery", "bounce_permanent", "delivery"), delivery=recorder)

    assert [DeliveryState.BOUNCED] == recorder.states
    assert [LostRace, LostRace] == [type(each) for each in caught.value.exceptions]


def test_no_topic_is_trusted_unless_it_is_named() -> None:
    with pytest.raises(ExceptionGroup):
        record_all({"Records": records("send")}, delivery=Recorder(), topics=[])


def test_the_log_holds_no_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    recorded(*records("bounce_permanent", "complaint", "delivery_delay", "open"))
    with pytest.raises(ExceptionGroup):
        recorded(changed("bounce_permanent", Message='{"mail": "ada@example.org"'))

    told = "".join(str(vars(each)) for each in caplog.records)

    assert 5 == len(caplog.records)
    assert "ada@example.org" not in told + caplog.text
