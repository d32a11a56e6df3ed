"""SNS: confirming that this service listens to a topic."""

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.clients import Clients
from shared.domain.errors import CalendarServiceError


class SubscriptionNotConfirmed(CalendarServiceError):
    """SNS did not take the confirmation; it sends the request for one again."""


class SnsSubscriptions:
    """Subscriptions of this service, by the API of SNS only: no address from a message is used."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def confirm(self, topic_arn: str, token: str) -> None:
        """Confirm the subscription that a token stands for; again is the same as once.

        Afterwards only who is signed in to AWS can end it, not whoever sees the address for it that
        every notification carries.

        Raises:
            SubscriptionNotConfirmed: SNS refused, or did not answer.
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
