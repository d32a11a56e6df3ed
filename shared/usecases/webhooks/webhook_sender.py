"""Signs a domain event with a webhook's secrets and sends it once."""

from datetime import datetime

from shared.domain.webhook import SECRETS_OWNER, Webhook, signature
from shared.domain.webhook_delivery import EnvelopeText, ReceiverAnswer, delivery_id
from shared.ports import Vault
from shared.ports.webhooks import WebhookReceiver


class WebhookSender:
    """Makes one attempt, whose body is the envelope."""

    def __init__(self, *, receiver: WebhookReceiver, vault: Vault) -> None:
        self._receiver = receiver
        self._vault = vault

    def send(
        self, webhook: Webhook, envelope: EnvelopeText, *, attempt: int, now: datetime
    ) -> ReceiverAnswer:
        """Send the envelope and return the receiver's answer.

        Raises:
            CalendarServiceError: when a secret cannot be decrypted.
        """
        secrets = [
            self._vault.open(each.sealed, user_id=SECRETS_OWNER, connection_id=webhook.id)
            for each in webhook.signing(now)
        ]
        headers = {
            "Content-Type": "application/json",
            "Calendar-Signature": signature(envelope.body, secrets, now=now),
            "Calendar-Delivery-Id": delivery_id(webhook.id, envelope.id),
            "Calendar-Attempt": str(attempt),
        }
        return self._receiver.post(webhook.url, headers=headers, body=envelope.body)


def seal(vault: Vault, webhook_id: str, secret: str) -> bytes:
    """Return the secret of a webhook, encrypted for it."""
    return vault.seal(secret, user_id=SECRETS_OWNER, connection_id=webhook_id)
