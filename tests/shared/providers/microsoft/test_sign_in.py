"""Signing in with Microsoft: where users are sent, and what their codes become."""

import hashlib
import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft_accounts import object_id, tenant_of
from shared.domain.errors import CodeRejected, ProviderMisconfigured, ProviderUnavailable
from shared.ports import OAuthProvider
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_peer import EMAIL
from tests.support.microsoft_sign_in import (
    BACK,
    CHALLENGE,
    HOUR,
    NONCE,
    NOW,
    VERIFIER,
    SigningIn,
    consented,
    departure,
    redeemed,
    refused,
    token_requests,
)


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
