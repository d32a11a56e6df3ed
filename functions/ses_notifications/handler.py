"""SES delivery notifications, from SNS directly or over HTTP."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ses_notifications.records import logger, record_all, record_message
from functions.ses_notifications.responses import AcceptedNotificationOut
from shared import wiring
from shared.api.app import PUBLIC, App
from shared.api.envelope import success
from shared.api.operation import operation
from shared.mail.sns import SnsType

app = App()
wiring.warm(wiring.delivery)


@app.post("/api/v1/ses/notifications", security=PUBLIC)
@operation(
    "sesNotifications",
    tag="Webhooks",
    responses={200: AcceptedNotificationOut},
    errors=("SIGNATURE_INVALID",),
)
def receive(body: Annotated[dict[str, Any], Body()]) -> Response[str]:
    """Receive SES bounces, complaints and deliveries from an SNS HTTP(S) subscription.

    The body is the SNS message, which SNS sends as text/plain. Its signature (version 1 or 2) is
    verified with a certificate from an sns.REGION.amazonaws.com host, and its TopicArn must be one
    of the stack's topics; otherwise the response is SIGNATURE_INVALID and nothing changes. A
    subscription is confirmed only at an sns.REGION.amazonaws.com host. Notifications about unknown
    messages, repeated notifications and notifications out of order return 200.
    """
    message = wiring.sns_verifier().verified(body, now=wiring.now())
    if message.type is SnsType.NOTIFICATION:
        record_message(message, wiring.delivery())
    elif message.type is SnsType.SUBSCRIPTION_CONFIRMATION:
        wiring.subscriptions().confirm(message.topic_arn, message.token)
        logger.info("subscription confirmed", topic=message.topic_arn)
    else:
        # Confirming this message would subscribe again, against the wish of the person who
        # unsubscribed.
        logger.warning("subscription ended", topic=message.topic_arn)
    accepted: AcceptedNotificationOut = {"messageId": message.message_id}
    return success(accepted, "Notification accepted.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:
    """Handle SNS's Lambda payload or an API Gateway v2 payload."""
    if "Records" in payload:
        logger.append_keys(function_request_id=context.aws_request_id)
        record_all(payload, delivery=wiring.delivery(), topics=wiring.sns_topics())
        return None
    return app.handle(payload, context)
