import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from infra.local.simulators.google.errors import error_body
from shared.domain.errors import (
    AccessExpired,
    CopyGone,
    CredentialInvalid,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
)
from shared.providers.google.failures import LONG_WAIT, EventChanged, IdTaken, failure
from shared.providers.http import HttpResponse

SECONDS = timedelta(seconds=1)


def response(
    status: int, body: Any, *, method: str = "GET", headers: dict[str, str] | None = None
) -> HttpResponse:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return HttpResponse(
        method=method, status=status, headers=httpx.Headers(headers or {}), body=content
    )


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (400, "badRequest", ProviderRejected),
        (400, "invalid", ProviderRejected),
        (400, "required", ProviderRejected),
        (400, "timeRangeEmpty", ProviderRejected),
        (400, "timeRangeTooLong", ProviderRejected),
        (400, "keyInvalid", ProviderMisconfigured),
        (401, "authError", AccessExpired),
        (401, "required", AccessExpired),
        (401, "expired", AccessExpired),
        (401, "somethingNew", AccessExpired),
        (403, "rateLimitExceeded", ProviderUnavailable),
        (403, "userRateLimitExceeded", ProviderUnavailable),
        (403, "quotaExceeded", ProviderUnavailable),
        (403, "dailyLimitExceeded", ProviderUnavailable),
        (403, "calendarUsageLimitsExceeded", ProviderUnavailable),
        (403, "RATE_LIMIT_EXCEEDED", ProviderUnavailable),
        (403, "insufficientPermissions", CredentialInvalid),
        (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", CredentialInvalid),
        (403, "accessNotConfigured", ProviderMisconfigured),
        (403, "SERVICE_DISABLED", ProviderMisconfigured),
        (403, "forbidden", ProviderRejected),
        (403, "forbiddenForNonOrganizer", ProviderRejected),
        (403, "requiredAccessLevel", ProviderRejected),
        (403, "notACalendarUser", ProviderRejected),
        (403, "domainPolicy", ProviderRejected),
        (403, "somethingNew", ProviderRejected),
        (404, "notFound", CopyGone),
        (409, "duplicate", IdTaken),
        (409, "conflict", ProviderUnavailable),
        (410, "deleted", CopyGone),
        (410, "gone", CopyGone),
        (412, "conditionNotMet", EventChanged),
        (429, "rateLimitExceeded", ProviderUnavailable),
        (429, "somethingNew", ProviderUnavailable),
        (500, "backendError", ProviderUnavailable),
        (502, "badGateway", ProviderUnavailable),
        (503, "backendError", ProviderUnavailable),
        (504, "forbidden", ProviderUnavailable),
    ],
)
def test_the_reason_decides_the_error(
    status: int, reason: str, expected: type[ProviderFailure]
) -> None:
    error = failure(response(status, error_body(status, reason, "No.")))

    assert expected is type(error)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, ProviderRejected),
        (401, AccessExpired),
        (403, ProviderRejected),
        (404, CopyGone),
        (408, ProviderUnavailable),
        (409, IdTaken),
        (410, CopyGone),
        (412, EventChanged),
        (429, ProviderUnavailable),
    ],
)
def test_without_a_reason_the_status_decides_the_error(
    status: int, expected: type[ProviderFailure]
) -> None:
    error = failure(response(status, {"error": {"code": status, "message": "No."}}))

    assert expected is type(error)


def test_newer_errors_have_their_reason_in_the_details() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]
    body = {"error": {"code": 403, "message": "No.", "details": details, "status": "X"}}

    assert ProviderMisconfigured is type(failure(response(403, body)))


def test_newer_errors_may_have_only_a_status() -> None:
    body = {"error": {"code": 403, "message": "No.", "status": "RESOURCE_EXHAUSTED"}}

    assert ProviderUnavailable is type(failure(response(403, body)))


@pytest.mark.parametrize("status", [301, 302, 400, 403, 404, 409, 410])
@pytest.mark.parametrize("body", ["<html>Sorry...</html>", "", "{", "[]", '{"error": "no"}'])
def test_an_error_that_is_not_from_the_api_can_be_retried(status: int, body: str) -> None:
    error = failure(response(status, body, method="POST"))

    assert isinstance(error, ProviderUnavailable)
    assert not error.unsettled


def test_a_401_page_means_an_expired_token() -> None:
    assert AccessExpired is type(failure(response(401, "<html></html>")))


@pytest.mark.parametrize(("method", "unsettled"), [("GET", False), ("POST", True), ("PATCH", True)])
def test_a_write_with_a_server_error_is_unsettled(method: str, unsettled: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    error = failure(response(503, error_body(503, "backendError", "No."), method=method))

    assert isinstance(error, ProviderUnavailable)
    assert unsettled == error.unsettled


def test_a_write_over_the_rate_limit_is_not_unsettled() -> None:
    error = failure(response(403, error_body(403, "rateLimitExceeded", "No."), method="POST"))

    assert isinstance(error, ProviderUnavailable)
    assert not error.unsettled


def test_an_account_limit_waits_for_an_hour() -> None:
    body = error_body(403, "calendarUsageLimitsExceeded", "No.")

    error = failure(response(403, body, headers={"Retry-After": "5"}))

    assert isinstance(error, ProviderUnavailable)
    assert LONG_WAIT == error.retry_after


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7 * SECONDS),
        ({"retry-after": " 7 "}, 7 * SECONDS),
        ({"Retry-After": "0"}, 0 * SECONDS),
        ({"Retry-After": "-7"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "9" * 30}, timedelta(days=1)),
        ({"Retry-After": "Mon, 02 Mar 2026 10:00:30 GMT"}, None),
        (
            {
                "Retry-After": "Mon, 02 Mar 2026 10:00:30 GMT",
                "Date": "Mon, 02 Mar 2026 10:00:00 GMT",
            },
            30 * SECONDS,
        ),
        (
            {
                "Retry-After": "Mon, 02 Mar 2026 09:00:00 GMT",
                "Date": "Mon, 02 Mar 2026 10:00:00 GMT",
            },
            0 * SECONDS,
        ),
    ],
)
def test_retry_after_is_parsed(headers: dict[str, str], expected: timedelta | None) -> None:
    response = HttpResponse(method="GET", status=503, headers=httpx.Headers(headers), body=b"")

    assert expected == response.retry_after
