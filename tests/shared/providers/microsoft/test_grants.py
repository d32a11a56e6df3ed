"""A grant of Microsoft's after the sign-in: refreshed, dead, or never revoked."""

import pytest

from infra.local.simulators import microsoft
from shared.domain.errors import CredentialDead, ProviderMisconfigured, ProviderUnavailable
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_peer import EMAIL
from tests.support.microsoft_sign_in import (
    HOUR,
    NOW,
    SigningIn,
    consented,
    redeemed,
    refused,
    signing_in,
)


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


def test_revoking_asks_nothing_of_microsoft(there: SigningIn) -> None:
    assert there.oauth.revoke("0.AX") is False
    assert [] == there.transport.exchanges
