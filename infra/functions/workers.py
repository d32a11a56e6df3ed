"""The functions that a queue, a stream, a schedule or SNS starts."""

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
    "calendar_sync": LambdaSpec(
        folder="calendar_sync",
        memory_mb=1769,
        timeout=SYNC_VISIBILITY - timedelta(seconds=10),
        concurrency=20,
        reason="one vCPU for TLS and the providers' libraries; ends 10 s before the queue's "
        "visibility timeout, so that two workers never process the same message; 20 at once stay "
        "within the request quotas of Google and Microsoft for one app",
        grants=Grants(
            connections=actions("BatchGetItem", "DeleteItem", "PutItem", "Query") | TOKEN_ROWS,
            events=actions("GetItem", "PutItem", "Query", "UpdateItem"),
            credentials=True,
            receives_from_queue=True,
            sends_mail=True,
        ),
        settings=(
            *CALENDARS,
            "SYNC_QUEUE_URL",
            "MAIL_SENDER",
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
    "token_refresh": LambdaSpec(
        folder="token_refresh",
        memory_mb=1024,
        timeout=_SCHEDULE_TIMEOUT,
        concurrency=1,
        max_event_age=_SCHEDULE_INTERVAL,
        reason="loads the libraries of both providers and refreshes in parallel; ends before the "
        "next run starts, because two runs would only compete for leases",
        grants=Grants(connections=TOKEN_ROWS, indexes=("due",), credentials=True),
        settings=PROVIDER_TOKENS,
    ),
    "sweeper": LambdaSpec(
        folder="sweeper",
        memory_mb=512,
        timeout=_SCHEDULE_TIMEOUT,
        concurrency=1,
        max_event_age=_SCHEDULE_INTERVAL,
        reason="queries an index, queues ids and counts tries; ends before the next run starts",
        grants=Grants(
            events=actions("BatchGetItem", "PutItem", "Query", "UpdateItem"),
            indexes=("unsynced",),
            sends_to_queue=True,
        ),
        settings=("SYNC_QUEUE_URL",),
    ),
}
"""By name. `ses_notifications` also serves the HTTPS route for SNS."""
