"""The sync queue, and where dead letters of every kind are kept."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.queues import KEPT_FOR, SYNC_MAX_RECEIVES, SYNC_VISIBILITY


class Queues(Construct):
    """Queues under keys of SQS, reached over TLS only.

    `sync` carries ids of events, one group each; `sync_dead` what was received too often.
    `stream_dead` tells of stream records the relay could not forward, `notifications_dead` holds
    what SES told and nobody recorded, `schedules_dead` runs that did not happen.
    """

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.sync_dead = self._queue("SyncDead", fifo=True)
        self.sync = sqs.Queue(
            self,
            "Sync",
            fifo=True,
            visibility_timeout=Duration.seconds(SYNC_VISIBILITY.total_seconds()),
            retention_period=Duration.seconds(KEPT_FOR.total_seconds()),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.sync_dead, max_receive_count=SYNC_MAX_RECEIVES
            ),
        )
        self.stream_dead = self._queue("StreamDead")
        self.notifications_dead = self._queue("NotificationsDead")
        self.schedules_dead = self._queue("SchedulesDead")

    @property
    def dead(self) -> dict[str, sqs.Queue]:
        """Every queue of dead letters by what died."""
        return {
            "sync": self.sync_dead,
            "stream": self.stream_dead,
            "notifications": self.notifications_dead,
            "schedules": self.schedules_dead,
        }

    def _queue(self, name: str, *, fifo: bool = False) -> sqs.Queue:
        return sqs.Queue(
            self,
            name,
            fifo=fifo or None,
            retention_period=Duration.seconds(KEPT_FOR.total_seconds()),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
