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
    {"eventName": _WRITTEN, "dynamodb": {"Keys": {"sk": {"S": ["event", "externals"]}}}},
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

STREAM_BATCH = 100
STREAM_RETRIES = 50
STREAM_AGE = Duration.hours(1)
"""A record that cannot be forwarded blocks its shard until then; the sweeper finds its event."""

SYNC_BATCH = 5
"""Small, because the worker's time-out covers the whole batch and a message may take long."""

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
