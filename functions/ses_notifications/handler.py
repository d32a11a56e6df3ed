"""SES's bounces, complaints and deliveries, straight from SNS or over HTTP."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ses_notifications.answers import NotedOut
from functions.ses_notifications.records import logger, put_on_record, record_all
from shared import wiring
from shared.api.app import PUBLIC, App
from shared.api.envelope import answer
from shared.api.operation import operation
from shared.mail.sns import SnsType

app = App()
wiring.warm(wiring.delivery)


@app.post("/api/v1/ses/notifications", security=PUBLIC)
@operation(
    "sesNotifications", tag="Webhooks", answers={200: NotedOut}, errors=("SIGNATURE_INVALID",)
)
def receive(body: Annotated[dict[str, Any], Body()]) -> Response[str]:
    """Take SES's bounces, complaints and deliveries through an SNS HTTP(S) subscription.

    The body is SNS's own message, which it sends as text/plain. Its signature (version 1 or 2) is
    checked against a certificate from an sns.REGION.amazonaws.com host, its TopicArn against the
    stack's own topics; otherwise SIGNATURE_INVALID, and nothing happens. A subscription is
    confirmed at such a host only. Notifications about unknown messages, repeated ones and ones out
    of order answer 200.
    """
    message = wiring.sns_verifier().verified(body, now=wiring.now())
    if message.type is SnsType.NOTIFICATION:
        put_on_record(message, wiring.delivery())
    elif message.type is SnsType.SUBSCRIPTION_CONFIRMATION:
        wiring.subscriptions().confirm(message.topic_arn, message.token)
        logger.info("subscription confirmed", topic=message.topic_arn)
    else:
        # To confirm the end would be to subscribe again, against whoever has ended it.
        logger.warning("subscription ended", topic=message.topic_arn)
    told: NotedOut = {"messageId": message.message_id}
    return answer(told, "Noted.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:
    """Take SNS's own Lambda payload, or answer an API Gateway v2 payload."""
    if "Records" in payload:
        logger.append_keys(function_request_id=context.aws_request_id)
        record_all(payload, delivery=wiring.delivery(), topics=wiring.sns_topics())
        return None
    return app.handle(payload, context)
