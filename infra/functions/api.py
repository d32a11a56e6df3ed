"""The functions behind the HTTP API."""

from collections.abc import Mapping
from datetime import timedelta

from infra.environment import (
    ACCOUNT_LIMITS,
    BEARER_TOKENS,
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
            connections=actions("Query", "BatchGetItem", "ConditionCheckItem", "PutItem")
            | TOKEN_ROWS,
            events=actions("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
            credentials=True,
            bearer_tokens=True,
        ),
        settings=(
            *BEARER_TOKENS,
            *CALENDARS,
            *SLOT_RULES,
            *POLICY,
            "PUBLIC_EVENT_DETAILS",
            *SESSION_LIMITS,
            "PUBLIC_REQUESTS_PER_MINUTE",
            "DAY_LISTS_PER_MINUTE",
            "MAIL_SENDER",
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
            events=actions("DeleteItem", "GetItem", "PutItem", "Query"),
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
            connections=actions("PutItem", "Query", "UpdateItem"),
            bearer_tokens=True,
        ),
        settings=(*BEARER_TOKENS, *DEFAULTS),
    ),
    "holidays": LambdaSpec(
        folder="holidays",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="only reads and writes rows",
        grants=Grants(
            serves_http=True,
            connections=actions("DeleteItem", "PutItem", "Query", "UpdateItem"),
            bearer_tokens=True,
        ),
        settings=(*BEARER_TOKENS, *DEFAULTS, "HOLIDAYS_PER_USER"),
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
            credentials=True,
            bearer_tokens=True,
        ),
        settings=(
            *BEARER_TOKENS,
            *CALENDARS,
            "PUBLIC_BASE_URL",
            "REDIRECT_ALLOW_LIST",
            "OAUTH_BINDING",
            *ACCOUNT_LIMITS,
            "CALLBACKS_PER_MINUTE",
        ),
    ),
}
"""By name, which is the `function` of a route."""
