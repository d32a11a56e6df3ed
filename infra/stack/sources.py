"""What starts the workers: the stream, the queue, the topic and the schedules."""

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
from infra.stack.tables import Tables

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
"""The records that may ask for work; the relay looks closer. Any of the two is enough."""

STREAM_BATCH = 100
STREAM_RETRIES = 50
STREAM_AGE = Duration.hours(1)
"""A record that cannot be forwarded holds its shard no longer; the sweeper finds its event."""

SYNC_BATCH = 5
"""A worker's time-out is over all messages of a batch, of which each may ask many calendars."""

EVERY = "rate(5 minutes)"


class Sources(Construct):
    """Event source mappings, the subscription and the schedules."""

    def __init__(self, scope: Construct, name: str, *, queues: Queues) -> None:
        super().__init__(scope, name)
        self._queues = queues

    def stream_to(self, relay: ServiceFunction, tables: Tables) -> None:
        """Let the events table's stream call the relay."""
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

    def queue_to(self, worker: ServiceFunction, *, at_once: int | None) -> None:
        """Let the sync queue call the worker, which reports the messages that must come back."""
        lambda_.EventSourceMapping(
            self,
            "Queue",
            target=worker.target,
            event_source_arn=self._queues.sync.queue_arn,
            batch_size=SYNC_BATCH,
            report_batch_item_failures=True,
            max_concurrency=at_once,
        )

    def fates_to(self, function: ServiceFunction, mail: Mail) -> None:
        """Let SNS call the function with what SES tells; failures go to a queue of their own."""
        mail.topic.add_subscription(
            subscriptions.LambdaSubscription(
                function.target, dead_letter_queue=self._queues.notifications_dead
            )
        )

    def schedule(self, name: str, function: ServiceFunction) -> None:
        """Call the function every five minutes; a run that cannot be had is a dead letter.

        It is called with the Scheduler's own payload, which names the schedule and the time.
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
        made = scheduler.CfnSchedule(
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
        made.node.add_dependency(role)
