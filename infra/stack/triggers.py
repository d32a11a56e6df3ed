"""The triggers of the workers: stream, queue, SNS topic and schedules."""

import json
from typing import Any

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk.aws_lambda_event_sources import SqsDlq
from constructs import Construct

from infra.stack.function import ServiceFunction
from infra.stack.mail import Mail
from infra.stack.queues import Queues
from infra.stack.tables import DynamoDbTables

_WRITTEN = ["INSERT", "MODIFY"]
STREAM_FILTERS: tuple[dict[str, Any], ...] = (
    {"eventName": _WRITTEN, "dynamodb": {"Keys": {"sk": {"S": ["event", "externals", "erasure"]}}}},
    {"eventName": ["REMOVE"], "dynamodb": {"Keys": {"sk": {"S": ["event"]}}}},
    {
        "eventName": _WRITTEN,
        "dynamodb": {
            "Keys": {"sk": {"S": [{"prefix": "invite#"}]}},
            "NewImage": {"resend": {"BOOL": [True]}},
        },
    },
)
"""Stream records that may need reconciling: a record must match one of them.

The relay checks more precisely.
"""

EVENTS_FILTER: dict[str, Any] = {
    "dynamodb": {"Keys": {"sk": {"S": ["event", {"prefix": "copy#"}, {"prefix": "invite#"}]}}}
}
CONNECTIONS_FILTER: dict[str, Any] = {
    "dynamodb": {
        "Keys": {
            "sk": {
                "S": [
                    {"prefix": "person#connection#"},
                    {"prefix": "person#availability#"},
                    {"prefix": "person#holiday#"},
                    {"prefix": "webhook#"},
                ]
            }
        }
    }
}
"""Stream records of these items may give domain events; writes of the change list never do."""

PUBLISH_AGE = Duration.hours(12)
"""A record that cannot be published blocks its shard until then. It is then a dead letter, which
can be repeated as long as the stream has the record: 24 hours from its write."""

STREAM_BATCH = 100
STREAM_RETRIES = 50
STREAM_AGE = Duration.hours(1)
"""A record that cannot be forwarded blocks its shard until then; the sweeper finds its event."""

SYNC_BATCH = 1
"""An event whose calendars are slow must not delay the events of others in the same batch."""

WEBHOOK_BATCH = 1
"""A receiver that answers slowly must not delay the deliveries to others in the same batch."""

EVERY = "rate(5 minutes)"


class Triggers(Construct):
    """Event source mappings, the SNS subscription and the schedules."""

    def __init__(self, scope: Construct, name: str, *, queues: Queues) -> None:
        super().__init__(scope, name)
        self._queues = queues

    def add_stream(self, relay: ServiceFunction, tables: DynamoDbTables) -> None:
        """Invoke the relay with records of the events table's stream."""
        lambda_.EventSourceMapping(
            self,
            "Stream",
            target=relay.target,
            event_source_arn=tables.events.table_stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=STREAM_BATCH,
            bisect_batch_on_error=True,
            retry_attempts=STREAM_RETRIES,
            max_record_age=STREAM_AGE,
            on_failure=SqsDlq(self._queues.stream_dead),
            filters=[{"pattern": json.dumps(each)} for each in STREAM_FILTERS],
        )

    def add_publishing(self, publish: ServiceFunction, tables: DynamoDbTables) -> None:
        """Invoke the publication with records of both tables' streams, those of an item in order.

        A batch that fails is retried, and halved to find the record that fails.
        """
        for name, stream, pattern in (
            ("EventsPublishing", tables.events.table_stream_arn, EVENTS_FILTER),
            ("ConnectionsPublishing", tables.connections.table_stream_arn, CONNECTIONS_FILTER),
        ):
            lambda_.EventSourceMapping(
                self,
                name,
                target=publish.target,
                event_source_arn=stream,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=STREAM_BATCH,
                bisect_batch_on_error=True,
                max_record_age=PUBLISH_AGE,
                on_failure=SqsDlq(self._queues.publish_dead),
                filters=[{"pattern": json.dumps(pattern)}],
            )

    def add_queue(self, worker: ServiceFunction, *, max_concurrency: int | None) -> None:
        """Invoke the worker with messages of the sync queue; it reports which ones failed."""
        lambda_.EventSourceMapping(
            self,
            "Queue",
            target=worker.target,
            event_source_arn=self._queues.sync.queue_arn,
            batch_size=SYNC_BATCH,
            report_batch_item_failures=True,
            max_concurrency=max_concurrency,
        )

    def add_webhook_queue(self, worker: ServiceFunction, *, max_concurrency: int | None) -> None:
        """Invoke the worker with deliveries to webhooks, one each; it reports which ones failed."""
        lambda_.EventSourceMapping(
            self,
            "Webhooks",
            target=worker.target,
            event_source_arn=self._queues.webhooks.queue_arn,
            batch_size=WEBHOOK_BATCH,
            report_batch_item_failures=True,
            max_concurrency=max_concurrency,
        )

    def add_mail_topic(self, function: ServiceFunction, mail: Mail) -> None:
        """Invoke the function with SES notifications; failures go to its dead-letter queue."""
        mail.topic.add_subscription(
            subscriptions.LambdaSubscription(
                function.target, dead_letter_queue=self._queues.notifications_dead
            )
        )

    def add_schedule(self, name: str, function: ServiceFunction) -> None:
        """Invoke the function every five minutes; a run that cannot start is a dead letter.

        The payload is the Scheduler's default one, which has the schedule's ARN and the time.
        """
        dead = self._queues.schedules_dead
        role = iam.Role(
            self,
            f"{name}Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"], resources=[function.target.function_arn]
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead.queue_arn])
        )
        schedule = scheduler.CfnSchedule(
            self,
            name,
            description=f"calendar-service: {name} every five minutes",
            schedule_expression=EVERY,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=function.target.function_arn,
                role_arn=role.role_arn,
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=dead.queue_arn
                ),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=300, maximum_retry_attempts=2
                ),
            ),
        )
        schedule.node.add_dependency(role)
