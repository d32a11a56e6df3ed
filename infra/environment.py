"""Which settings each function is given, by the variables of shared/settings.py."""

from collections.abc import Mapping

EVERYBODY = ("STAGE", "EVENTS_TABLE", "CONNECTIONS_TABLE", "AUTH_ISSUER", "AUTH_AUDIENCE")
"""Those without which no function starts."""

_CALLERS = ("AUTH_JWKS_URL", "AUTH_HS256_SECRET_ID")
_TOKENS = (
    "TOKEN_KEY_ID",
    "GOOGLE_CLIENT_ID",
    "GOOGLE_CLIENT_SECRET_ID",
    "MICROSOFT_CLIENT_ID",
    "MICROSOFT_CLIENT_SECRET_ID",
    "MICROSOFT_AUTHORITY",
)
_CALENDARS = (*_TOKENS, "CALDAV_ALLOWED_HOSTS")
_ORGANIZATION = ("DEFAULT_TIMEZONE", "DEFAULT_AVAILABILITY")
SLOT_RULES = (
    *_ORGANIZATION,
    "SLOT_MINUTES",
    "SLOT_STEP_MINUTES",
    "BUFFER_BEFORE_MINUTES",
    "BUFFER_AFTER_MINUTES",
    "MIN_NOTICE_MINUTES",
    "ON_UNREADABLE",
)
"""Those that shape slots, the organization's own."""

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "status": _CALLERS,
    "slots": (*_CALLERS, *_CALENDARS, *SLOT_RULES),
    "legacy": (*_CALENDARS, *SLOT_RULES, "PUBLIC_REQUESTS_PER_MINUTE"),
    "events": (
        *_CALLERS,
        *_CALENDARS,
        *SLOT_RULES,
        "PUBLIC_EVENT_DETAILS",
        "PUBLIC_REQUESTS_PER_MINUTE",
        "MAIL_SENDER",
    ),
    "invites": (*_CALLERS, "MAIL_SENDER"),
    "availability": (*_CALLERS, *_ORGANIZATION),
    "holidays": (*_CALLERS, *_ORGANIZATION),
    "connections": (*_CALLERS, *_CALENDARS, "PUBLIC_BASE_URL", "REDIRECT_ALLOW_LIST"),
    "ses_notifications": ("SES_TOPIC_ARNS",),
    "calendar_sync": (*_CALENDARS, "SYNC_QUEUE_URL", "MAIL_SENDER", "SES_CONFIGURATION_SET"),
    "relay": ("SYNC_QUEUE_URL",),
    "token_refresh": _TOKENS,
    "sweeper": ("SYNC_QUEUE_URL",),
}
"""By function, beside what everybody has."""


def environment(
    function: str, values: Mapping[str, str], *, given: Mapping[str, str]
) -> dict[str, str]:
    """Return a function's variables: of `values` those it needs and has, then `given` in full."""
    needed = (*EVERYBODY, *SETTINGS[function])
    return {name: values[name] for name in needed if values.get(name)} | dict(given)
