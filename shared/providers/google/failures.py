"""Converts Google's error responses to errors: by reason, or by status if there is no reason.

Shape: {"error": {"code", "message", "errors": [{"reason"}], "status", "details": [{"reason"}]}}.
Source: Calendar API guides, "Handle API errors" and "Manage quotas".
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from shared.domain.connection import ProblemCode
from shared.domain.errors import (
    AccessExpired,
    CopyGone,
    CredentialInvalid,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
)
from shared.providers.codes import code
from shared.providers.http import HttpResponse

LONG_WAIT = timedelta(hours=1)
"""For limits that do not lift within minutes: the day's quota, an account's usage limits."""


class IdTaken(ProviderRejected):
    """The calendar has, or once had, an event with that id."""


class EventChanged(ProviderUnavailable):
    """The event's etag is not the one the request was conditional on."""


FailureFactory = Callable[[str, HttpResponse], ProviderFailure]


def _retryable(message: str, response: HttpResponse) -> ProviderFailure:
    answered = response.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return ProviderUnavailable(message, retry_after=response.retry_after, answered=answered)


def _long_wait(message: str, response: HttpResponse) -> ProviderFailure:
    wait = response.retry_after or LONG_WAIT
    return ProviderUnavailable(message, retry_after=max(wait, LONG_WAIT))


def _server_failure(message: str, response: HttpResponse) -> ProviderFailure:
    return ProviderUnavailable(
        message, retry_after=response.retry_after, unsettled=response.method != "GET"
    )


def _of_type(
    error_type: type[ProviderFailure], problem: ProblemCode | None = None
) -> FailureFactory:
    return lambda message, _: error_type(message, problem=problem)


_REASONS: Mapping[str, FailureFactory] = {
    # The access token: a refreshed one may work.
    "authError": _of_type(AccessExpired),
    "UNAUTHENTICATED": _of_type(AccessExpired),
    "ACCESS_TOKEN_EXPIRED": _of_type(AccessExpired),
    # The grant: only the user can grant more scopes.
    "insufficientPermissions": _of_type(CredentialInvalid, ProblemCode.NEEDS_CONSENT),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _of_type(CredentialInvalid, ProblemCode.NEEDS_CONSENT),
    # The account: its calendar is switched off, by its owner or the administrator.
    "domainPolicy": _of_type(ProviderRejected, ProblemCode.CALENDAR_DISABLED),
    "notACalendarUser": _of_type(ProviderRejected, ProblemCode.CALENDAR_DISABLED),
    # Our Google Cloud project.
    "accessNotConfigured": _of_type(ProviderMisconfigured),
    "SERVICE_DISABLED": _of_type(ProviderMisconfigured),
    "projectNotLinked": _of_type(ProviderMisconfigured),
    "keyInvalid": _of_type(ProviderMisconfigured),
    # Rate limits and quotas.
    "rateLimitExceeded": _retryable,
    "userRateLimitExceeded": _retryable,
    "quotaExceeded": _retryable,
    "RATE_LIMIT_EXCEEDED": _retryable,
    "RESOURCE_EXHAUSTED": _retryable,
    "calendarUsageLimitsExceeded": _long_wait,
    "dailyLimitExceeded": _long_wait,
    # Failures inside Google.
    "backendError": _server_failure,
    "internalError": _server_failure,
    "transientError": _server_failure,
    "conflict": _retryable,
    # The event.
    "notFound": _of_type(CopyGone),
    "deleted": _of_type(CopyGone),
    "gone": _of_type(CopyGone),
    "duplicate": _of_type(IdTaken),
    "conditionNotMet": _of_type(EventChanged),
}
_STATUSES: Mapping[int, FailureFactory] = {
    HTTPStatus.UNAUTHORIZED: _of_type(AccessExpired),
    HTTPStatus.NOT_FOUND: _of_type(CopyGone),
    HTTPStatus.GONE: _of_type(CopyGone),
    HTTPStatus.CONFLICT: _of_type(IdTaken),
    HTTPStatus.PRECONDITION_FAILED: _of_type(EventChanged),
    HTTPStatus.REQUEST_TIMEOUT: _retryable,
    HTTPStatus.TOO_MANY_REQUESTS: _retryable,
}
# For these statuses the reason does not matter: only a new token or waiting helps.
_DECIDED_BY_STATUS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})


def failure(response: HttpResponse) -> ProviderFailure:
    """Return the error for an unsuccessful response; its text never quotes the request."""
    error = _error(response)
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _server_failure(f"Google returned {response.status}.", response)
    if error is None:
        return _without_reason(response)
    reason = _reason(error)
    message = f"Google rejected the request: {code(reason) or response.status}."
    if reason is None or response.status in _DECIDED_BY_STATUS:
        factory = _STATUSES.get(response.status, _of_type(ProviderRejected))
    else:
        factory = _REASONS.get(reason, _of_type(ProviderRejected))
    return factory(message, response)


def malformed_response(response: HttpResponse) -> ProviderFailure:
    """Return the error for a successful response with an unexpected body."""
    return _server_failure("Google's response could not be read.", response)


def _without_reason(response: HttpResponse) -> ProviderFailure:
    """Return a transient error: except for 401, such a response comes from a proxy, not the API."""
    message = f"Google returned {response.status} without a reason."
    if response.status == HTTPStatus.UNAUTHORIZED:
        return AccessExpired(message)
    return _retryable(message, response)


def _error(response: HttpResponse) -> Mapping[str, Any] | None:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return None
    return error if isinstance(error, Mapping) else None


def _reason(error: Mapping[str, Any]) -> str | None:
    """Return the reason in `errors` if there is one, else in `details`, else a known `status`."""
    for listed in (error.get("errors"), error.get("details")):
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, Mapping) and isinstance(each.get("reason"), str):
                return str(each["reason"])
    status = error.get("status")
    return status if isinstance(status, str) and status in _REASONS else None
