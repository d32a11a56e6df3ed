"""Signing in with Microsoft, against the simulated authority."""

import base64
import hashlib
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft_accounts import object_id, tenant_of
from infra.local.simulators.microsoft_mailbox import CALENDAR_ID
from shared.domain.errors import (
    AccessExpired,
    CodeRejected,
    CredentialDead,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.ports import CalendarInfo, OAuthProvider, SignIn
from shared.providers.microsoft.oauth import SCOPES, MicrosoftOAuth
from shared.providers.tls import tls_context
from tests.support.microsoft_peer import EMAIL, TIMEOUT, SigningIn, graph_error, signing_in

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(seconds=3599)
BACK = "https://calendar.example/api/v1/auth/outlook/callback"
VERIFIER = "v3rifier-" * 6
NONCE = "n0nce-of-this-sign-in"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()


@pytest.fixture
def there() -> Iterator[SigningIn]:
    with signing_in() as there:
        yield there


def departure(there: SigningIn, *, nonce: str = NONCE) -> str:
    return there.oauth.authorization_url(
        state="st4te", code_challenge=CHALLENGE.rstrip("="), nonce=nonce, redirect_uri=BACK
    )


def consented(there: SigningIn, *, nonce: str = NONCE, email: str = EMAIL) -> str:
    """Return the code a browser brings back."""
    url = f"{departure(there, nonce=nonce)}&auto=allow&login_hint={email}"
    answer = httpx.get(url, verify=tls_context())
    told = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert "st4te" == told["state"]
    return told["code"]


def redeemed(there: SigningIn, code: str, **changes: str) -> SignIn:
    told: dict[str, Any] = {"code_verifier": VERIFIER, "nonce": NONCE, "redirect_uri": BACK}
    return there.oauth.exchange(code, now=NOW, **{**told, **changes})


def token_requests(there: SigningIn) -> list[dict[str, str]]:
    return [
        dict(parse_qsl(each.request.content.decode()))
        for each in there.transport.exchanges
        if each.request.url.path.endswith("/token")
    ]


def refused(code: int, error: str = "invalid_grant") -> dict[str, object]:
    return {"kind": "aadsts", "code": code, "error": error}


def test_the_client_fills_the_port(there: SigningIn) -> None:
    filled: OAuthProvider = there.oauth

    assert SCOPES == filled.scopes


def test_users_are_sent_to_consent_with_proof_of_who_asks(there: SigningIn) -> None:
    url = urlsplit(departure(there))
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}

    assert "/common/oauth2/v2.0/authorize" == url.path
    assert (
        "Calendars.ReadWrite MailboxSettings.Read email offline_access openid profile"
        == asked.pop("scope")
    )
    assert {
        "client_id": microsoft.CLIENT_ID,
        "response_type": "code",
        "response_mode": "query",
        "redirect_uri": BACK,
        "state": "st4te",
        "nonce": hashlib.sha256(NONCE.encode()).hexdigest(),
        "code_challenge": CHALLENGE.rstrip("="),
        "code_challenge_method": "S256",
        "prompt": "select_account",
    } == asked
    assert [] == there.transport.exchanges


def test_a_code_becomes_tokens_and_an_identity(there: SigningIn) -> None:
    signed_in = redeemed(there, consented(there))

    assert (f"{tenant_of(EMAIL)}:{object_id(EMAIL)}", EMAIL) == (signed_in.account, signed_in.email)
    assert NOW + HOUR == signed_in.grant.expires_at
    assert signed_in.grant.refresh_token
    assert signed_in.grant.scopes >= SCOPES
    assert [VERIFIER] == [each["code_verifier"] for each in token_requests(there)]


def test_a_personal_account_signs_in_like_any_other(there: SigningIn) -> None:
    code = consented(there, email=microsoft.PERSONAL_EMAIL)

    assert redeemed(there, code).account.startswith("9188040d-6c67-4c5b-b112-36a304b66dad:")


