"""The functions behind the HTTP API."""

from collections.abc import Mapping
from datetime import timedelta

from infra.environment import (
    ACCOUNT_LIMITS,
    BEARER_TOKENS,
    BOOKING_DEFAULTS,
    CALENDARS,
    DEFAULTS,
    INVITATION_LIMITS,
    POLICY,
    SESSION_LIMITS,
    SLOT_RULES,
)
from infra.functions.spec import TOKEN_ROWS, LambdaSpec
from infra.grants import Grants, actions

_API_GATEWAY_TIMEOUT = timedelta(seconds=29)
_ROWS_TIMEOUT = timedelta(seconds=10)

API_FUNCTIONS: Mapping[str, LambdaSpec] = {
    "status": LambdaSpec(
        folder="status",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="reads a few rows and serves the OpenAPI document; 10 s allow three retries",
        grants=Grants(
            serves_http=True, connections=actions("Query", "UpdateItem"), bearer_tokens=True
        ),
        settings=BEARER_TOKENS,
    ),
    "console": LambdaSpec(
        folder="console",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="serves one page from memory and reads nothing",
        grants=Grants(serves_http=True),
        settings=(),
    ),
    "slots": LambdaSpec(
        folder="slots",
        memory_mb=1769,
        timeout=timedelta(seconds=15),
        reason="one vCPU for the cold start and for TLS to many calendars in parallel; reading "
        "calendars takes up to 3 s, plus the time to refresh an expired token",
        grants=Grants(
            serves_http=True,
            connections=actions("Query") | TOKEN_ROWS,
            events=actions("BatchGetItem", "GetItem"),
            credentials=True,
            bearer_tokens=True,
        ),
        settings=(*BEARER_TOKENS, *CALENDARS, *SLOT_RULES, *POLICY),
    ),
    "legacy": LambdaSpec(
        folder="legacy",
        memory_mb=1024,
        timeout=timedelta(seconds=15),
        reason="the same work as slots, but rarely called",
        grants=Grants(
            serves_http=True, connections=actions("Query") | TOKEN_ROWS, credentials=True
        ),
        settings=(*CALENDARS, *SLOT_RULES, "PUBLIC_REQUESTS_PER_MINUTE"),
    ),
    "events": LambdaSpec(
        folder="events",
        memory_mb=1769,
        timeout=_API_GATEWAY_TIMEOUT,
        reason="one vCPU for TLS to many calendars in parallel; a booking that loses a race is "
        "decided again and reads calendars for up to 3 s each time; API Gateway waits 29 s at most",
        grants=Grants(
            serves_http=True,
            connections=actions(
                "Query", "BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem"
            )
            | TOKEN_ROWS,
            events=actions("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
            indexes=("pending",),
            sends_to_queue=True,
            credentials=True,
            bearer_tokens=True,
        ),
        settings=(
            *BEARER_TOKENS,
            *CALENDARS,
            *SLOT_RULES,
            *POLICY,
            *BOOKING_DEFAULTS,
            "PUBLIC_EVENT_DETAILS",
            *SESSION_LIMITS,
            "PUBLIC_REQUESTS_PER_MINUTE",
            "DAY_LISTS_PER_MINUTE",
            "MAIL_SENDER",
            "SYNC_QUEUE_URL",
        ),
    ),
    "invites": LambdaSpec(
        folder="invites",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="only reads and writes rows",
        grants=Grants(
            serves_http=True,
            connections=actions("Query", "UpdateItem"),
            events=actions(
                "BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"
            ),
            bearer_tokens=True,
        ),
        settings=(*BEARER_TOKENS, *POLICY, *INVITATION_LIMITS, "MAIL_SENDER"),
    ),
    "availability": LambdaSpec(
        folder="availability",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="only reads and writes rows",
        grants=Grants(
            serves_http=True,
            connections=actions("Query", "UpdateItem"),
            sends_to_queue=True,
            bearer_tokens=True,
        ),
        settings=(*BEARER_TOKENS, *DEFAULTS, "SYNC_QUEUE_URL"),
    ),
    "holidays": LambdaSpec(
        folder="holidays",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="only reads and writes rows",
        grants=Grants(
            serves_http=True,
            connections=actions("DeleteItem", "PutItem", "Query", "UpdateItem"),
            sends_to_queue=True,
            bearer_tokens=True,
        ),
        settings=(*BEARER_TOKENS, *DEFAULTS, "HOLIDAYS_PER_USER", "SYNC_QUEUE_URL"),
    ),
    "users": LambdaSpec(
        folder="users",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="reads rows and writes the request of an erasure, which calendar_sync carries out",
        grants=Grants(
            serves_http=True,
            connections=actions("Query"),
            events=actions("GetItem", "PutItem", "Query"),
            bearer_tokens=True,
        ),
        settings=BEARER_TOKENS,
    ),
    "connections": LambdaSpec(
        folder="connections",
        memory_mb=1024,
        timeout=_API_GATEWAY_TIMEOUT,
        reason="loads a provider's library, and discovers a CalDAV account with a dozen requests; "
        "API Gateway waits 29 s at most",
        grants=Grants(
            serves_http=True,
            connections=actions("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
            events=actions("BatchGetItem", "UpdateItem"),
            credentials=True,
            sends_to_queue=True,
            bearer_tokens=True,
        ),
        settings=(
            *BEARER_TOKENS,
            *CALENDARS,
            "SYNC_QUEUE_URL",
            "PUBLIC_BASE_URL",
            "REDIRECT_ALLOW_LIST",
            "OAUTH_BINDING",
            *ACCOUNT_LIMITS,
            "CALLBACKS_PER_MINUTE",
        ),
    ),
    "changes": LambdaSpec(
        folder="changes",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="only reads rows",
        grants=Grants(serves_http=True, events=actions("GetItem", "Query"), bearer_tokens=True),
        settings=BEARER_TOKENS,
    ),
    "webhooks": LambdaSpec(
        folder="webhooks",
        memory_mb=512,
        timeout=timedelta(seconds=20),
        reason="reads and writes rows; a test waits up to 10 s for the receiver",
        grants=Grants(
            serves_http=True,
            connections=actions("DeleteItem", "GetItem", "PutItem", "Query"),
            sends_webhooks=True,
            webhook_secrets=True,
            bearer_tokens=True,
        ),
        settings=(
            *BEARER_TOKENS,
            "TOKEN_KEY_ID",
            "WEBHOOK_QUEUE_URL",
            "WEBHOOKS_PER_ORGANIZATION",
        ),
    ),
}
"""By name, which is the `function` of a route."""
