"""What Microsoft says about tokens that a sign-in has handed over."""

import pytest

from infra.local.simulators.microsoft.mailbox import CALENDAR_ID
from shared.domain.connection import ProblemCode
from shared.domain.errors import CredentialInvalid, ProviderRejected
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_sign_in import (
    MicrosoftSignInFlow,
    consent,
    exchange,
    token_requests,
)
from tests.support.microsoft_test_server import EMAIL, TIMEOUT
from tests.support.platform import NOW


def test_a_refresh_returns_whose_tokens_they_are(flow: MicrosoftSignInFlow) -> None:
    signed_in = exchange(flow, consent(flow))

    identity = flow.oauth.refresh(signed_in.grant.refresh_token or "", now=NOW).identity

    assert identity is not None
    assert (signed_in.account, signed_in.email) == (identity.account, identity.email)


@pytest.mark.parametrize(
    ("granted", "asked"),
    [
        (frozenset(), {"Calendars.ReadWrite"}),
        (frozenset({"Calendars.ReadWrite", "User.Read"}), {"Calendars.ReadWrite"}),
        (SCOPES, set(SCOPES)),
    ],
)
def test_a_refresh_asks_for_the_granted_scopes_only(
    flow: MicrosoftSignInFlow, granted: frozenset[str], asked: set[str]
) -> None:
    refresh = exchange(flow, consent(flow)).grant.refresh_token or ""

    flow.oauth.refresh(refresh, now=NOW, granted=granted)

    scopes = set(token_requests(flow)[-1]["scope"].split())
    assert asked == scopes - {"openid", "profile", "offline_access"}


def test_a_default_calendar_has_its_name(flow: MicrosoftSignInFlow) -> None:
    access, _ = flow.simulator.sign_ins.grant(EMAIL, SCOPES)

    assert "Calendar" == flow.oauth.calendar(access, CALENDAR_ID, timeout=TIMEOUT).name


def test_a_calendar_that_the_account_does_not_have_is_rejected(flow: MicrosoftSignInFlow) -> None:
    access, _ = flow.simulator.sign_ins.grant(EMAIL, SCOPES)

    with pytest.raises(ProviderRejected):
        flow.oauth.calendar(access, "primary", timeout=TIMEOUT)


def test_login_tokens_have_no_access_to_the_calendar(flow: MicrosoftSignInFlow) -> None:
    access, _ = flow.simulator.sign_ins.grant(EMAIL, frozenset({"User.Read"}))

    with pytest.raises(CredentialInvalid) as caught:
        flow.oauth.primary_calendar(access, timeout=TIMEOUT)

    assert ProblemCode.NEEDS_CONSENT is caught.value.problem
