import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from infra.local.simulators import google
from infra.local.simulators.google_calendar import BASE
from infra.local.simulators.google_oauth import MOST_REFRESH_TOKENS, subject
from shared.domain.errors import (
    AccessDenied,
    AccessExpired,
    CodeRejected,
    CredentialDead,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnavailable,
)
from shared.ports import CalendarInfo, SignIn
from shared.providers.google.oauth import (
    CALENDAR_SCOPE,
    PRIMARY,
    SCOPES,
    GoogleClient,
    GoogleOAuth,
    GoogleUrls,
)
from shared.providers.http import Http
from tests.support.google_discovery import CheckedTransport, method_of
from tests.support.google_peer import google_error

EMAIL = google.EMAILS[0]
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
REDIRECT = "https://api.example/api/v1/auth/google/callback"
VERIFIER = "verifier-" + "v" * 43
NONCE = "nonce-1"
TIMEOUT = timedelta(seconds=5)


@dataclass
class Flow:
    """One sign-in: our side, the simulated Google and the user's browser."""

    oauth: GoogleOAuth
    google: google.GoogleSimulator

    def url(self) -> str:
        challenge = hashlib.sha256(VERIFIER.encode()).digest()
        return self.oauth.authorization_url(
            state="state-1",
            code_challenge=base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            nonce=NONCE,
            redirect_uri=REDIRECT,
        )

    def returned(self, **answer: str) -> dict[str, str]:
        """Let the user answer the consent page and return what the redirect carries."""
        chosen = {"auto": "allow", "login_hint": EMAIL, **answer}
        sent_back = httpx.get(self.url() + "&" + str(httpx.QueryParams(chosen)))
        assert sent_back.headers["location"].startswith(REDIRECT + "?")
        return dict(parse_qsl(urlsplit(sent_back.headers["location"]).query))

    def exchange(self, code: str, **changes: Any) -> SignIn:
        asked = {"code_verifier": VERIFIER, "nonce": NONCE, "redirect_uri": REDIRECT, "now": NOW}
        return self.oauth.exchange(code, **{**asked, **changes})

    def signed_in(self) -> SignIn:
        return self.exchange(self.returned()["code"])

    def refresh_token(self) -> str:
        token = self.signed_in().grant.refresh_token
        assert token is not None
        return token


def oauth_for(
    simulator: google.GoogleSimulator, http: Http, *, secret: str = google.CLIENT_SECRET
) -> GoogleOAuth:
    where = simulator.environment
    urls = GoogleUrls(
        authorize=where["GOOGLE_AUTHORIZE_URL"],
        token=where["GOOGLE_TOKEN_URL"],
        revoke=where["GOOGLE_REVOKE_URL"],
        calendar=where["GOOGLE_CALENDAR_URL"],
    )
    client = GoogleClient(client_id=google.CLIENT_ID, client_secret=lambda: secret)
    return GoogleOAuth(client, urls, http=http)


@pytest.fixture
def http() -> Iterator[Http]:
    sender = Http(CheckedTransport(BASE))
    yield sender
    sender.close()


@pytest.fixture
def flow(http: Http) -> Iterator[Flow]:
    with google.serve() as simulator:
        yield Flow(oauth_for(simulator, http), simulator)


def test_the_scopes_asked_for_are_these_and_no_more(flow: Flow) -> None:
    asked = parse_qs(urlsplit(flow.url()).query)["scope"][0].split()

    assert {
        "openid",
        "email",
        "https://www.googleapis.com/auth/calendar.events.owned",
    } == set(asked)
    assert flow.oauth.scopes == SCOPES == set(asked)


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "calendars/primary/events"),
        ("POST", "calendars/primary/events"),
        ("GET", "calendars/primary/events/abcde"),
        ("PATCH", "calendars/primary/events/abcde"),
        ("DELETE", "calendars/primary/events/abcde"),
    ],
)
def test_the_calendar_scope_suffices_for_every_method_used(verb: str, path: str) -> None:
    assert CALENDAR_SCOPE in method_of(verb, path).scopes


def test_consent_and_offline_access_are_asked_for_with_pkce(flow: Flow) -> None:
    asked = dict(parse_qsl(urlsplit(flow.url()).query))

    expected = {
        "access_type": "offline",
        "prompt": "consent",
        "response_type": "code",
        "code_challenge_method": "S256",
        "redirect_uri": REDIRECT,
        "client_id": google.CLIENT_ID,
        "state": "state-1",
        "nonce": NONCE,
    }
    assert expected == {name: asked[name] for name in expected}
    assert "include_granted_scopes" not in asked


def test_a_code_becomes_tokens_and_an_identity(flow: Flow) -> None:
    signed_in = flow.signed_in()

    assert (subject(EMAIL), EMAIL) == (signed_in.account, signed_in.email)
    assert NOW + timedelta(seconds=3599) == signed_in.grant.expires_at
    assert SCOPES == signed_in.grant.scopes
    assert signed_in.grant.refresh_token in flow.google.authorization.refresh


