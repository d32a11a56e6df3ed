"""The functions behind the HTTP API."""

from collections.abc import Mapping
from datetime import timedelta

from infra.environment import BEARER_TOKENS, CALENDARS, DEFAULTS, SLOT_RULES
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
        grants=Grants(connections=actions("Query", "UpdateItem"), bearer_tokens=True),
        settings=BEARER_TOKENS,
    ),
    "slots": LambdaSpec(
        folder="slots",
        memory_mb=1769,
        timeout=timedelta(seconds=15),
        reason="one vCPU for the cold start and for TLS to many calendars in parallel; reading "
        "calendars takes up to 3 s, plus the time to refresh an expired token",
        grants=Grants(
            connections=actions("Query") | TOKEN_ROWS,
            events=actions("BatchGetItem"),
            credentials=True,
            bearer_tokens=True,
        ),
        settings=(*BEARER_TOKENS, *CALENDARS, *SLOT_RULES),
    ),
    "legacy": LambdaSpec(
        folder="legacy",
        memory_mb=1024,
        timeout=timedelta(seconds=15),
        reason="the same work as slots, but rarely called",
        grants=Grants(connections=actions("Query") | TOKEN_ROWS, credentials=True),
        settings=(*CALENDARS, *SLOT_RULES, "PUBLIC_REQUESTS_PER_MINUTE"),
    ),
    "events": LambdaSpec(
        folder="events",
        memory_mb=1769,
        timeout=_API_GATEWAY_TIMEOUT,
        reason="one vCPU for TLS to many calendars in parallel; a booking that loses a race is "
        "decided again and reads calendars for up to 3 s each time; API Gateway waits 29 s at most",
        grants=Grants(
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
            "PUBLIC_EVENT_DETAILS",
            "PUBLIC_REQUESTS_PER_MINUTE",
            "MAIL_SENDER",
        ),
    ),
    "invites": LambdaSpec(
        folder="invites",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="only reads and writes rows",
        grants=Grants(
            connections=actions("Query"),
            events=actions("GetItem", "PutItem", "Query"),
            bearer_tokens=True,
        ),
        settings=(*BEARER_TOKENS, "MAIL_SENDER"),
    ),
    "availability": LambdaSpec(
        folder="availability",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="only reads and writes rows",
        grants=Grants(connections=actions("PutItem", "Query", "UpdateItem"), bearer_tokens=True),
        settings=(*BEARER_TOKENS, *DEFAULTS),
    ),
    "holidays": LambdaSpec(
        folder="holidays",
        memory_mb=512,
        timeout=_ROWS_TIMEOUT,
        reason="only reads and writes rows",
        grants=Grants(
            connections=actions("DeleteItem", "PutItem", "Query", "UpdateItem"), bearer_tokens=True
        ),
        settings=(*BEARER_TOKENS, *DEFAULTS),
    ),
    "connections": LambdaSpec(
        folder="connections",
        memory_mb=1024,
        timeout=_API_GATEWAY_TIMEOUT,
        reason="loads a provider's library, and discovers a CalDAV account with a dozen requests; "
        "API Gateway waits 29 s at most",
        grants=Grants(
            connections=actions("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
            credentials=True,
            bearer_tokens=True,
        ),
        settings=(*BEARER_TOKENS, *CALENDARS, "PUBLIC_BASE_URL", "REDIRECT_ALLOW_LIST"),
    ),
}
"""By name, which is the `function` of a route."""
