from typing import Any

import pytest

from shared.aws.clients import Clients
from shared.aws.notifications import SnsSubscriptions, SubscriptionNotConfirmed
from tests.support.aws import Aws

pytestmark = pytest.mark.long

TOPIC = "arn:aws:sns:eu-central-1:123456789012:mail"


@pytest.fixture
def clients(moto_aws: Aws) -> Clients:
    """Clients of a simulated AWS account."""
    assert moto_aws.environment
    return Clients()


def recorded_calls(clients: Clients) -> list[dict[str, Any]]:
    """Return a list that collects the parameters of each confirmation."""
    calls: list[dict[str, Any]] = []
    clients.get("sns").meta.events.register(
        "provide-client-params.sns.ConfirmSubscription",
        lambda params, **_: calls.append(params),
    )
    return calls


def test_a_subscription_is_confirmed_by_topic_and_token(clients: Clients) -> None:
    arn = clients.get("sns").create_topic(Name="mail")["TopicArn"]
    calls = recorded_calls(clients)

    for _ in range(2):
        SnsSubscriptions(clients).confirm(arn, "token")

    expected = {"TopicArn": arn, "Token": "token", "AuthenticateOnUnsubscribe": "true"}
    assert [expected] * 2 == calls


def test_a_rejection_by_sns_says_what_to_check(clients: Clients) -> None:
    clients.get("sns").meta.events.register(
        "before-call.sns.ConfirmSubscription",
        lambda **_: (_BadRequest(), {"Error": {"Code": "InvalidParameter", "Message": "token"}}),
    )

    with pytest.raises(SubscriptionNotConfirmed, match="sns:ConfirmSubscription"):
        SnsSubscriptions(clients).confirm(TOPIC, "token")


def test_an_unreachable_sns_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    with pytest.raises(SubscriptionNotConfirmed):
        SnsSubscriptions(Clients()).confirm(TOPIC, "token")


class _BadRequest:
    status_code = 400
