"""SES's bounces, complaints and deliveries, straight from SNS or over HTTP."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ses_notifications.records import logger, put_on_record, record_all
from shared import wiring
from shared.api.app import PUBLIC, App
from shared.api.envelope import answer
from shared.mail.sns import SnsType

app = App()


@app.post("/api/v1/ses/notifications", security=PUBLIC)
def receive(body: Annotated[dict[str, Any], Body()]) -> Response[str]:
    """One message of an HTTP subscription, which must prove that SNS sent it."""
    message = wiring.sns_verifier().verified(body, now=wiring.now())
    if message.type is SnsType.NOTIFICATION:
        put_on_record(message, wiring.delivery())
    elif message.type is SnsType.SUBSCRIPTION_CONFIRMATION:
        wiring.subscriptions().confirm(message.topic_arn, message.token)
        logger.info("subscription confirmed", topic=message.topic_arn)
    else:
        # To confirm the end would be to subscribe again, against whoever has ended it.
        logger.warning("subscription ended", topic=message.topic_arn)
    return answer({"messageId": message.message_id}, "Noted.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:
    """Take SNS's own Lambda payload, or answer an API Gateway v2 payload."""
    if "Records" in payload:
        record_all(payload, delivery=wiring.delivery(), topics=wiring.sns_topics())
        return None
    return app.handle(payload, context)
