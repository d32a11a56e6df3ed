"""Every limit on how much one user, address, session or recipient may cause, as data.

A limit is one row here, one setting and one row of docs/limits.md. A limit with a window counts
what happens in fixed windows of UTC; one without counts what is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.domain.errors import (
    CalendarServiceError,
    TooManyPending,
    TooManyRequests,
    TooManySessions,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CONSENT = timedelta(minutes=10)
"""How long a user may take on a provider's consent page."""


class CountedPer(StrEnum):
    """What a limit counts separately."""

    ADDRESS = "IP address"
    USER = "user"
    SESSION = "session"
    RECIPIENT = "recipient"
    ACCOUNT = "calendar account"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit; the field of `Settings` with the name `setting` has its value, 0 for no limit.

    `advice` says what is allowed, with `{allowed}` for the number, and what to do. If `fails_open`,
    requests pass while the counter cannot be reached: the limit protects only this service from
    callers that are known by their token. If `is_given_back`, a rejected use does not count.
    """

    setting: str
    per: CountedPer
    window: timedelta | None
    advice: str
    fails_open: bool = False
    is_given_back: bool = False
    conflict: Callable[[str], CalendarServiceError] | None = None

    def exceeded(self, allowed: int, retry_after: timedelta = HOUR) -> CalendarServiceError:
        """Return the error for a request over the limit."""
        message = self.advice.format(allowed=allowed)
        return self.conflict(message) if self.conflict else TooManyRequests(message, retry_after)


PUBLIC_REQUESTS = Limit(
    setting="public_requests_per_minute",
    per=CountedPer.ADDRESS,
    window=MINUTE,
    advice="Only {allowed} requests a minute without a token are allowed. Wait.",
)
CALLBACKS = Limit(
    setting="callbacks_per_minute",
    per=CountedPer.ADDRESS,
    window=MINUTE,
    advice="Only {allowed} sign-in redirects a minute are allowed. Wait, then start again.",
)
DAY_LISTS = Limit(
    setting="day_lists_per_minute",
    per=CountedPer.USER,
    window=MINUTE,
    fails_open=True,
    advice="You may list only {allowed} days of other users a minute. Wait.",
)
MAILS_OF_USER = Limit(
    setting="mails_per_user_per_day",
    per=CountedPer.USER,
    window=DAY,
    advice="one user causes at most {allowed} mails a day",
)
MAILS_OF_SESSION = Limit(
    setting="mails_per_session_per_hour",
    per=CountedPer.SESSION,
    window=HOUR,
    advice="a session sends at most {allowed} mails an hour",
)
MAILS_TO_RECIPIENT = Limit(
    setting="mails_per_recipient_per_day",
    per=CountedPer.RECIPIENT,
    window=DAY,
    advice="an address is sent at most {allowed} mails a day",
)
RESENDS_OF_SESSION = Limit(
    setting="resends_per_session_per_hour",
    per=CountedPer.SESSION,
    window=HOUR,
    advice="The invitations of a session may be resent {allowed} times an hour. Wait.",
)
RESENDS_BY_USER = Limit(
    setting="resends_per_user_per_hour",
    per=CountedPer.USER,
    window=HOUR,
    advice="You may resend invitations {allowed} times an hour. Wait.",
)
GUESTS_OF_SESSION = Limit(
    setting="guests_per_session",
    per=CountedPer.SESSION,
    window=None,
    advice="A session may have at most {allowed} guests. Send fewer.",
)
GUESTS_BY_USER = Limit(
    setting="guests_per_user_per_day",
    per=CountedPer.USER,
    window=DAY,
    is_given_back=True,
    advice="You may add at most {allowed} guests a day. Send fewer, or wait until tomorrow (UTC).",
)
PENDING_SESSIONS = Limit(
    setting="pending_sessions_per_user",
    per=CountedPer.USER,
    window=None,
    conflict=TooManyPending,
    advice="You have requested {allowed} sessions that wait for approval. Wait for an approval or "
    "cancel one.",
)
FUTURE_SESSIONS = Limit(
    setting="future_sessions_per_user",
    per=CountedPer.USER,
    window=None,
    conflict=TooManyPending,
    advice="You have created {allowed} sessions that have not started. Cancel one, or book later.",
)
SESSIONS_ON_DAY = Limit(
    setting="sessions_per_user_per_day",
    per=CountedPer.USER,
    window=None,
    conflict=TooManySessions,
    advice="One of the participants already has {allowed} sessions on that day (UTC). Choose "
    "another day.",
)
CONNECTIONS = Limit(
    setting="connections_per_user",
    per=CountedPer.USER,
    window=None,
    advice="You may connect at most {allowed} calendar accounts. Disconnect one first.",
)
HOLIDAYS = Limit(
    setting="holidays_per_user",
    per=CountedPer.USER,
    window=None,
    advice="You may have at most {allowed} holidays. Delete old ones, or join some to one.",
)
OPEN_STATES = Limit(
    setting="open_oauth_states_per_user",
    per=CountedPer.USER,
    window=CONSENT,
    fails_open=True,
    is_given_back=True,
    advice="Only {allowed} calendars may wait for consent at a time. Finish one, or wait.",
)
CALDAV_CONNECTS = Limit(
    setting="caldav_connects_per_user_per_hour",
    per=CountedPer.USER,
    window=HOUR,
    fails_open=True,
    advice="You may connect a CalDAV account {allowed} times an hour. Wait.",
)
CALDAV_FAILURES_OF_USER = Limit(
    setting="caldav_failures_per_user_per_hour",
    per=CountedPer.USER,
    window=HOUR,
    is_given_back=True,
    advice="The server has rejected {allowed} of your passwords this hour. Check the user name and "
    "the app-specific password, and wait.",
)
CALDAV_FAILURES_OF_ACCOUNT = Limit(
    setting="caldav_failures_per_account_per_hour",
    per=CountedPer.ACCOUNT,
    window=HOUR,
    is_given_back=True,
    advice="The server has rejected {allowed} passwords for this account this hour. Wait.",
)

WEBHOOKS = Limit(
    setting="webhooks_per_organization",
    per=CountedPer.ORGANIZATION,
    window=None,
    advice="There may be at most {allowed} webhooks. Delete one first.",
)

LIMITS = (
    PUBLIC_REQUESTS,
    CALLBACKS,
    DAY_LISTS,
    MAILS_OF_USER,
    MAILS_OF_SESSION,
    MAILS_TO_RECIPIENT,
    RESENDS_OF_SESSION,
    RESENDS_BY_USER,
    GUESTS_OF_SESSION,
    GUESTS_BY_USER,
    PENDING_SESSIONS,
    FUTURE_SESSIONS,
    SESSIONS_ON_DAY,
    CONNECTIONS,
    HOLIDAYS,
    OPEN_STATES,
    CALDAV_CONNECTS,
    CALDAV_FAILURES_OF_USER,
    CALDAV_FAILURES_OF_ACCOUNT,
    WEBHOOKS,
)
"""Every limit, in the order of docs/limits.md."""
