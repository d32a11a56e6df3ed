"""Every error the service raises deliberately, with its code in the HTTP contract.

    CalendarServiceError
    ├── InvalidRequest ── OwnerRequired, StartInPast, CredentialsRejected, NoCalendar,
    │                     ServerUrlNotAllowed, InvalidState, AccessDenied, CodeRejected
    ├── Unauthorized ── InvalidToken, ExpiredToken
    ├── Forbidden
    ├── NotFound
    ├── MethodNotAllowed
    ├── PayloadTooLarge
    ├── TooManyRequests
    ├── Conflict ── TimeNotAvailable ── SlotTaken, OutsideAvailability
    │               CalendarUnreadable, EventExists, EventCancelled, EventEnded,
    │               NotScheduled, NotPending, VersionConflict, TooManyPending, TooManySessions,
    │               Disconnected
    ├── ProviderUnreachable
    ├── ProviderNotConfigured
    ├── ProviderFailure ── CredentialInvalid, AccessExpired, ProviderMisconfigured,
    │                      ProviderUnavailable, ProviderRejected, CopyGone,
    │                      CalendarTooLarge, CalendarMalformed
    ├── MailFailure ── MailUnavailable (── MailRefused ── MailNotPermitted), MailRejected
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

from shared.domain.connection import ProblemCode
from shared.domain.copy import CalendarEntry
from shared.domain.interval import Interval

_SHOWN_TITLE = 80


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
    """The provider rejected the authorization code, or an administrator must consent first."""

    code = "CODE_REJECTED"


class Unauthorized(CalendarServiceError):
    """The request has no bearer token."""

    code = "UNAUTHORIZED"
    reason = "missing"


class InvalidToken(Unauthorized):
    """The bearer token is not valid."""

    reason = "invalid_token"


class ExpiredToken(Unauthorized):
    """The bearer token was valid and has expired."""

    reason = "expired"


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


class Disconnected(Conflict):
    """The user has disconnected the account, so only the user can connect it again."""

    code = "DISCONNECTED"


class TimeNotAvailable(Conflict):
    """The time cannot be booked; `alternatives` are intervals near it that can."""

    def __init__(self, message: str, alternatives: Sequence[Interval] = ()) -> None:
        super().__init__(message)
        self.alternatives = tuple(alternatives)


class SlotTaken(TimeNotAvailable):
    """A participant who must be free is busy."""

    code = "SLOT_TAKEN"


class OutsideAvailability(TimeNotAvailable):
    """The time is outside windows, on a holiday, too soon or too close to something else."""

    code = "OUTSIDE_AVAILABILITY"


class CalendarUnreadable(Conflict):
    """A calendar of a participant who must be free could not be read; unknown is not free."""

    code = "CALENDAR_UNREADABLE"


class EventExists(Conflict):
    """The session already has an event that was created from a different request body."""

    code = "EVENT_EXISTS"


class EventCancelled(Conflict):
    """The event was cancelled, was declined or has expired."""

    code = "EVENT_CANCELLED"


class EventEnded(Conflict):
    """The session is over."""

    code = "EVENT_ENDED"


class NotScheduled(Conflict):
    """The event is pending or cancelled, so there are no invitations to send."""

    code = "NOT_SCHEDULED"


class NotPending(Conflict):
    """The event was approved already."""

    code = "NOT_PENDING"


class VersionConflict(Conflict):
    """The event has a different version than the caller expected."""

    code = "VERSION_CONFLICT"


class TooManyPending(Conflict):
    """The caller has created too many sessions that are pending or have not started."""

    code = "TOO_MANY_PENDING"


class TooManySessions(Conflict):
    """A participant has too many sessions on that day."""

    code = "TOO_MANY_SESSIONS"


class TooLarge(Conflict):
    """The database does not accept a record of that size."""

    code = "TOO_LARGE"


class ProviderUnreachable(CalendarServiceError):
    """A calendar server did not respond while the caller was waiting."""

    code = "PROVIDER_UNREACHABLE"


class ProviderNotConfigured(CalendarServiceError):
    """This stack has no client id for the provider."""

    code = "PROVIDER_NOT_CONFIGURED"


class ProviderFailure(CalendarServiceError):
    """A call to a calendar provider failed.

    `problem` says what the user must do about it; None if waiting helps, or if only this request
    failed.
    """

    default_problem: ClassVar[ProblemCode | None] = None

    def __init__(self, message: str, *, problem: ProblemCode | None = None) -> None:
        super().__init__(message)
        self.problem = problem or self.default_problem

    @property
    def text_for_owner(self) -> str:
        """The message for the owner of the calendar, which may name an entry."""
        return self.message


class CredentialInvalid(ProviderFailure):
    """The provider rejected the stored credential; the user must reconnect."""

    default_problem = ProblemCode.RECONNECT_REQUIRED


class AccessExpired(ProviderFailure):
    """The provider rejected the access token; a refreshed one may work."""


class ProviderMisconfigured(ProviderFailure):
    """The provider rejected this service's own client id, secret or redirect URI."""


