"""A connection: a calendar account of a user as stored, and its OAuth tokens."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Provider(StrEnum):
    """The calendar provider; `APPLE` means any CalDAV server."""

    GOOGLE = "google"
    OUTLOOK = "outlook"
    APPLE = "apple"
    UNKNOWN = "unknown"
    """A provider that a newer version of this service stored, read after a rollback."""


KNOWN_PROVIDERS = (Provider.GOOGLE, Provider.OUTLOOK, Provider.APPLE)
"""The providers that a user can connect."""

OAUTH_PROVIDERS = (Provider.GOOGLE, Provider.OUTLOOK)
"""Those that are connected with OAuth, on the provider's consent page."""

_CALLS_TO_SUSPEND = 3
_FIRST_SUSPENSION = timedelta(seconds=15)
_LONGEST_SUSPENSION = timedelta(minutes=5)
_RECENT = timedelta(minutes=10)

_UNVERIFIED = "email:"
"""The start of the account name of a connection without a sign-in of this service."""


class ConnectionStatus(StrEnum):
    """Whether the stored credential works, as of its last use."""

    ACTIVE = "active"
    RECONNECT_REQUIRED = "reconnect_required"
    UNAVAILABLE = "unavailable"
    """This version cannot use the connection; a newer version stored its provider or status."""


class ProblemCode(StrEnum):
    """Why a calendar cannot be used, or will soon stop working."""

    RECONNECT_REQUIRED = "RECONNECT_REQUIRED"
    NEEDS_CONSENT = "NEEDS_CONSENT"
    ADMIN_REQUIRED = "ADMIN_REQUIRED"
    OTHER_CLIENT = "OTHER_CLIENT"
    NO_REFRESH_TOKEN = "NO_REFRESH_TOKEN"  # noqa: S105 - a code
    CALENDAR_DELETED = "CALENDAR_DELETED"
    CALENDAR_DISABLED = "CALENDAR_DISABLED"
    CALENDAR_TOO_LARGE = "CALENDAR_TOO_LARGE"
    CALENDAR_UNREACHABLE = "CALENDAR_UNREACHABLE"
    ENTRY_UNREADABLE = "ENTRY_UNREADABLE"

    @property
    def action(self) -> str:
        """What the user should do about it."""
        return _ACTIONS[self]

    @property
    def ends_with_a_reading(self) -> bool:
        """Whether a successful reading of the calendar shows that the problem is over."""
        return self in _OF_CALENDARS


_OF_CALENDARS = frozenset(
    {
        ProblemCode.CALENDAR_DELETED,
        ProblemCode.CALENDAR_DISABLED,
        ProblemCode.CALENDAR_TOO_LARGE,
        ProblemCode.ENTRY_UNREADABLE,
    }
)
_ACTIONS = {
    ProblemCode.RECONNECT_REQUIRED: "Connect the calendar again.",
    ProblemCode.NEEDS_CONSENT: "Connect the calendar and allow access to it.",
    ProblemCode.ADMIN_REQUIRED: (
        "Ask the administrator of your organization to allow this service, then connect the "
        "calendar again."
    ),
    ProblemCode.OTHER_CLIENT: "Connect the calendar here; signing in again does not help.",
    ProblemCode.NO_REFRESH_TOKEN: (
        "Connect the calendar here before the access ends (tokenExpiresAt)."
    ),
    ProblemCode.CALENDAR_DELETED: "Connect the calendar again to use another one.",
    ProblemCode.CALENDAR_DISABLED: (
        "Switch the account's calendar on, or ask your administrator for a licence with a mailbox."
    ),
    ProblemCode.CALENDAR_TOO_LARGE: "Delete old recurring entries, or use another calendar.",
    ProblemCode.CALENDAR_UNREACHABLE: (
        "Wait: the service keeps trying. If the server works, connect the calendar again."
    ),
    ProblemCode.ENTRY_UNREADABLE: "Correct or delete the entry in your calendar.",
}


@dataclass(frozen=True, slots=True)
class ConnectionProblem:
    """Why a connection cannot be used; `since` is None if an older version stored it."""

    code: ProblemCode
    message: str
    since: datetime | None = None


class CallKind(StrEnum):
    """What a call of a calendar's server is for. A server may answer one kind only."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Calls of one kind in a row that a server did not answer: time-outs, refusals and 5xx.

    `since` is the time of the first one, `at` that of the newest one or of a probe that has begun.
    """

    calls: int
    since: datetime
    at: datetime

    @property
    def suspended_until(self) -> datetime | None:
        """The time before which the server is not called again, None if it may be called.

        The third call suspends the connection for 15 seconds. Each further one doubles that, up to
        5 minutes.
        """
        doublings = self.calls - _CALLS_TO_SUSPEND
        if doublings < 0:
            return None
        return self.at + min(_FIRST_SUSPENSION * (1 << min(doublings, 10)), _LONGEST_SUSPENSION)

    @property
    def problem(self) -> ConnectionProblem:
        """What to show to the owner of a suspended calendar."""
        text = f"The calendar's server has not answered since {self.since:%Y-%m-%d %H:%M} UTC."
        return ConnectionProblem(ProblemCode.CALENDAR_UNREACHABLE, text, self.since)

    @classmethod
    def after(cls, outage: "Outage | None", now: datetime) -> "Outage":
        """Return the outage with one more call, which ended at `now`."""
        if outage is None:
            return cls(calls=1, since=now, at=now)
        return cls(calls=outage.calls + 1, since=outage.since, at=now)

    def is_recent(self, now: datetime) -> bool:
        """Whether the server is expected to fail again."""
        return now - self.at < _RECENT


