"""The sync queue, and the dead-letter queues."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.queues import (
    QUEUE_RETENTION,
    SYNC_MAX_RECEIVES,
    SYNC_VISIBILITY,
    WEBHOOK_MAX_RECEIVES,
    WEBHOOK_VISIBILITY,
)


class Queues(Construct):
    """Queues encrypted with keys of SQS, accepting TLS only.

    sync: event ids; the message group is the event.
    sync_dead: messages received too often.
    webhooks: deliveries of domain events; the message group is the webhook.
    webhooks_dead: deliveries received too often.
    stream_dead: descriptions of stream records that the relay could not forward.
    publish_dead: stream records whose domain events could not be published, or where they are.
    notifications_dead: SES notifications that could not be recorded.
    schedules_dead: scheduled runs that failed or could not start.
    replies_dead: replies that could not be recorded, if the stack receives any.
    """

    def __init__(self, scope: Construct, name: str, *, receives_replies: bool) -> None:
        super().__init__(scope, name)
        self.sync_dead = self._queue("SyncDead", fifo=True)
        self.sync = sqs.Queue(
            self,
            "Sync",
            fifo=True,
            visibility_timeout=Duration.seconds(SYNC_VISIBILITY.total_seconds()),
            retention_period=Duration.seconds(QUEUE_RETENTION.total_seconds()),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.sync_dead, max_receive_count=SYNC_MAX_RECEIVES
            ),
        )
        self.webhooks_dead = self._queue("WebhooksDead")
        self.webhooks = sqs.Queue(
            self,
            "Webhooks",
            visibility_timeout=Duration.seconds(WEBHOOK_VISIBILITY.total_seconds()),
            retention_period=Duration.seconds(QUEUE_RETENTION.total_seconds()),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.webhooks_dead, max_receive_count=WEBHOOK_MAX_RECEIVES
            ),
        )
        self.stream_dead = self._queue("StreamDead")
        self.publish_dead = self._queue("PublishDead")
        self.notifications_dead = self._queue("NotificationsDead")
        self.schedules_dead = self._queue("SchedulesDead")
        self.replies_dead = self._queue("RepliesDead") if receives_replies else None

    @property
    def dead(self) -> dict[str, sqs.Queue]:
        """Every dead-letter queue by name."""
        return {
            "sync": self.sync_dead,
            "webhooks": self.webhooks_dead,
            "stream": self.stream_dead,
            "publish": self.publish_dead,
            "notifications": self.notifications_dead,
            "schedules": self.schedules_dead,
            **({"replies": self.replies_dead} if self.replies_dead else {}),
        }

    def _queue(self, name: str, *, fifo: bool = False) -> sqs.Queue:
        return sqs.Queue(
            self,
            name,
            fifo=fifo or None,
            retention_period=Duration.seconds(QUEUE_RETENTION.total_seconds()),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
