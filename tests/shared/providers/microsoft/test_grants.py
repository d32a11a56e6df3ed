"""A Microsoft grant after the sign-in: refresh, errors, and no revocation."""

import pytest

from infra.local.simulators import microsoft
from shared.domain.errors import CredentialInvalid, ProviderMisconfigured, ProviderUnavailable
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_sign_in import (
    HOUR,
    NOW,
    MicrosoftSignInFlow,
    consent,
    exchange,
    microsoft_flow,
    sign_in_error,
)
from tests.support.microsoft_test_server import EMAIL


def test_a_refresh_returns_a_new_refresh_token_and_the_old_one_stays_valid(
    flow: MicrosoftSignInFlow,
) -> None:
    first = exchange(flow, consent(flow)).grant.refresh_token
    assert first is not None

    second = flow.oauth.refresh(first, now=NOW + HOUR)
    again = flow.oauth.refresh(first, now=NOW + HOUR)

    assert 3 == len({first, second.refresh_token, again.refresh_token})
    assert NOW + 2 * HOUR == second.expires_at


def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one(flow: MicrosoftSignInFlow) -> None:
    first = exchange(flow, consent(flow)).grant.refresh_token
    assert first is not None
    flow.simulator.break_next({"kind": "no_refresh_token"}, path="*/token")

    assert flow.oauth.refresh(first, now=NOW).refresh_token is None


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (sign_in_error(700082), CredentialInvalid),
        (sign_in_error(50173), CredentialInvalid),
        (sign_in_error(7000222, "invalid_client"), ProviderMisconfigured),
        (sign_in_error(90033, "temporarily_unavailable"), ProviderUnavailable),
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
def test_a_failed_refresh_raises_the_matching_error(
    flow: MicrosoftSignInFlow, fault: dict[str, object], failure: type[Exception]
) -> None:
    flow.simulator.break_next(fault, path="*/token")

    with pytest.raises(failure):
        flow.oauth.refresh("0.AX-unknown", now=NOW)


def test_a_transient_refresh_error_can_be_retried_at_once(flow: MicrosoftSignInFlow) -> None:
    first = exchange(flow, consent(flow)).grant.refresh_token
    assert first is not None
    flow.simulator.break_next(sign_in_error(90033), path="*/token")
    with pytest.raises(ProviderUnavailable):
        flow.oauth.refresh(first, now=NOW)

    assert flow.oauth.refresh(first, now=NOW).access_token


def test_a_wrong_client_secret_is_not_an_invalid_credential() -> None:
    with microsoft_flow(secret="wrong") as flow, pytest.raises(ProviderMisconfigured):
        flow.oauth.refresh(flow.simulator.sign_ins.grant(EMAIL, SCOPES)[1], now=NOW)


def test_two_users_in_one_process_never_get_each_others_tokens(flow: MicrosoftSignInFlow) -> None:
    emails = (EMAIL, microsoft.PERSONAL_EMAIL)
    grants = [exchange(flow, consent(flow, email=each)).grant for each in emails]

    renewed = [flow.oauth.refresh(each.refresh_token or "", now=NOW) for each in grants]

    holders = [flow.simulator.sign_ins.access[each.access_token].email for each in renewed]
    assert list(emails) == holders


def test_revoke_sends_no_request(flow: MicrosoftSignInFlow) -> None:
    assert flow.oauth.revoke("0.AX") is False
    assert [] == flow.transport.exchanges
