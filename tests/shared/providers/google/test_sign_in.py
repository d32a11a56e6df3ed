"""Signing in with Google: what is asked for, and what a code is exchanged for."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from infra.local.simulators import google
from infra.local.simulators.google_oauth import subject
from shared.domain.errors import (
    AccessDenied,
    CodeRejected,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.providers.google.oauth import CALENDAR_SCOPE, SCOPES, GoogleClient
from tests.support.google_peer import EMAIL
from tests.support.google_sign_in import NONCE, NOW, REDIRECT, Flow, tokens


def test_the_scopes_asked_for_are_these_and_no_more(flow: Flow) -> None:
    asked = parse_qs(urlsplit(flow.url()).query)["scope"][0].split()

    assert {
        "openid",
        "email",
        "https://www.googleapis.com/auth/calendar.events.owned",
    } == set(asked)
    assert flow.oauth.scopes == SCOPES == set(asked)


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


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_code_is_not_lost_to_a_passing_fault_without_being_told_so(
    flow: Flow, status: int
) -> None:
    wait = {"Retry-After": "9"}
    flow.google.break_next({"status": status, "body": "", "headers": wait}, path="/token")

    with pytest.raises(ProviderUnavailable) as caught:
        flow.exchange("code")

    assert timedelta(seconds=9) == caught.value.retry_after


def test_nothing_secret_shows_in_what_is_printed(flow: Flow) -> None:
    client = GoogleClient(client_id="id", client_secret=lambda: "s3cret")
    signed_in = flow.signed_in()

    shown = f"{client!r} {signed_in!r}"

    assert "s3cret" not in shown
    assert signed_in.grant.access_token not in shown
