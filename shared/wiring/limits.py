"""Composition of the limits: which settings each part of the service applies."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from shared.domain import limits
from shared.domain.limits import Limit
from shared.settings import settings
from shared.wiring import adapters

if TYPE_CHECKING:
    from shared.usecases.people.limits import Limits


@cache
def address_limits() -> "Limits":
    """The limit on requests without a token per IP address."""
    return _limits({limits.PUBLIC_REQUESTS: settings().public_requests_per_minute})


@cache
def callback_limits() -> "Limits":
    """The limit on redirects from a provider's consent page per IP address."""
    return _limits({limits.CALLBACKS: settings().callbacks_per_minute})


@cache
def day_list_limits() -> "Limits":
    """The limit on day lists of other users per user."""
    return _limits({limits.DAY_LISTS: settings().day_lists_per_minute})


@cache
def mail_limits() -> "Limits":
    """The limits on mails."""
    config = settings()
    return _limits(
        {
            limits.MAILS_OF_USER: config.mails_per_user_per_day,
            limits.MAILS_OF_SESSION: config.mails_per_session_per_hour,
            limits.MAILS_TO_RECIPIENT: config.mails_per_recipient_per_day,
        }
    )


@cache
def invitation_limits() -> "Limits":
    """The limits on guests and resends."""
    config = settings()
    return _limits(
        {
            limits.RESENDS_OF_SESSION: config.resends_per_session_per_hour,
            limits.RESENDS_BY_USER: config.resends_per_user_per_hour,
            limits.GUESTS_OF_SESSION: config.guests_per_session,
            limits.GUESTS_BY_USER: config.guests_per_user_per_day,
        }
    )


@cache
def session_limits() -> "Limits":
    """The limits on sessions per user."""
    config = settings()
    return _limits(
        {
            limits.PENDING_SESSIONS: config.pending_sessions_per_user,
            limits.FUTURE_SESSIONS: config.future_sessions_per_user,
            limits.SESSIONS_ON_DAY: config.sessions_per_user_per_day,
        }
    )


@cache
def account_limits() -> "Limits":
    """The limits on calendar accounts."""
    config = settings()
    return _limits(
        {
            limits.CONNECTIONS: config.connections_per_user,
            limits.OPEN_STATES: config.open_oauth_states_per_user,
            limits.CALDAV_CONNECTS: config.caldav_connects_per_user_per_hour,
            limits.CALDAV_FAILURES_OF_USER: config.caldav_failures_per_user_per_hour,
            limits.CALDAV_FAILURES_OF_ACCOUNT: config.caldav_failures_per_account_per_hour,
        }
    )


@cache
def holiday_limits() -> "Limits":
    """The limit on holidays per user."""
    return _limits({limits.HOLIDAYS: settings().holidays_per_user})


@cache
def webhook_limits() -> "Limits":
    """The limit on webhooks."""
    return _limits({limits.WEBHOOKS: settings().webhooks_per_organization})


def _limits(allowed: Mapping[Limit, int]) -> "Limits":
    from shared.stores.limits import DynamoRequestCounts
    from shared.usecases.people.limits import Limits

    return Limits(counts=DynamoRequestCounts(adapters.tables()), allowed=allowed)
