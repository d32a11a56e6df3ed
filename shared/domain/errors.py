"""Every error the service raises deliberately, with its code in the HTTP contract.

    CalendarServiceError
    ├── InvalidRequest ── OwnerRequired, StartInPast, CredentialsRejected, NoCalendar,
    │                     ServerUrlNotAllowed, InvalidState, AccessDenied, CodeRejected
    ├── Unauthorized
    ├── Forbidden
    ├── NotFound
    ├── MethodNotAllowed
    ├── PayloadTooLarge
    ├── TooManyRequests
    ├── Conflict ── SlotTaken, CalendarUnreadable, EventExists, EventCancelled, NotScheduled,
    │               VersionConflict, TooManyPending, TooManySessions
    ├── ProviderUnreachable
    ├── ProviderNotConfigured
    ├── ProviderFailure ── CredentialInvalid, AccessExpired, ProviderMisconfigured,
    │                      ProviderUnavailable, ProviderRejected, CopyGone,
    │                      CalendarTooLarge, CalendarMalformed
    ├── MailFailure ── MailUnavailable, MailRejected
    ├── SignatureInvalid
    └── LostRace

Calendar providers raise `ProviderFailure`; use-cases handle it, so it never reaches an HTTP
response. After `LostRace` the caller must read again and decide again.
shared/api/errors.py maps codes to HTTP statuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from shared.domain.interval import Interval


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A problem with one field of a request; `field` is its path, such as `startTime`."""

    field: str
    message: str


class CalendarServiceError(Exception):
    """The root of the tree; the message is a plain sentence a developer can act on."""

    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(CalendarServiceError):
    """The request is invalid; `problems` names the fields."""

    code = "VALIDATION_ERROR"

    def __init__(self, message: str, problems: Sequence[FieldProblem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class OwnerRequired(InvalidRequest):
    """A change of time or people lacks owner or the participants that owner needs."""

    code = "OWNER_REQUIRED"


class StartInPast(InvalidRequest):
    """The session would start before now."""

    code = "START_IN_PAST"


class CredentialsRejected(InvalidRequest):
    """The calendar server rejected the user name and password."""

    code = "CREDENTIALS_REJECTED"


class NoCalendar(InvalidRequest):
    """The account has no calendar that accepts events."""

    code = "NO_CALENDAR"


class ServerUrlNotAllowed(InvalidRequest):
    """The address of the calendar server is not on the allow list."""

    code = "SERVER_URL_NOT_ALLOWED"


class InvalidState(InvalidRequest):
    """The state of an OAuth callback is unknown, used, expired or belongs to another user."""

    code = "INVALID_STATE"


class AccessDenied(InvalidRequest):
    """The user, or the provider, denied access."""

    code = "ACCESS_DENIED"


class CodeRejected(InvalidRequest):
    """The provider rejected the authorization code."""

    code = "CODE_REJECTED"


class Unauthorized(CalendarServiceError):
    """The bearer token is missing or invalid."""

    code = "UNAUTHORIZED"


class Forbidden(CalendarServiceError):
    """The caller is authenticated but lacks permission."""

    code = "FORBIDDEN"


class NotFound(CalendarServiceError):
    """The resource does not exist, or the caller may not see it."""

    code = "NOT_FOUND"


class MethodNotAllowed(CalendarServiceError):
    """The path does not support the method; `allowed` lists the methods it supports."""

    code = "METHOD_NOT_ALLOWED"

    def __init__(self, message: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class PayloadTooLarge(CalendarServiceError):
    """The body exceeds the size limit."""

    code = "PAYLOAD_TOO_LARGE"


class TooManyRequests(CalendarServiceError):
    """The caller is over a limit of shared/domain/limits.py; it may retry after `retry_after`."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Conflict(CalendarServiceError):
    """The current state does not allow the request."""


class SlotTaken(Conflict):
    """A participant who must be free is busy; `alternatives` are the next free intervals."""

    code = "SLOT_TAKEN"

    def __init__(self, message: str, alternatives: Sequence[Interval] = ()) -> None:
        super().__init__(message)
        self.alternatives = tuple(alternatives)


class CalendarUnreadable(Conflict):
    """A calendar of a participant who must be free could not be read; unknown is not free."""

    code = "CALENDAR_UNREADABLE"


class EventExists(Conflict):
    """The session already has an event that was created from a different request body."""

    code = "EVENT_EXISTS"


class EventCancelled(Conflict):
    """The event is cancelled, which is final."""

    code = "EVENT_CANCELLED"


class NotScheduled(Conflict):
    """The event is pending or cancelled, so there are no invitations to send."""

    code = "NOT_SCHEDULED"


class VersionConflict(Conflict):
    """The event has a different version than the caller expected."""

    code = "VERSION_CONFLICT"


class TooManyPending(Conflict):
    """The caller has created too many sessions that are pending or have not started."""

    code = "TOO_MANY_PENDING"


class TooManySessions(Conflict):
    """A participant has too many sessions on that day."""

    code = "TOO_MANY_SESSIONS"


class ProviderUnreachable(CalendarServiceError):
    """A calendar server did not respond while the caller was waiting."""

    code = "PROVIDER_UNREACHABLE"


class ProviderNotConfigured(CalendarServiceError):
    """This stack has no client id for the provider."""

    code = "PROVIDER_NOT_CONFIGURED"


class ProviderFailure(CalendarServiceError):
    """A call to a calendar provider failed."""


class CredentialInvalid(ProviderFailure):
    """The provider rejected the stored credential; the user must reconnect."""


class AccessExpired(ProviderFailure):
    """The provider rejected the access token; a refreshed one may work."""


class ProviderMisconfigured(ProviderFailure):
    """The provider rejected this service's own client id, secret or redirect URI."""


class ProviderUnavailable(ProviderFailure):
    """A transient failure: time-out, network error, 429, 5xx or a malformed response.

    `retry_after` is the minimum wait, if the provider sent one. `unsettled` is true if the provider
    may have executed the request or may still do so.
    """

    def __init__(
        self, message: str, *, retry_after: timedelta | None = None, unsettled: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.unsettled = unsettled


class ProviderRejected(ProviderFailure):
    """The provider rejected the request; a retry cannot succeed."""


class CopyGone(ProviderFailure):
    """The calendar does not contain the copy (404, 410, or cancelled there)."""


class CalendarTooLarge(ProviderFailure):
    """The calendar's response, or the expansion of its recurrences, exceeds the limit."""


class CalendarMalformed(ProviderFailure):
    """The calendar contains an entry that cannot be parsed, so its busy times are unknown."""


class MailFailure(CalendarServiceError):
    """SES did not accept a mail."""


class MailUnavailable(MailFailure):
    """A transient failure such as throttling; worth a retry."""


class MailRejected(MailFailure):
    """SES rejected the mail; a retry cannot succeed."""


class SignatureInvalid(CalendarServiceError):
    """A notification over HTTP whose origin cannot be verified."""

    code = "SIGNATURE_INVALID"


class LostRace(CalendarServiceError):
    """Another writer was first; read again and decide again."""