def test_a_second_consent_gives_a_refresh_token_again(flow: Flow) -> None:
    assert flow.refresh_token() != flow.refresh_token()


def test_a_code_serves_once(flow: Flow) -> None:
    code = flow.returned()["code"]
    flow.exchange(code)

    with pytest.raises(CodeRejected):
        flow.exchange(code)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code_verifier": "another"}, CodeRejected),
        ({"nonce": "another"}, CodeRejected),
        ({"redirect_uri": "https://other.example/"}, ProviderMisconfigured),
    ],
)
def test_a_code_of_another_sign_in_is_rejected(
    flow: Flow, changes: dict[str, str], expected: type[Exception]
) -> None:
    code = flow.returned()["code"]

    with pytest.raises(expected):
        flow.exchange(code, **changes)


def test_what_the_user_unticked_is_named(flow: Flow) -> None:
    code = flow.returned(untick=CALENDAR_SCOPE)["code"]

    with pytest.raises(AccessDenied) as caught:
        flow.exchange(code)

    assert "access to your calendar's events" in caught.value.message


def test_a_user_who_declines_comes_back_without_a_code(flow: Flow) -> None:
    assert {"state": "state-1", "error": "access_denied"} == flow.returned(auto="deny")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [google.CLIENT_ID, "another-client"]},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"email": None},
    ],
)
def test_an_identity_that_does_not_check_out_is_rejected(
    flow: Flow, claims: dict[str, Any]
) -> None:
    good = {
        "iss": "https://accounts.google.com",
        "aud": google.CLIENT_ID,
        "nonce": NONCE,
        "sub": "108",
        "email": EMAIL,
    }
    token = flow.google.authorization.id_tokens.signed({**good, **claims})
    flow.google.break_next({"status": 200, "body": tokens(id_token=token)}, path="/token")

    with pytest.raises(CodeRejected):
        flow.exchange("code")


@pytest.mark.parametrize("token", [None, "", "a.b.c", "no token", 7])
def test_an_identity_that_cannot_be_read_is_rejected(flow: Flow, token: object) -> None:
    flow.google.break_next({"status": 200, "body": tokens(id_token=token)}, path="/token")

    with pytest.raises(CodeRejected):
        flow.exchange("code")


def tokens(**changes: Any) -> dict[str, Any]:
    """What the token endpoint answers."""
    scope = f"openid https://www.googleapis.com/auth/userinfo.email {CALENDAR_SCOPE}"
    told = {"access_token": "ya29.x", "expires_in": 3599, "scope": scope, "token_type": "Bearer"}
    return {**told, **changes}


def test_a_refresh_gives_a_new_token_and_keeps_the_old_refresh_token(flow: Flow) -> None:
    before = flow.signed_in().grant
    assert before.refresh_token is not None

    after = flow.oauth.refresh(before.refresh_token, now=NOW + timedelta(hours=1))

    assert before.access_token != after.access_token
    assert (None, SCOPES) == (after.refresh_token, after.scopes)
    assert NOW + timedelta(hours=1, seconds=3599) == after.expires_at


def test_a_rotated_refresh_token_is_handed_on(flow: Flow) -> None:
    told = tokens(refresh_token="1//new")
    flow.google.break_next({"status": 200, "body": told}, path="/token")

    assert "1//new" == flow.oauth.refresh("1//old", now=NOW).refresh_token


def test_a_refresh_asks_google_once(flow: Flow) -> None:
    flow.google.break_next({"status": 503, "body": ""}, path="/token", times=9)

    with pytest.raises(ProviderUnavailable):
        flow.oauth.refresh("1//x", now=NOW)

    assert 1 == len(flow.google.requests)


def test_a_revoked_grant_is_dead(flow: Flow) -> None:
    token = flow.refresh_token()
    flow.google.authorization.end_grant(EMAIL)

    with pytest.raises(CredentialDead):
        flow.oauth.refresh(token, now=NOW)


def test_one_connection_too_many_ends_the_oldest(flow: Flow) -> None:
    oldest = flow.refresh_token()
    for _ in range(MOST_REFRESH_TOKENS):
        flow.google.authorization.grant(EMAIL, frozenset())

    with pytest.raises(CredentialDead):
        flow.oauth.refresh(oldest, now=NOW)