def test_a_code_serves_once(there: SigningIn) -> None:
    code = consented(there)
    redeemed(there, code)

    with pytest.raises(CodeRejected):
        redeemed(there, code)


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "another" * 7},
        {"nonce": "another"},
    ],
)
def test_a_code_of_another_sign_in_is_refused(there: SigningIn, changed: dict[str, str]) -> None:
    code = consented(there)

    with pytest.raises(CodeRejected) as caught:
        redeemed(there, code, **changed)

    assert code not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("told", "failure"),
    [
        ({}, CodeRejected),
        ({"id_token": "broken"}, CodeRejected),
        ({"id_token": "e30.e30.x"}, CodeRejected),
        ({"id_token": 7}, CodeRejected),
    ],
)
def test_an_answer_without_a_good_id_token_is_refused(
    there: SigningIn, told: dict[str, object], failure: type[Exception]
) -> None:
    body = {"access_token": "t", "expires_in": 3599, "token_type": "Bearer", **told}
    there.simulator.break_next({"status": 200, "body": body}, method="POST")

    with pytest.raises(failure):
        redeemed(there, "code")


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (70008, CodeRejected),
        (54005, CodeRejected),
        (65004, CodeRejected),
        (7000215, ProviderMisconfigured),
        (50011, ProviderMisconfigured),
        (90033, ProviderUnavailable),
    ],
)
def test_a_refused_code_is_the_users_ours_or_nobodys_fault(
    there: SigningIn, code: int, failure: type[Exception]
) -> None:
    there.simulator.break_next(refused(code), path="*/token")

    with pytest.raises(failure):
        redeemed(there, consented(there))


def test_a_refresh_gives_a_new_refresh_token_and_leaves_the_old_one_good(there: SigningIn) -> None:
    first = redeemed(there, consented(there)).grant.refresh_token
    assert first is not None

    second = there.oauth.refresh(first, now=NOW + HOUR)
    again = there.oauth.refresh(first, now=NOW + HOUR)

    assert 3 == len({first, second.refresh_token, again.refresh_token})
    assert NOW + 2 * HOUR == second.expires_at


def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one(there: SigningIn) -> None:
    first = redeemed(there, consented(there)).grant.refresh_token
    assert first is not None
    there.simulator.break_next({"kind": "no_refresh_token"}, path="*/token")

    assert there.oauth.refresh(first, now=NOW).refresh_token is None


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (refused(700082), CredentialDead),
        (refused(50173), CredentialDead),
        (refused(7000222, "invalid_client"), ProviderMisconfigured),
        (refused(90033, "temporarily_unavailable"), ProviderUnavailable),
        ({"status": 503, "headers": {"Retry-After": "9"}}, ProviderUnavailable),
        ({"status": 429, "body": {"error": "slow_down"}}, ProviderUnavailable),
        ({"status": 500, "body": {"error": "invalid_grant"}}, ProviderUnavailable),
        ({"status": 200, "body": {"no": "token"}}, ProviderUnavailable),
        ({"status": 200, "body": {"access_token": "t"}}, ProviderUnavailable),
        ({"status": 200, "body": {"access_token": "t", "id_token": "x"}}, ProviderUnavailable),
        ({"status": 200, "body": [1]}, ProviderUnavailable),
        ({"kind": "truncate"}, ProviderUnavailable),
        ({"kind": "html"}, ProviderUnavailable),
        ({"kind": "drop_before"}, ProviderUnavailable),
    ],
)
def test_a_failing_refresh_tells_whose_move_it_is(
    there: SigningIn, fault: dict[str, object], failure: type[Exception]
) -> None:
    there.simulator.break_next(fault, path="*/token")

    with pytest.raises(failure):
        there.oauth.refresh("0.AX-unknown", now=NOW)


def test_a_refusal_that_passes_is_asked_for_again_at_once(there: SigningIn) -> None:
    first = redeemed(there, consented(there)).grant.refresh_token
    assert first is not None
    there.simulator.break_next(refused(90033), path="*/token")
    with pytest.raises(ProviderUnavailable):
        there.oauth.refresh(first, now=NOW)

    assert there.oauth.refresh(first, now=NOW).access_token


def test_a_wrong_client_secret_disconnects_nobody() -> None:
    with signing_in(secret="wrong") as there, pytest.raises(ProviderMisconfigured):
        there.oauth.refresh(there.simulator.sign_ins.grant(EMAIL, SCOPES)[1], now=NOW)


def test_two_users_in_one_process_never_get_each_others_tokens(there: SigningIn) -> None:
    emails = (EMAIL, microsoft.PERSONAL_EMAIL)
    grants = [redeemed(there, consented(there, email=each)).grant for each in emails]

    renewed = [there.oauth.refresh(each.refresh_token or "", now=NOW) for each in grants]

    holders = [there.simulator.sign_ins.access[each.access_token].email for each in renewed]
    assert list(emails) == holders


