"""Confirming subscriptions to SNS topics."""

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.clients import Clients
from shared.domain.errors import CalendarServiceError


class SubscriptionNotConfirmed(CalendarServiceError):
    """SNS did not accept the confirmation; it will send the request again."""


class SnsSubscriptions:
    """This service's subscriptions, through the SNS API: no URL from a message is ever fetched."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def confirm(self, topic_arn: str, token: str) -> None:
        """Confirm the subscription that the token identifies. Idempotent.

        Afterwards only an authenticated AWS principal can end it: the unsubscribe URL in every
        notification no longer works.

        Raises:
            SubscriptionNotConfirmed: when SNS rejects the request or does not respond.
        """
        try:
            self._clients.get("sns").confirm_subscription(
                TopicArn=topic_arn, Token=token, AuthenticateOnUnsubscribe="true"
            )
        except (ClientError, BotoCoreError) as error:
            raise SubscriptionNotConfirmed(
                f"SNS did not confirm the subscription to {topic_arn}; check that the function may "
                "call sns:ConfirmSubscription on it."
            ) from error