def test_a_wrong_client_secret_is_nobodys_fault_but_ours(flow: Flow, http: Http) -> None:
    token = flow.refresh_token()
    wrong = oauth_for(flow.google, http, secret="wrong")

    with pytest.raises(ProviderMisconfigured) as caught:
        wrong.refresh(token, now=NOW)

    assert "GOOGLE_CLIENT_ID" in caught.value.message


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": "invalid_grant"}, CredentialDead),
        (400, {"error": "invalid_grant", "error_subtype": "invalid_rapt"}, CredentialDead),
        (400, {"error": "invalid_token"}, CredentialDead),
        (400, {"error": "invalid_request"}, ProviderMisconfigured),
        (400, {"error": "invalid_scope"}, ProviderMisconfigured),
        (401, {"error": "invalid_client"}, ProviderMisconfigured),
        (401, {"error": "unauthorized_client"}, ProviderMisconfigured),
        (401, {"error": "deleted_client"}, ProviderMisconfigured),
        (403, {"error": "org_internal"}, ProviderMisconfigured),
        (400, {"error": "internal_failure"}, ProviderUnavailable),
        (400, {"error": "temporarily_unavailable"}, ProviderUnavailable),
        (400, {"error": "something_new"}, ProviderUnavailable),
        (400, {"error": {"code": 400}}, ProviderUnavailable),
        (403, "<html>Sorry...</html>", ProviderUnavailable),
        (429, {"error": "rate_limited"}, ProviderUnavailable),
        (500, {"error": "invalid_grant"}, ProviderUnavailable),
        (502, "<html>Bad gateway</html>", ProviderUnavailable),
        (503, "", ProviderUnavailable),
        (200, "<html>Sign in to the hotel network</html>", ProviderUnavailable),
        (200, [], ProviderUnavailable),
        (200, {}, ProviderUnavailable),
        (200, tokens(access_token=None), ProviderUnavailable),
        (200, tokens(access_token=""), ProviderUnavailable),
        (200, tokens(expires_in=None), ProviderUnavailable),
        (200, tokens(expires_in="soon"), ProviderUnavailable),
        (200, tokens(expires_in=-1), ProviderUnavailable),
        (200, tokens(expires_in=10**12), ProviderUnavailable),
        (200, tokens(expires_in=float("inf")), ProviderUnavailable),
        (200, tokens(scope=7), ProviderUnavailable),
        (302, "", ProviderUnavailable),
    ],
)
def test_what_a_refresh_may_end_in(
    flow: Flow, status: int, body: Any, expected: type[ProviderFailure]
) -> None:
    flow.google.break_next({"status": status, "body": body}, path="/token")

    with pytest.raises(ProviderFailure) as caught:
        flow.oauth.refresh("1//s3cret", now=NOW)

    assert expected is caught.type
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("kind", ["timeout_before", "drop_before", "drop_after", "truncate"])
def test_a_token_endpoint_that_does_not_answer_is_tried_later(flow: Flow, kind: str) -> None:
    token = flow.refresh_token()
    flow.google.break_next({"kind": kind, "seconds": 0.05}, path="/token")

    with pytest.raises(ProviderUnavailable):
        flow.oauth.refresh(token, now=NOW)

    assert flow.oauth.refresh(token, now=NOW).access_token


def test_a_lifetime_told_as_text_is_read(flow: Flow) -> None:
    flow.google.break_next({"status": 200, "body": tokens(expires_in="60")}, path="/token")

    assert NOW + timedelta(minutes=1) == flow.oauth.refresh("1//x", now=NOW).expires_at


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_code_is_not_lost_to_a_passing_fault_without_being_told_so(
    flow: Flow, status: int
) -> None:
    wait = {"Retry-After": "9"}
    flow.google.break_next({"status": status, "body": "", "headers": wait}, path="/token")

    with pytest.raises(ProviderUnavailable) as caught:
        flow.exchange("code")

    assert timedelta(seconds=9) == caught.value.retry_after


def test_revoking_ends_the_whole_grant(flow: Flow) -> None:
    first, second = flow.refresh_token(), flow.refresh_token()

    assert flow.oauth.revoke(first)

    with pytest.raises(CredentialDead):
        flow.oauth.refresh(second, now=NOW)


def test_what_is_gone_already_cannot_be_revoked(flow: Flow) -> None:
    token = flow.refresh_token()
    flow.oauth.revoke(token)

    assert not flow.oauth.revoke(token)


def test_a_revocation_that_gets_no_answer_is_told(flow: Flow) -> None:
    flow.google.break_next({"status": 502, "body": ""}, path="/revoke")

    with pytest.raises(ProviderUnavailable):
        flow.oauth.revoke("1//x")


def test_the_primary_calendar_is_looked_up_under_the_one_scope(flow: Flow) -> None:
    token = flow.signed_in().grant.access_token

    found = flow.oauth.primary_calendar(token, timeout=TIMEOUT)

    assert CalendarInfo(calendar_id=PRIMARY, name=EMAIL, zone="Europe/Berlin") == found


def test_an_account_without_a_calendar_is_told_so(flow: Flow) -> None:
    token = flow.signed_in().grant.access_token
    flow.google.break_next(google_error(404, "notFound"))

    with pytest.raises(ProviderRefused):
        flow.oauth.primary_calendar(token, timeout=TIMEOUT)


def test_an_expired_token_finds_no_calendar(flow: Flow) -> None:
    token = flow.signed_in().grant.access_token
    flow.google.authorization.expire_access_tokens()

    with pytest.raises(AccessExpired):
        flow.oauth.primary_calendar(token, timeout=TIMEOUT)


def test_nothing_secret_shows_in_what_is_printed(flow: Flow) -> None:
    client = GoogleClient(client_id="id", client_secret=lambda: "s3cret")
    signed_in = flow.signed_in()

    shown = f"{client!r} {signed_in!r}"

    assert "s3cret" not in shown
    assert signed_in.grant.access_token not in shown
