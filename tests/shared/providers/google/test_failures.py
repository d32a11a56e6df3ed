import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from infra.local.simulators.google_errors import error_body
from shared.domain.errors import (
    AccessExpired,
    CopyGone,
    CredentialDead,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnavailable,
)
from shared.providers.google.failures import LONG_WAIT, Changed, IdTaken, failure
from shared.providers.http import Answer

SECONDS = timedelta(seconds=1)


def answer(
    status: int, body: Any, *, method: str = "GET", headers: dict[str, str] | None = None
) -> Answer:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(method=method, status=status, headers=httpx.Headers(headers or {}), body=content)


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (400, "badRequest", ProviderRefused),
        (400, "invalid", ProviderRefused),
        (400, "required", ProviderRefused),
        (400, "timeRangeEmpty", ProviderRefused),
        (400, "timeRangeTooLong", ProviderRefused),
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
        (403, "insufficientPermissions", CredentialDead),
        (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", CredentialDead),
        (403, "accessNotConfigured", ProviderMisconfigured),
        (403, "SERVICE_DISABLED", ProviderMisconfigured),
        (403, "forbidden", ProviderRefused),
        (403, "forbiddenForNonOrganizer", ProviderRefused),
        (403, "requiredAccessLevel", ProviderRefused),
        (403, "notACalendarUser", ProviderRefused),
        (403, "domainPolicy", ProviderRefused),
        (403, "somethingNew", ProviderRefused),
        (404, "notFound", CopyGone),
        (409, "duplicate", IdTaken),
        (409, "conflict", ProviderUnavailable),
        (410, "deleted", CopyGone),
        (410, "gone", CopyGone),
        (412, "conditionNotMet", Changed),
        (429, "rateLimitExceeded", ProviderUnavailable),
        (429, "somethingNew", ProviderUnavailable),
        (500, "backendError", ProviderUnavailable),
        (502, "badGateway", ProviderUnavailable),
        (503, "backendError", ProviderUnavailable),
        (504, "forbidden", ProviderUnavailable),
    ],
)
def test_the_reason_decides(status: int, reason: str, expected: type[ProviderFailure]) -> None:
    told = failure(answer(status, error_body(status, reason, "No.")))

    assert expected is type(told)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, ProviderRefused),
        (401, AccessExpired),
        (403, ProviderRefused),
        (404, CopyGone),
        (408, ProviderUnavailable),
        (409, IdTaken),
        (410, CopyGone),
        (412, Changed),
        (429, ProviderUnavailable),
    ],
)
def test_without_a_reason_the_status_decides(status: int, expected: type[ProviderFailure]) -> None:
    told = failure(answer(status, {"error": {"code": status, "message": "No."}}))

    assert expected is type(told)


def test_newer_errors_tell_their_reason_in_the_details() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]
    body = {"error": {"code": 403, "message": "No.", "details": details, "status": "X"}}

    assert ProviderMisconfigured is type(failure(answer(403, body)))


def test_newer_errors_may_tell_no_more_than_a_status() -> None:
    body = {"error": {"code": 403, "message": "No.", "status": "RESOURCE_EXHAUSTED"}}

    assert ProviderUnavailable is type(failure(answer(403, body)))


@pytest.mark.parametrize("status", [301, 302, 400, 403, 404, 409, 410])
@pytest.mark.parametrize("body", ["<html>Sorry...</html>", "", "{", "[]", '{"error": "no"}'])
def test_what_is_no_error_of_the_api_is_worth_another_try(status: int, body: str) -> None:
    told = failure(answer(status, body, method="POST"))

    assert isinstance(told, ProviderUnavailable)
    assert not told.unsettled


def test_a_page_that_refuses_the_token_is_believed() -> None:
    assert AccessExpired is type(failure(answer(401, "<html></html>")))


@pytest.mark.parametrize(("method", "unsettled"), [("GET", False), ("POST", True), ("PATCH", True)])
def test_a_write_google_broke_at_may_have_been_done(method: str, unsettled: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    told = failure(answer(503, error_body(503, "backendError", "No."), method=method))

    assert isinstance(told, ProviderUnavailable)
    assert unsettled == told.unsettled


def test_a_write_over_the_rate_limit_was_not_done() -> None:
    told = failure(answer(403, error_body(403, "rateLimitExceeded", "No."), method="POST"))

    assert isinstance(told, ProviderUnavailable)
    assert not told.unsettled


def test_a_limit_of_the_account_is_not_asked_about_for_an_hour() -> None:
    body = error_body(403, "calendarUsageLimitsExceeded", "No.")

    told = failure(answer(403, body, headers={"Retry-After": "5"}))

    assert isinstance(told, ProviderUnavailable)
    assert LONG_WAIT == told.retry_after


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
def test_how_long_to_wait(headers: dict[str, str], expected: timedelta | None) -> None:
    answer = Answer(method="GET", status=503, headers=httpx.Headers(headers), body=b"")

    assert expected == answer.retry_after
