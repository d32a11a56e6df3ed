"""Every payload SNS may send, handled and stored in the table."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

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


ENVIRONMENT = {
    "AUTH_ISSUER": "local",
    "AUTH_AUDIENCE": "calendar-service",
    "STAGE": "local",
    "SES_TOPIC_ARNS": TOPIC,
}


@pytest.fixture(scope="module")
def service(ministack_aws: Aws) -> Iterator[None]:
    """The functions, configured with the payloads' topic."""
    with installed({**ministack_aws.environment, **ENVIRONMENT}):
        yield


def invoke(name: str) -> None:
    """Invoke the function with a payload."""
    assert lambda_handler(payload(FUNCTION, name), CONTEXT) is None


def stored_invite() -> Invite | None:
    return wiring.invite_store().invite("session-1", invite().id)


def mailed(**changes: Any) -> int:
    """Store the payloads' invite as it is before the mail is sent, and return its version."""
    before = stored_invite()
    fresh = replace(invite(attempt(**changes)), row_version=before.row_version if before else 0)
    return wiring.invite_store().save_invite(fresh).row_version


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("name", names(FUNCTION))
def test_every_payload_results_in_its_delivery_status(name: str) -> None:
    mailed(message_id=MESSAGE_ID if name.startswith("identity") else None)

    invoke(name)
    invoke(name)

    stored = stored_invite()
    assert stored is not None
    assert STATES[name] == stored.status


@pytest.mark.usefixtures("service")
def test_a_complete_delivery_history_is_recorded_once() -> None:
    version = mailed()

    for name in ("bounce_permanent", "delivery_delay", "send", "delivery", "send"):
        invoke(name)

    stored = stored_invite()
    assert stored is not None
    (only,) = stored.attempts
    assert ("Permanent/General", MESSAGE_ID) == (only.bounce_type, only.message_id)
    assert ["sent", "delayed", "delivered", "bounced"] == [state for state, _ in only.seen]
    assert version + 4 == stored.row_version


def test_payloads_about_unknown_mail_change_nothing(moto_aws: Aws) -> None:
    with installed({**moto_aws.environment, **ENVIRONMENT}):
        for name in names(FUNCTION):
            invoke(name)

        assert wiring.invite_store().invites("session-1") == ()