def test_the_authority_is_asked_about_itself_once(there: SigningIn) -> None:
    for _ in range(3):
        redeemed(there, consented(there))

    paths = [each.request.url.path for each in there.transport.exchanges]
    assert 1 == paths.count("/common/v2.0/.well-known/openid-configuration")
    assert 3 == paths.count("/common/oauth2/v2.0/token")


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ({"status": 404}, ProviderMisconfigured),
        ({"status": 400}, ProviderMisconfigured),
        ({"status": 503}, ProviderUnavailable),
        ({"status": 429}, ProviderUnavailable),
        ({"kind": "html"}, ProviderUnavailable),
        ({"status": 200, "body": {"issuer": "x"}}, ProviderUnavailable),
        (
            {"status": 200, "body": {"issuer": "x", "token_endpoint": "https://evil.example/t"}},
            ProviderMisconfigured,
        ),
    ],
)
def test_an_authority_that_cannot_be_used_gets_no_secret(
    there: SigningIn, fault: dict[str, object], failure: type[Exception]
) -> None:
    there.simulator.break_next(fault, path="*openid-configuration")

    with pytest.raises(failure):
        there.oauth.refresh("0.AX", now=NOW)

    assert [] == token_requests(there)


def test_an_authority_without_a_tenant_is_a_mistake_of_ours(there: SigningIn) -> None:
    oauth = MicrosoftOAuth(
        microsoft.CLIENT_ID,
        lambda: microsoft.CLIENT_SECRET,
        authority=there.simulator.url,
        graph_url=there.simulator.graph_url,
        web=there.web,
    )

    with pytest.raises(ProviderMisconfigured):
        oauth.refresh("0.AX", now=NOW)


def test_revoking_asks_nothing_of_microsoft(there: SigningIn) -> None:
    assert there.oauth.revoke("0.AX") is False
    assert [] == there.transport.exchanges


def test_the_calendar_written_to_comes_with_the_mailboxs_zone(there: SigningIn) -> None:
    mailbox = there.simulator.mailbox(EMAIL)
    mailbox.zone_name = "New Zealand Standard Time"
    access, _ = there.simulator.sign_ins.grant(EMAIL, SCOPES)

    found = there.oauth.primary_calendar(access, timeout=TIMEOUT)

    assert CalendarInfo(calendar_id=CALENDAR_ID, name="Calendar", zone="Pacific/Auckland") == found


@pytest.mark.parametrize("status", [403, 404])
def test_a_mailbox_without_settings_has_a_calendar_all_the_same(
    there: SigningIn, status: int
) -> None:
    access, _ = there.simulator.sign_ins.grant(EMAIL, SCOPES)
    there.simulator.break_next(graph_error(status, "ErrorAccessDenied"), path="*/mailboxSettings")

    assert there.oauth.primary_calendar(access, timeout=TIMEOUT).zone is None


def test_settings_that_cannot_be_read_just_now_are_asked_for_again(there: SigningIn) -> None:
    access, _ = there.simulator.sign_ins.grant(EMAIL, SCOPES)
    there.simulator.break_next({"status": 503}, path="*/mailboxSettings")

    with pytest.raises(ProviderUnavailable):
        there.oauth.primary_calendar(access, timeout=TIMEOUT)


def test_a_calendar_without_an_id_is_none(there: SigningIn) -> None:
    access, _ = there.simulator.sign_ins.grant(EMAIL, SCOPES)
    there.simulator.break_next({"status": 200, "body": {"name": "x"}}, path="*/calendar")

    with pytest.raises(ProviderUnavailable):
        there.oauth.primary_calendar(access, timeout=TIMEOUT)


def test_an_access_token_that_is_no_good_says_so(there: SigningIn) -> None:
    with pytest.raises(AccessExpired):
        there.oauth.primary_calendar("stale", timeout=TIMEOUT)


def test_nothing_secret_is_logged(there: SigningIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    code = consented(there)
    caplog.clear()

    grant = redeemed(there, code).grant
    renewed = there.oauth.refresh(grant.refresh_token or "", now=NOW)
    there.simulator.break_next({"kind": "truncate"}, path="*/token")
    with pytest.raises(ProviderUnavailable):
        there.oauth.refresh(renewed.refresh_token or "", now=NOW)

    secrets = {
        code,
        VERIFIER,
        NONCE,
        microsoft.CLIENT_SECRET,
        grant.access_token,
        grant.refresh_token,
        renewed.access_token,
        renewed.refresh_token,
    }
    assert caplog.text
    assert set() == {each for each in secrets if each and each in caplog.text}


def test_reading_calendars_loads_neither_msal_nor_icalendar() -> None:
    script = (
        "import sys, shared.providers.microsoft.calendar;"
        "print([each for each in ('msal', 'icalendar', 'requests') if each in sys.modules])"
    )

    answer = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert "[]" == answer.stdout.strip()
