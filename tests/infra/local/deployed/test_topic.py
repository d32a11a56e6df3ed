from datetime import UTC, datetime
from typing import Any

from infra.local.deployed.topic import DeployedTopic
from infra.local.mail.sns import Topic

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


class FakeSns:
    """An SNS client that records publications."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    def publish(self, **parameters: Any) -> None:
        self.published.append(parameters)


def test_a_report_is_published_unchanged() -> None:
    sns, signing = FakeSns(), Topic()
    payload = signing.lambda_payload(signing.signed('{"eventType": "Send"}', at=AT))

    with DeployedTopic(sns, "arn:aws:sns:eu-central-1:123456789012:reports") as topic:
        topic.submit(payload).result(5)

    assert [
        {
            "TopicArn": "arn:aws:sns:eu-central-1:123456789012:reports",
            "Message": '{"eventType": "Send"}',
        }
    ] == sns.published
