"""Groups of settings (variables of shared/settings.py), and a function's environment from them."""

from collections.abc import Iterable, Mapping

from infra.oauth_clients import OAUTH_CLIENTS

COMMON = ("STAGE", "EVENTS_TABLE", "CONNECTIONS_TABLE", "AUTH_ISSUER", "AUTH_AUDIENCE")
"""Required by every function."""

TABLES = ("RETENTION_DAYS",)
"""Given to every function, because all of them may write to the tables."""

EDGE = ("ORIGIN_SECRET_ID",)
"""Given to every function of a stack with CloudFront."""

BEARER_TOKENS = ("AUTH_JWKS_URL", "AUTH_HS256_SECRET_ID")
PROVIDER_TOKENS = (
    "TOKEN_KEY_ID",
    *(setting for client in OAUTH_CLIENTS.values() for setting in client.settings),
)
CALENDARS = (*PROVIDER_TOKENS, "CALDAV_ALLOWED_HOSTS")
POLICY = ("AUTO_APPROVAL_ROLES", "LEARNERS_MAY_MOVE", "LEARNERS_MAY_CANCEL")
"""The organization's choices in shared/domain/policy.py."""

BOOKING_DEFAULTS = ("ADMIN_ATTENDS", "BOOKING_RULES", "PENDING_EXPIRES_HOURS")
"""The organization's choices for new events."""

DEFAULTS = ("DEFAULT_TIMEZONE", "DEFAULT_AVAILABILITY", "UNSET_LEARNER")
SLOT_RULES = (
    *DEFAULTS,
    "SLOT_MINUTES",
    "SLOT_STEP_MINUTES",
    "BUFFER_BEFORE_MINUTES",
    "BUFFER_AFTER_MINUTES",
    "MIN_NOTICE_MINUTES",
    "ON_UNREADABLE",
)
"""The organization's rules for slots."""

MAIL_LIMITS = (
    "MAILS_PER_USER_PER_DAY",
    "MAILS_PER_SESSION_PER_HOUR",
    "MAILS_PER_RECIPIENT_PER_DAY",
)
INVITATION_LIMITS = (
    "RESENDS_PER_SESSION_PER_HOUR",
    "RESENDS_PER_USER_PER_HOUR",
    "GUESTS_PER_SESSION",
    "GUESTS_PER_USER_PER_DAY",
)
SESSION_LIMITS = (
    "PENDING_SESSIONS_PER_USER",
    "FUTURE_SESSIONS_PER_USER",
    "SESSIONS_PER_USER_PER_DAY",
)
ACCOUNT_LIMITS = (
    "CONNECTIONS_PER_USER",
    "OPEN_OAUTH_STATES_PER_USER",
    "CALDAV_CONNECTS_PER_USER_PER_HOUR",
    "CALDAV_FAILURES_PER_USER_PER_HOUR",
    "CALDAV_FAILURES_PER_ACCOUNT_PER_HOUR",
)


def environment(
    settings: Iterable[str], values: Mapping[str, str], *, extra: Mapping[str, str]
) -> dict[str, str]:
    """Return a function's environment variables.

    Contains those of the `COMMON`, `TABLES` and `EDGE` settings and of `settings` that have a value
    in `values`, and all of `extra`, which takes precedence.
    """
    names = (*COMMON, *TABLES, *EDGE, *settings)
    return {name: values[name] for name in names if values.get(name)} | dict(extra)
