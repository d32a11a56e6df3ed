"""The functions that a queue, a stream, a schedule, SNS or SES starts."""

from collections.abc import Mapping
from datetime import timedelta

from infra.environment import CALENDARS, MAIL_LIMITS, PROVIDER_TOKENS
from infra.functions.spec import TOKEN_ROWS, LambdaSpec
from infra.grants import Grants, actions
from infra.queues import SYNC_VISIBILITY

_SCHEDULE_TIMEOUT = timedelta(minutes=4)
_SCHEDULE_INTERVAL = timedelta(minutes=5)

WORKER_FUNCTIONS: Mapping[str, LambdaSpec] = {
    "ses_notifications": LambdaSpec(
        folder="ses_notifications",
        memory_mb=512,
        timeout=timedelta(seconds=30),
        concurrency=10,
        max_event_age=timedelta(hours=6),
        reason="reads and writes one row per notification; at most 10 at once, so that a wave of "
        "bounces does not use up the concurrency the API needs",
        grants=Grants(
            events=actions("GetItem", "PutItem"),
            indexes=("message",),
            confirms_subscription=True,
            serves_http=True,
        ),
        settings=("SES_TOPIC_ARNS",),
    ),
    "rsvp": LambdaSpec(
        folder="rsvp",
        memory_mb=512,
        timeout=timedelta(seconds=30),
        concurrency=2,
        max_event_age=timedelta(hours=6),
        reason="reads one mail and writes one row per reply; anyone may send mail, so at most 2 at "
        "once",
        grants=Grants(events=actions("GetItem", "PutItem"), reads_replies=True),
        settings=("MAIL_SENDER", "REPLIES_BUCKET"),
        needs="rsvp_domain",
    ),
    "calendar_sync": LambdaSpec(
        folder="calendar_sync",
        memory_mb=1769,
        timeout=SYNC_VISIBILITY - timedelta(seconds=10),
        concurrency=20,
        reason="one vCPU for TLS and the providers' libraries; ends 10 s before the queue's "
        "visibility timeout, so that two workers never process the same message; 20 at once stay "
        "within the request quotas of Google and Microsoft for one app",
        grants=Grants(
            connections=actions(
                "BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem", "Query"
            )
            | TOKEN_ROWS,
            events=actions("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
            credentials=True,
            receives_from_queue=True,
            sends_mail=True,
        ),
        settings=(
            *CALENDARS,
            "SYNC_QUEUE_URL",
            "MAIL_SENDER",
            "MAIL_REPLY_TO",
            "RSVP_DOMAIN",
            "RSVP_ORGANIZER",
            "SES_CONFIGURATION_SET",
            *MAIL_LIMITS,
        ),
    ),
    "relay": LambdaSpec(
        folder="calendar_sync",
        module="relay",
        memory_mb=512,
        timeout=timedelta(seconds=30),
        concurrency=10,
        reason="forwards ids; Lambda runs one per shard of the stream",
        grants=Grants(reads_stream=True, sends_to_queue=True),
        settings=("SYNC_QUEUE_URL",),
    ),
    "publish": LambdaSpec(
        folder="publish",
        memory_mb=512,
        timeout=timedelta(minutes=2),
        concurrency=10,
        reason="derives domain events from rows and sends them on; Lambda runs one per shard of "
        "the two streams; the time is for 100 changes of large sessions and for retries",
        grants=Grants(
            connections=actions("Query"),
            events=actions("GetItem", "PutItem"),
            publishes_events=True,
            sends_webhooks=True,
        ),
        settings=(
            "EVENT_BUS_NAME",
            "DEAD_RECORDS_QUEUE_URL",
            "EVENT_GUEST_ADDRESSES",
            "WEBHOOK_QUEUE_URL",
        ),
    ),
    "token_refresh": LambdaSpec(
        folder="token_refresh",
        memory_mb=1024,
        timeout=_SCHEDULE_TIMEOUT,
        concurrency=1,
        max_event_age=_SCHEDULE_INTERVAL,
        reason="loads the libraries of both providers and refreshes in parallel; ends before the "
        "next run starts, because two runs would only compete for leases",
        grants=Grants(
            connections=actions("DeleteItem", "Query") | TOKEN_ROWS,
            events=actions("BatchGetItem", "UpdateItem"),
            indexes=("due",),
            credentials=True,
            sends_to_queue=True,
        ),
        settings=(*PROVIDER_TOKENS, "SYNC_QUEUE_URL"),
    ),
    "sweeper": LambdaSpec(
        folder="sweeper",
        memory_mb=512,
        timeout=_SCHEDULE_TIMEOUT,
        concurrency=1,
        max_event_age=_SCHEDULE_INTERVAL,
        reason="queries indexes, queues ids, counts tries and frees the time of expired events; "
        "ends before the next run starts",
        grants=Grants(
            connections=actions(
                "BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"
            ),
            events=actions("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
            indexes=("pending", "unsynced"),
            sends_to_queue=True,
        ),
        settings=("SYNC_QUEUE_URL",),
    ),
    "webhooks_delivery": LambdaSpec(
        folder="webhooks",
        module="delivery",
        memory_mb=512,
        timeout=timedelta(seconds=30),
        concurrency=20,
        reason="a delivery waits up to 10 s for its receiver; one webhook occupies at most 4 of 20 "
        "workers; ends before the queue's visibility timeout of 60 s",
        grants=Grants(
            connections=actions("DeleteItem", "GetItem", "PutItem", "Query"),
            events=actions("GetItem", "Query"),
            webhook_secrets=True,
            sends_webhooks=True,
            receives_webhooks=True,
        ),
        settings=("TOKEN_KEY_ID", "WEBHOOK_QUEUE_URL"),
    ),
}
"""By name. `ses_notifications` also serves the HTTPS route for SNS."""
