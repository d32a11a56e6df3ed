"""Signing in with Microsoft: the authorization request and the exchange of the code."""

import hashlib
import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft.accounts import object_id, tenant_of
from shared.domain.errors import CodeRejected, ProviderMisconfigured, ProviderUnavailable
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_sign_in import (
    CHALLENGE,
    HOUR,
    NONCE,
    NOW,
    REDIRECT,
    VERIFIER,
    MicrosoftSignInFlow,
    authorization_url,
    consent,
    exchange,
    sign_in_error,
    token_requests,
)
from tests.support.microsoft_test_server import EMAIL


def test_the_authorization_url_requests_consent_with_pkce(flow: MicrosoftSignInFlow) -> None:
    url = urlsplit(authorization_url(flow))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}

    assert "/common/oauth2/v2.0/authorize" == url.path
    assert (
        "Calendars.ReadWrite MailboxSettings.Read email offline_access openid profile"
        == query.pop("scope")
    )
    assert {
        "client_id": microsoft.CLIENT_ID,
        "response_type": "code",
        "response_mode": "query",
        "redirect_uri": REDIRECT,
        "state": "st4te",
        "nonce": hashlib.sha256(NONCE.encode()).hexdigest(),
        "code_challenge": CHALLENGE.rstrip("="),
        "code_challenge_method": "S256",
        "prompt": "select_account",
    } == query
    assert [] == flow.transport.exchanges


def test_a_code_is_exchanged_for_tokens_and_an_identity(flow: MicrosoftSignInFlow) -> None:
    signed_in = exchange(flow, consent(flow))

    assert (f"{tenant_of(EMAIL)}:{object_id(EMAIL)}", EMAIL) == (signed_in.account, signed_in.email)
    assert NOW + HOUR == signed_in.grant.expires_at
    assert signed_in.grant.refresh_token
    assert signed_in.grant.scopes >= SCOPES
    assert [VERIFIER] == [each["code_verifier"] for each in token_requests(flow)]


def test_a_personal_account_signs_in_like_any_other(flow: MicrosoftSignInFlow) -> None:
    code = consent(flow, email=microsoft.PERSONAL_EMAIL)

    signed_in = exchange(flow, code)

    assert signed_in.account.startswith("9188040d-6c67-4c5b-b112-36a304b66dad:")
    assert signed_in.is_email_verified


@pytest.mark.parametrize(
    ("email", "is_verified"),
    [(EMAIL, True), ("c.one@contoso.example", True), ("boss@victim.example", False)],
)
def test_an_address_that_an_administrator_entered_is_verified_only_in_the_domain_of_the_user_name(
    flow: MicrosoftSignInFlow, email: str, *, is_verified: bool
) -> None:
    flow.simulator.sign_ins.other_emails[EMAIL] = email

    signed_in = exchange(flow, consent(flow))

    assert (email, is_verified) == (signed_in.email, signed_in.is_email_verified)


def test_a_code_can_be_used_once(flow: MicrosoftSignInFlow) -> None:
    code = consent(flow)
    exchange(flow, code)

    with pytest.raises(CodeRejected):
        exchange(flow, code)


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "another" * 7},
        {"nonce": "another"},
    ],
)
def test_a_code_of_another_sign_in_is_rejected(
    flow: MicrosoftSignInFlow, changed: dict[str, str]
) -> None:
    code = consent(flow)

    with pytest.raises(CodeRejected) as caught:
        exchange(flow, code, **changed)

    assert code not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("fields", "failure"),
    [
        ({}, CodeRejected),
        ({"id_token": "broken"}, CodeRejected),
        ({"id_token": "e30.e30.x"}, CodeRejected),
        ({"id_token": 7}, CodeRejected),
    ],
)
def test_a_response_without_a_valid_id_token_is_rejected(
    flow: MicrosoftSignInFlow, fields: dict[str, object], failure: type[Exception]
) -> None:
    body = {"access_token": "t", "expires_in": 3599, "token_type": "Bearer", **fields}
    flow.simulator.break_next({"status": 200, "body": body}, method="POST")

    with pytest.raises(failure):
        exchange(flow, "code")


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
def test_a_rejected_code_raises_the_matching_error(
    flow: MicrosoftSignInFlow, code: int, failure: type[Exception]
) -> None:
    flow.simulator.break_next(sign_in_error(code), path="*/token")

    with pytest.raises(failure):
        exchange(flow, consent(flow))


def test_nothing_secret_is_logged(
    flow: MicrosoftSignInFlow, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    code = consent(flow)
    caplog.clear()

    grant = exchange(flow, code).grant
    renewed = flow.oauth.refresh(grant.refresh_token or "", now=NOW)
    flow.simulator.break_next({"kind": "truncate"}, path="*/token")
    with pytest.raises(ProviderUnavailable):
        flow.oauth.refresh(renewed.refresh_token or "", now=NOW)

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
