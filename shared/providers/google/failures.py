"""What Google's error answers mean: the reason decides, the status only where there is none.

Shape: {"error": {"code", "message", "errors": [{"reason"}], "status", "details": [{"reason"}]}}.
Source: Calendar API guides, "Handle API errors" and "Manage quotas".
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from shared.domain.errors import (
    AccessExpired,
    CopyGone,
    CredentialDead,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnavailable,
)
from shared.providers.codes import code
from shared.providers.http import Answer

LONG_WAIT = timedelta(hours=1)
"""For limits that do not lift within minutes: the day's quota, an account's usage limits."""


class IdTaken(ProviderRefused):
    """The calendar has, or once had, an event with that id."""


class Changed(ProviderUnavailable):
    """The event is not in the state the request was conditional on."""


Maker = Callable[[str, Answer], ProviderFailure]


def _slow_down(message: str, answer: Answer) -> ProviderFailure:
    return ProviderUnavailable(message, retry_after=answer.retry_after)


def _long_wait(message: str, answer: Answer) -> ProviderFailure:
    asked = answer.retry_after or LONG_WAIT
    return ProviderUnavailable(message, retry_after=max(asked, LONG_WAIT))


def _broken(message: str, answer: Answer) -> ProviderFailure:
    return ProviderUnavailable(
        message, retry_after=answer.retry_after, unsettled=answer.method != "GET"
    )


def _plain(kind: type[ProviderFailure]) -> Maker:
    return lambda message, _: kind(message)


_REASONS: Mapping[str, Maker] = {
    # The token: a fresh one may do.
    "authError": _plain(AccessExpired),
    "UNAUTHENTICATED": _plain(AccessExpired),
    "ACCESS_TOKEN_EXPIRED": _plain(AccessExpired),
    # The grant: only the user can widen it.
    "insufficientPermissions": _plain(CredentialDead),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _plain(CredentialDead),
    # Our project.
    "accessNotConfigured": _plain(ProviderMisconfigured),
    "SERVICE_DISABLED": _plain(ProviderMisconfigured),
    "projectNotLinked": _plain(ProviderMisconfigured),
    "keyInvalid": _plain(ProviderMisconfigured),
    # Too much for now.
    "rateLimitExceeded": _slow_down,
    "userRateLimitExceeded": _slow_down,
    "quotaExceeded": _slow_down,
    "RATE_LIMIT_EXCEEDED": _slow_down,
    "RESOURCE_EXHAUSTED": _slow_down,
    "calendarUsageLimitsExceeded": _long_wait,
    "dailyLimitExceeded": _long_wait,
    # Google's own trouble.
    "backendError": _broken,
    "internalError": _broken,
    "transientError": _broken,
    "conflict": _slow_down,
    # The event.
    "notFound": _plain(CopyGone),
    "deleted": _plain(CopyGone),
    "gone": _plain(CopyGone),
    "duplicate": _plain(IdTaken),
    "conditionNotMet": _plain(Changed),
}
_STATUSES: Mapping[int, Maker] = {
    HTTPStatus.UNAUTHORIZED: _plain(AccessExpired),
    HTTPStatus.NOT_FOUND: _plain(CopyGone),
    HTTPStatus.GONE: _plain(CopyGone),
    HTTPStatus.CONFLICT: _plain(IdTaken),
    HTTPStatus.PRECONDITION_FAILED: _plain(Changed),
    HTTPStatus.REQUEST_TIMEOUT: _slow_down,
    HTTPStatus.TOO_MANY_REQUESTS: _slow_down,
}
# Said whatever the reason: nothing but a fresh token, or patience, helps.
_DECIDED_BY_STATUS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})


def failure(answer: Answer) -> ProviderFailure:
    """Return what an answer that is no success means; its text never quotes the request."""
    error = _error(answer)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _broken(f"Google answered {answer.status}.", answer)
    if error is None:
        return _without_reason(answer)
    reason = _reason(error)
    message = f"Google refused: {code(reason) or answer.status}."
    if reason is None or answer.status in _DECIDED_BY_STATUS:
        maker = _STATUSES.get(answer.status, _plain(ProviderRefused))
    else:
        maker = _REASONS.get(reason, _plain(ProviderRefused))
    return maker(message, answer)


def garbled(answer: Answer) -> ProviderFailure:
    """Return what a success means whose body is not what was asked for."""
    return _broken("Google's answer could not be read.", answer)


def _without_reason(answer: Answer) -> ProviderFailure:
    """No answer of the API itself but of something in between, except for a refused token."""
    message = f"Google answered {answer.status} without saying why."
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return AccessExpired(message)
    return _slow_down(message, answer)


def _error(answer: Answer) -> Mapping[str, Any] | None:
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return None
    return error if isinstance(error, Mapping) else None


def _reason(error: Mapping[str, Any]) -> str | None:
    """The classic reason when there is one, else the newer detail, else the newer status."""
    for listed in (error.get("errors"), error.get("details")):
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, Mapping) and isinstance(each.get("reason"), str):
                return str(each["reason"])
    status = error.get("status")
    return status if isinstance(status, str) and status in _REASONS else None
