import hashlib
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import ProblemCode, Provider
from shared.domain.errors import (
    AccessDenied,
    CalendarServiceError,
    CodeRejected,
    CredentialInvalid,
    InvalidRequest,
    InvalidState,
    NoCalendar,
    ProviderMisconfigured,
    ProviderNotConfigured,
    ProviderRejected,
    ProviderUnavailable,
    ProviderUnreachable,
)
from shared.ports import SignIn
from shared.usecases.accounts.authorization import CallbackRedirect
from shared.usecases.accounts.connection_writer import StoredConnection
from shared.usecases.accounts.oauth import STATE_LIFETIME
from tests.support.oauth_harness import PAGE, OAuthHarness, query_parts
from tests.support.platform import COACH, NOW
from tests.support.token_fakes import grant


def test_the_code_is_exchanged_with_the_verifier_and_nonce_of_the_same_flow() -> None:
    harness = OAuthHarness()
    start = harness.start()

    done = harness.finish(start)

    _, challenge, nonce, address = query_parts(start)

    (exchanges,) = harness.oauth.exchanges
    digest = hashlib.sha256(exchanges["verifier"].encode()).digest()
    assert challenge == urlsafe_b64encode(digest).decode().rstrip("=")
    assert (nonce, address) == (exchanges["nonce"], exchanges["to"])
    assert "https://api.example/api/v1/auth/google/callback" == address
    assert isinstance(done, StoredConnection)
    assert harness.connected == (done.connection,)


def test_the_secrets_of_a_flow_are_not_stored_in_plain_text() -> None:
    harness = OAuthHarness()
    start = harness.start()

    state, _, nonce, _ = query_parts(start)
    stored = repr(harness.states.stored)
    assert state == start.state
    assert [] == [each for each in (state, nonce, start.browser_secret) if str(each) in stored]
    assert len(state) >= 43, "256 bits"
    assert len(start.browser_secret or "") >= 43, "256 bits"


def test_a_state_is_valid_once() -> None:
    harness = OAuthHarness()
    start = harness.start()
    harness.finish(start)

    with pytest.raises(InvalidState):
        harness.finish(start)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": None},
        {"state": ""},
        {"state": "made up"},
        {"provider": Provider.OUTLOOK},
        {"now": NOW + STATE_LIFETIME},
    ],
)
def test_a_missing_unknown_or_expired_state_is_rejected(changes: dict[str, Any]) -> None:
    harness = OAuthHarness()
    start = harness.start()

    with pytest.raises(InvalidState):
        harness.finish(start, **changes)

    assert () == harness.connected


def test_a_state_sent_to_the_wrong_provider_is_invalidated() -> None:
    harness = OAuthHarness()
    start = harness.start()
    with pytest.raises(InvalidState):
        harness.finish(start, provider=Provider.OUTLOOK)

    with pytest.raises(InvalidState):
        harness.finish(start)


@pytest.mark.parametrize(
    ("changes", "failure", "expected"),
    [
        ({"error": "access_denied"}, None, AccessDenied),
        ({"code": None}, None, CodeRejected),
        ({}, CodeRejected("used"), CodeRejected),
        ({}, AccessDenied("unticked"), AccessDenied),
        ({}, ProviderUnavailable("503"), ProviderUnreachable),
        ({}, ProviderMisconfigured("wrong secret"), ProviderUnreachable),
    ],
)
def test_a_failure_is_raised_or_reported_to_the_return_page(
    changes: dict[str, Any],
    failure: CalendarServiceError | None,
    expected: type[CalendarServiceError],
) -> None:
    harness = OAuthHarness()
    harness.oauth.sign_in = failure or harness.oauth.sign_in

    with pytest.raises(expected):
        harness.finish(harness.start(), **changes)

    redirect = harness.finish(harness.start(PAGE), **changes)
    assert CallbackRedirect(return_to=PAGE, error=expected.code) == redirect
    assert () == harness.connected


def test_success_is_reported_to_the_return_page() -> None:
    harness = OAuthHarness()

    assert CallbackRedirect(return_to=PAGE) == harness.finish(harness.start(PAGE))


@pytest.mark.parametrize(
    "page", ["//evil.example", "/\\evil", "https:evil", f"{PAGE}&x", PAGE.upper(), ""]
)
def test_a_return_page_must_match_the_allow_list_exactly(page: str) -> None:
    with pytest.raises(InvalidRequest, match="redirectUri"):
        OAuthHarness().start(page)


def test_a_provider_without_a_client_id_is_not_configured() -> None:
    with pytest.raises(ProviderNotConfigured):
        OAuthHarness().connect.start(COACH, Provider.OUTLOOK, return_to=None, now=NOW)


def test_a_state_is_valid_until_it_expires() -> None:
    harness = OAuthHarness()
    start = harness.start()

    done = harness.finish(start, now=NOW + STATE_LIFETIME - timedelta(microseconds=1))

    assert isinstance(done, StoredConnection)


@pytest.mark.parametrize(
    "missing",
    [
        ProviderRejected("404", problem=ProblemCode.CALENDAR_DELETED),
        ProviderUnavailable("404 no mailbox", problem=ProblemCode.CALENDAR_DISABLED),
        CredentialInvalid("403 although access was granted"),
    ],
)
def test_an_account_without_a_calendar_is_named_as_such(missing: Exception) -> None:
    harness = OAuthHarness()
    harness.oauth.primary = missing
    start = harness.start()

    with pytest.raises(NoCalendar):
        harness.finish(start)

    assert () == harness.connected


def test_our_own_wrong_secret_is_logged_and_counted_at_the_exchange(
    caplog: pytest.LogCaptureFixture,
) -> None:
    harness = OAuthHarness()
    harness.oauth.sign_in = ProviderMisconfigured("invalid_client")
    start = harness.start()

    with pytest.raises(ProviderUnreachable):
        harness.finish(start)

    assert 1 == harness.meter.counts["ProviderMisconfigured", "google"]
    assert ["provider rejects this service's own credentials"] == [
        each.message for each in caplog.records
    ]


def test_a_consent_without_a_refresh_token_is_connected_and_reported() -> None:
    harness = OAuthHarness()
    harness.oauth.sign_in = SignIn(
        grant=grant("access", None, now=NOW),
        account="sub-1",
        email="c@example.com",
        is_email_verified=True,
    )

    harness.finish(harness.start())

    (connection,) = harness.connected
    assert connection.is_active
    assert connection.last_error is not None
    assert ProblemCode.NO_REFRESH_TOKEN is connection.last_error.code
