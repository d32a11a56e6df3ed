"""Every error the service raises on purpose, one tree, each with the code the contract names.

    CalendarServiceError
    ├── InvalidRequest ── OwnerRequired, StartInPast, CredentialsRejected, NoCalendar,
    │                     ServerUrlNotAllowed
    ├── Unauthorized
    ├── Forbidden
    ├── NotFound
    ├── MethodNotAllowed
    ├── PayloadTooLarge
    ├── TooManyRequests
    ├── Conflict ── SlotTaken, CalendarUnreadable, EventExists, EventCancelled, NotScheduled,
    │               VersionConflict
    ├── ProviderUnreachable
    ├── ProviderNotConfigured
    ├── ProviderFailure ── CredentialDead, AccessExpired, ProviderMisconfigured,
    │                      ProviderUnavailable, ProviderRefused, CopyGone,
    │                      CalendarTooLarge, CalendarGarbled
    ├── MailFailure ── MailUnavailable, MailRefused
    ├── SignatureInvalid
    └── LostRace

`ProviderFailure` is what a calendar provider raises; use-cases decide what it means and it never
reaches an answer by itself. `LostRace` asks the caller to read again and decide again.
Which HTTP status a code has stands once, in shared/api/errors.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from shared.domain.interval import Interval


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of a request; `field` is its path, such as `startTime`."""

    field: str
    message: str


class CalendarServiceError(Exception):
    """The root of the tree; its message is one plain sentence a developer can act on."""

    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(CalendarServiceError):
    """The request itself is wrong; `problems` names the fields."""

    code = "VALIDATION_ERROR"

    def __init__(self, message: str, problems: Sequence[FieldProblem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class OwnerRequired(InvalidRequest):
    """A change of time or people came without owner and the participants that owner needs."""

    code = "OWNER_REQUIRED"


class StartInPast(InvalidRequest):
    """The session would start before now."""

    code = "START_IN_PAST"


class CredentialsRejected(InvalidRequest):
    """The calendar server refused the user name and password given."""

    code = "CREDENTIALS_REJECTED"


class NoCalendar(InvalidRequest):
    """The account has no calendar that takes events."""

    code = "NO_CALENDAR"


class ServerUrlNotAllowed(InvalidRequest):
    """The calendar server's address is one this service does not talk to."""

    code = "SERVER_URL_NOT_ALLOWED"


class InvalidState(InvalidRequest):
    """The state of an OAuth callback is unknown, used, expired or somebody else's."""

    code = "INVALID_STATE"


class AccessDenied(InvalidRequest):
    """The user, or the provider for them, declined."""

    code = "ACCESS_DENIED"


class CodeRejected(InvalidRequest):
    """The provider refused the authorization code."""

    code = "CODE_REJECTED"


class Unauthorized(CalendarServiceError):
    """No bearer token, or one that does not hold."""

    code = "UNAUTHORIZED"


class Forbidden(CalendarServiceError):
    """The caller is known and may not do this."""

    code = "FORBIDDEN"


class NotFound(CalendarServiceError):
    """There is no such thing, or none that the caller may see."""

    code = "NOT_FOUND"


class MethodNotAllowed(CalendarServiceError):
    """The path exists, the method does not; `allowed` lists those that do."""

    code = "METHOD_NOT_ALLOWED"

    def __init__(self, message: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class PayloadTooLarge(CalendarServiceError):
    """The body is larger than any request of the contract can be."""

    code = "PAYLOAD_TOO_LARGE"


class TooManyRequests(CalendarServiceError):
    """One address has asked too often; `retry_after` from now it may again."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Conflict(CalendarServiceError):
    """The state of things does not allow this now."""


class SlotTaken(Conflict):
    """Somebody who must be free is not; `alternatives` are the next intervals that are."""

    code = "SLOT_TAKEN"

    def __init__(self, message: str, alternatives: Sequence[Interval] = ()) -> None:
        super().__init__(message)
        self.alternatives = tuple(alternatives)


class CalendarUnreadable(Conflict):
    """A calendar of somebody who must be free could not be read, and unknown is not free."""

    code = "CALENDAR_UNREADABLE"


class EventExists(Conflict):
    """The session has an event already, created from another body."""

    code = "EVENT_EXISTS"


class EventCancelled(Conflict):
    """The event was cancelled and stays so."""

    code = "EVENT_CANCELLED"


class NotScheduled(Conflict):
    """The event is pending or cancelled, so there is nothing to send."""

    code = "NOT_SCHEDULED"


class VersionConflict(Conflict):
    """The event has changed since the version the caller expected."""

    code = "VERSION_CONFLICT"


class ProviderUnreachable(CalendarServiceError):
    """A calendar server did not answer while the caller waited for it."""

    code = "PROVIDER_UNREACHABLE"


class ProviderNotConfigured(CalendarServiceError):
    """This stack has no client id for the provider."""

    code = "PROVIDER_NOT_CONFIGURED"


class ProviderFailure(CalendarServiceError):
    """A call to a calendar provider did not do what was asked."""


class CredentialDead(ProviderFailure):
    """The provider refused the stored credential; only the user can mend that, by reconnecting."""


class AccessExpired(ProviderFailure):
    """The access token is not good any more; a refreshed one may be."""


class ProviderMisconfigured(ProviderFailure):
    """The provider refused this service's own client id, secret or return address."""


class ProviderUnavailable(ProviderFailure):
    """A passing fault: time-out, network, 429, 5xx or a garbled answer.

    `retry_after` is the least time to wait, when the provider said one. `unsettled` tells that the
    request may have been carried out, or may yet be.
    """

    def __init__(
        self, message: str, *, retry_after: timedelta | None = None, unsettled: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.unsettled = unsettled


class ProviderRefused(ProviderFailure):
    """The provider will not do this however often it is asked."""


class CopyGone(ProviderFailure):
    """The calendar holds no such copy (404, 410, or cancelled there)."""


class CalendarTooLarge(ProviderFailure):
    """The calendar's answer, or the expansion of its recurrences, is over the bound."""


class CalendarGarbled(ProviderFailure):
    """The calendar holds something that cannot be read, so its busy times are not known."""


class MailFailure(CalendarServiceError):
    """SES did not take a mail."""


class MailUnavailable(MailFailure):
    """A passing fault, throttling among them; worth another try."""


class MailRefused(MailFailure):
    """SES will not take this mail however often it is asked."""


class SignatureInvalid(CalendarServiceError):
    """A notification over HTTP that does not prove where it comes from."""

    code = "SIGNATURE_INVALID"


class LostRace(CalendarServiceError):
    """Somebody else wrote first; read again and decide again."""
