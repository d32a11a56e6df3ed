"""Groups of settings (variables of shared/settings.py), and a function's environment from them."""

from collections.abc import Iterable, Mapping

from infra.oauth_clients import OAUTH_CLIENTS

COMMON = ("STAGE", "EVENTS_TABLE", "CONNECTIONS_TABLE", "AUTH_ISSUER", "AUTH_AUDIENCE")
"""Required by every function."""

BEARER_TOKENS = ("AUTH_JWKS_URL", "AUTH_HS256_SECRET_ID")
PROVIDER_TOKENS = (
    "TOKEN_KEY_ID",
    *(setting for client in OAUTH_CLIENTS.values() for setting in client.settings),
)
CALENDARS = (*PROVIDER_TOKENS, "CALDAV_ALLOWED_HOSTS")
DEFAULTS = ("DEFAULT_TIMEZONE", "DEFAULT_AVAILABILITY")
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


def environment(
    settings: Iterable[str], values: Mapping[str, str], *, extra: Mapping[str, str]
) -> dict[str, str]:
    """Return a function's environment variables.

    Contains the `COMMON` settings and `settings` that have a value in `values`, and all of `extra`,
    which takes precedence.
    """
    names = (*COMMON, *settings)
    return {name: values[name] for name in names if values.get(name)} | dict(extra)