class ProviderUnavailable(ProviderFailure):
    """A transient failure: time-out, network error, 429, 5xx or a malformed response.

    `retry_after` is the minimum wait, if the provider sent one. `unsettled` is true if the provider
    may have executed the request or may still do so. `answered` is true if the server works: it has
    answered with a status below 500.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: timedelta | None = None,
        unsettled: bool = False,
        answered: bool = False,
        problem: ProblemCode | None = None,
    ) -> None:
        super().__init__(message, problem=problem)
        self.retry_after = retry_after
        self.unsettled = unsettled
        self.answered = answered


class CallPostponed(ProviderUnavailable):
    """The provider was not called; a call is possible after `wait`."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class ProviderRejected(ProviderFailure):
    """The provider rejected the request; a retry cannot succeed.

    The account has no such calendar if `problem` is CALENDAR_DELETED or CALENDAR_DISABLED.
    """


class CopyGone(ProviderFailure):
    """The calendar does not contain the copy (404, 410, or cancelled there)."""


class CalendarTooLarge(ProviderFailure):
    """The calendar's response, or the expansion of its recurrences, exceeds the limit."""

    default_problem = ProblemCode.CALENDAR_TOO_LARGE


class CalendarMalformed(ProviderFailure):
    """The calendar contains an entry that cannot be parsed, so its busy times are unknown.

    `title` and `day` name the entry where they are known. They are for the owner of the calendar,
    so the message never contains them. `entries` are those that can be read.
    """

    def __init__(self, message: str, *, title: str | None = None, day: str | None = None) -> None:
        is_entry = title is not None or day is not None
        super().__init__(message, problem=ProblemCode.ENTRY_UNREADABLE if is_entry else None)
        self.title = title
        self.day = day
        self.entries: tuple[CalendarEntry, ...] = ()

    @property
    def text_for_owner(self) -> str:
        """The message with the title and the date of the entry."""
        if self.problem is None:
            return self.message
        return f"{entry_name(self.title, self.day)} cannot be read."


class MailFailure(CalendarServiceError):
    """SES did not accept a mail."""


class MailUnavailable(MailFailure):
    """A transient failure such as throttling; worth a retry."""


class MailRefused(MailUnavailable):
    """SES answered that it does not accept the mail now, so it has not sent it."""


class MailNotPermitted(MailRefused):
    """SES does not let this stack send until an operator changes its account or domain."""


class MailRejected(MailFailure):
    """SES rejected the mail; a retry cannot succeed."""


class SignatureInvalid(CalendarServiceError):
    """A notification over HTTP whose origin cannot be verified."""

    code = "SIGNATURE_INVALID"


class ChangesExpired(CalendarServiceError):
    """The changes after a cursor are no longer listed, or never were."""

    code = "CHANGES_EXPIRED"


class LostRace(CalendarServiceError):
    """Another writer was first; read again and decide again."""


def entry_name(title: str | None, day: str | None) -> str:
    """Return how a message to the owner of a calendar names an entry."""
    text = " ".join((title or "").split())
    shown = text if len(text) <= _SHOWN_TITLE else f"{text[:_SHOWN_TITLE]}..."
    name = f'The entry "{shown}"' if shown else "An entry without a title"
    return f"{name} of {day}" if day else name
