from datetime import UTC, datetime
from typing import Any

from infra.local.deployed.topic import DeployedTopic
from infra.local.mail.sns import Topic

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Publishing:
    """An SNS that keeps what is published."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    def publish(self, **asked: Any) -> None:
        self.published.append(asked)


def test_a_report_is_published_as_ses_wrote_it() -> None:
    sns, signing = Publishing(), Topic()
    payload = signing.lambda_payload(signing.signed('{"eventType": "Send"}', at=AT))

    with DeployedTopic(sns, "arn:aws:sns:eu-central-1:123456789012:fates") as topic:
        topic.submit(payload).result(5)

    assert [
        {
            "TopicArn": "arn:aws:sns:eu-central-1:123456789012:fates",
            "Message": '{"eventType": "Send"}',
        }
    ] == sns.published
