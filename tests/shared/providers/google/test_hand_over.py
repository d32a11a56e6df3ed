"""What Google says about tokens that a sign-in has handed over."""

from datetime import timedelta

import pytest

from infra.local.simulators import google
from shared.domain.connection import ProblemCode
from shared.domain.errors import CredentialInvalid, ProviderMisconfigured, ProviderRejected
from tests.support.google_sign_in import GoogleSignInFlow, tokens
from tests.support.google_test_server import EMAIL
from tests.support.platform import NOW

TIMEOUT = timedelta(seconds=5)


def test_a_refresh_returns_whose_tokens_they_are(flow: GoogleSignInFlow) -> None:
    signed_in = flow.sign_in()

    identity = flow.oauth.refresh(flow.refresh_token(), now=NOW).identity

    assert identity is not None
    assert (signed_in.account, EMAIL) == (identity.account, identity.email)


@pytest.mark.parametrize("id_token", [None, "not-a-token", "a.b.c"])
def test_a_refresh_without_a_readable_id_token_has_no_identity(
    flow: GoogleSignInFlow, id_token: str | None
) -> None:
    payload = tokens(id_token=id_token)
    flow.google.break_next({"status": 200, "body": payload}, path="/token")

    assert flow.oauth.refresh("1//x", now=NOW).identity is None


def test_the_userinfo_endpoint_names_the_account(flow: GoogleSignInFlow) -> None:
    signed_in = flow.sign_in()

    identity = flow.oauth.identity(signed_in.grant.access_token, timeout=TIMEOUT)

    assert identity is not None
    assert (signed_in.account, EMAIL) == (identity.account, identity.email)


@pytest.mark.parametrize("answer", [{"status": 403}, {"status": 200, "body": []}, {"kind": "html"}])
def test_an_unusable_answer_names_no_account(
    flow: GoogleSignInFlow, answer: dict[str, object]
) -> None:
    access = flow.sign_in().grant.access_token
    flow.google.break_next(answer, path="/v1/userinfo")

    assert flow.oauth.identity(access, timeout=TIMEOUT) is None


def test_a_calendar_that_the_account_does_not_have_is_named_as_such(
    flow: GoogleSignInFlow,
) -> None:
    access = flow.sign_in().grant.access_token

    with pytest.raises(ProviderRejected) as caught:
        flow.oauth.calendar(access, "gone@group.calendar.google.com", timeout=TIMEOUT)

    assert ProblemCode.CALENDAR_DELETED is caught.value.problem


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ("invalid_grant", ProblemCode.RECONNECT_REQUIRED),
        ("admin_policy_enforced", ProblemCode.ADMIN_REQUIRED),
        ("policy_enforced", ProblemCode.ADMIN_REQUIRED),
        ("access_denied", ProblemCode.ADMIN_REQUIRED),
        ("unauthorized_client", ProblemCode.OTHER_CLIENT),
    ],
)
def test_a_refused_refresh_says_what_the_user_should_do(
    flow: GoogleSignInFlow, error: str, problem: ProblemCode
) -> None:
    flow.google.break_next({"status": 400, "body": {"error": error}}, path="/token")

    with pytest.raises(CredentialInvalid) as caught:
        flow.oauth.refresh("1//x", now=NOW)

    assert problem is caught.value.problem


def test_a_client_that_may_not_redeem_codes_is_our_own_fault(flow: GoogleSignInFlow) -> None:
    body = {"error": "unauthorized_client"}
    flow.google.break_next({"status": 401, "body": body}, path="/token")

    with pytest.raises(ProviderMisconfigured):
        flow.sign_in()


def test_login_tokens_have_no_access_to_the_calendar(flow: GoogleSignInFlow) -> None:
    access, _ = flow.google.authorization.grant(google.EMAILS[0], frozenset({"openid"}))

    with pytest.raises(CredentialInvalid) as caught:
        flow.oauth.primary_calendar(access, timeout=TIMEOUT)

    assert ProblemCode.NEEDS_CONSENT is caught.value.problem