def unverified_account(email: str) -> str:
    """Return the account name for an address that the provider has not confirmed."""
    return f"{_UNVERIFIED}{email.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One calendar of one account of one user.

    `account` identifies the account and never changes (CalDAV: server and user name).
    `calendar_id` is the provider's id of the chosen calendar (CalDAV: its absolute URL).
    `credential` is ciphertext bound to `user_id` and `id`. `zone` is the calendar's time zone, if
    known. `email` names the account to its user; only `proven_email` is an address for mail.
    `is_email_verified` is known from the sign-in, and None if an older version stored the row.
    The outages are None if the server answered the last call of that kind.
    `connected_at` is when it was last connected. `heal_from` is set until the user's sessions
    have been queued after that.
    """

    id: str
    user_id: str
    provider: Provider
    account: str
    email: str
    is_email_verified: bool | None = None
    calendar_id: str
    calendar_name: str | None
    zone: str | None
    status: ConnectionStatus = ConnectionStatus.ACTIVE
    credential: bytes = field(repr=False)
    token_expires_at: datetime | None = None
    last_error: ConnectionProblem | None = None
    read_outage: Outage | None = None
    write_outage: Outage | None = None
    created_at: datetime
    connected_at: datetime | None = None
    heal_from: datetime | None = None

    def outage(self, kind: CallKind) -> Outage | None:
        """Return the outage of that kind of call."""
        return self.read_outage if kind is CallKind.READ else self.write_outage

    @property
    def suspension(self) -> Outage | None:
        """The outage that suspends this calendar, the longer one of two, or None."""
        outages = (self.read_outage, self.write_outage)
        suspended = [(each.suspended_until, each) for each in outages if each]
        longest = [(until, each) for until, each in suspended if until]
        return max(longest, key=lambda pair: pair[0])[1] if longest else None

    @property
    def problem(self) -> ConnectionProblem | None:
        """What its user should know first: the last error, else the suspension.

        A suspension is more important than an error that the next reading can end.
        """
        error, suspension = self.last_error, self.suspension
        if suspension and (error is None or error.code.ends_with_a_reading):
            return suspension.problem
        return error

    @property
    def write_lane(self) -> str:
        """The name of the lock that writers of this calendar take, within its user.

        All CalDAV calendars of one user share it: users choose their servers, and however many
        slow ones a user has connected, they occupy one worker.
        """
        return self.provider.value if self.provider is Provider.APPLE else self.id

    @property
    def is_active(self) -> bool:
        """Whether the service can use it."""
        return self.status is ConnectionStatus.ACTIVE

    @property
    def is_unavailable(self) -> bool:
        """Whether this version cannot use it, although reconnecting would not help."""
        return self.status is ConnectionStatus.UNAVAILABLE

    @property
    def needs_consent(self) -> bool:
        """Whether the user has not granted access to the calendar."""
        return self.last_error is not None and self.last_error.code is ProblemCode.NEEDS_CONSENT

    @property
    def error_message(self) -> str | None:
        """The message of the last error."""
        return self.last_error.message if self.last_error else None

    @property
    def proven_email(self) -> str | None:
        """The address if the provider has confirmed that it belongs to the account.

        A CalDAV user name is whatever the user's server accepts, and the address of an
        auto-provisioned connection is confirmed when the user connects the account. A Google or
        Microsoft account can have an address that the provider has not verified. Connections that
        an older version stored have no such information and count as verified until the user
        connects again.
        """
        is_signed_in = self.provider in OAUTH_PROVIDERS and self.is_proven
        return self.email if is_signed_in and self.is_email_verified is not False else None

    def is_same_calendar(self, other: "Connection") -> bool:
        """Return whether both are the same calendar, connected by the same or another user.

        The URL of a CalDAV calendar is unique. Google names the default calendar of every account
        `primary`.
        """
        if self.provider is not other.provider or self.calendar_id != other.calendar_id:
            return self.id == other.id
        is_unique = self.provider is Provider.APPLE
        return is_unique or not self.account_names.isdisjoint(other.account_names)

    @property
    def is_proven(self) -> bool:
        """Whether the account is known by the provider's own id, not only by an address."""
        return not self.account.startswith(_UNVERIFIED)

    @property
    def account_names(self) -> frozenset[str]:
        """Every name the account may be stored under, including its unverified address."""
        return frozenset({self.account, unverified_account(self.email)})


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthCredential:
    """The tokens of one connection; `refresh_token` is None if the provider never sent one."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime
    scopes: frozenset[str] = frozenset()

    def to_text(self) -> str:
        """Return the text to encrypt."""
        return json.dumps(
            {
                "access_token": self.access_token,
                "refresh_token": self.refresh_token,
                "expires_at": self.expires_at.astimezone(UTC).isoformat(),
                "scopes": sorted(self.scopes),
            }
        )

    @classmethod
    def from_text(cls, text: str) -> "OAuthCredential":
        """Parse the text that `to_text` returned."""
        fields = json.loads(text)
        return cls(
            access_token=fields["access_token"],
            refresh_token=fields["refresh_token"],
            expires_at=datetime.fromisoformat(fields["expires_at"]),
            scopes=frozenset(fields["scopes"]),
        )
