"""Every payload SNS may send, through the handler and into the table."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ses_notifications.handler import lambda_handler
from shared import wiring
from shared.domain.invite import DeliveryState, Invite
from tests.support.aws import Aws
from tests.support.lambda_events import names, payload
from tests.support.mailed import attempt, invite
from tests.support.service import installed
from tests.support.sns_signer import TOPIC

FUNCTION = "ses_notifications"
CONTEXT = cast("LambdaContext", SimpleNamespace(aws_request_id="test", function_name=FUNCTION))
MESSAGE_ID = "010701a2b3c4d5e6-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-000000"
STATES = {
    "send": DeliveryState.SENT,
    "delivery": DeliveryState.DELIVERED,
    "delivery_delay": DeliveryState.DELAYED,
    "bounce_permanent": DeliveryState.BOUNCED,
    "bounce_suppressed": DeliveryState.BOUNCED,
    "bounce_transient": DeliveryState.BOUNCED,
    "complaint": DeliveryState.COMPLAINT,
    "complaint_suppressed": DeliveryState.COMPLAINT,
    "reject": DeliveryState.REJECTED,
    "rendering_failure": DeliveryState.FAILED,
    "identity_bounce": DeliveryState.BOUNCED,
    "identity_complaint": DeliveryState.COMPLAINT,
    "identity_delivery": DeliveryState.DELIVERED,
    **dict.fromkeys(
        ("click", "open", "subscription", "complaint_not_spam", "identity_set_up", "topic_set_up"),
        DeliveryState.PENDING,
    ),
}


@pytest.fixture(autouse=True)
def service(moto_aws: Aws) -> Iterator[None]:
    """The functions over tables in memory, trusting the payloads' topic."""
    environment = {"AUTH_ISSUER": "local", "AUTH_AUDIENCE": "calendar-service", "STAGE": "local"}
    with installed({**moto_aws.environment, **environment, "SES_TOPIC_ARNS": TOPIC}):
        yield


def given(name: str) -> None:
    """Invoke the function with a payload."""
    assert lambda_handler(payload(FUNCTION, name), CONTEXT) is None


def kept() -> Invite:
    found = wiring.invite_store().invite("session-1", invite().id)
    assert found is not None
    return found


@pytest.mark.parametrize("name", names(FUNCTION))
def test_every_payload_ends_in_the_state_it_tells(name: str) -> None:
    known = None if not name.startswith("identity") else MESSAGE_ID
    wiring.invite_store().save_invite(invite(attempt(message_id=known)))

    given(name)
    given(name)

    assert STATES[name] == kept().status


@pytest.mark.parametrize("name", names(FUNCTION))
def test_a_payload_about_a_mail_that_is_not_ours_does_nothing(name: str) -> None:
    given(name)

    assert wiring.invite_store().invites("session-1") == ()


def test_a_whole_life_is_told_once() -> None:
    wiring.invite_store().save_invite(invite())

    for name in ("bounce_permanent", "delivery_delay", "send", "delivery", "send"):
        given(name)

    found = kept().attempts[0]
    assert ("Permanent/General", MESSAGE_ID) == (found.bounce_type, found.message_id)
    assert ["sent", "delayed", "delivered", "bounced"] == [state for state, _ in found.seen]
    assert kept().row_version == 5
