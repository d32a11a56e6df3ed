"""What msal may ask through us, and of whom."""

from datetime import timedelta

import pytest

from infra.local.simulators import microsoft
from shared.domain.errors import ProviderMisconfigured, ProviderUnavailable
from shared.providers.http import Deadline
from shared.providers.microsoft.authority import Authority, MsalHttp
from shared.providers.microsoft.oauth import MicrosoftOAuth
from tests.support.microsoft_sign_in import NOW, SigningIn, consented, redeemed, token_requests


@pytest.fixture
def http(there: SigningIn) -> MsalHttp:
    authority = Authority(there.simulator.authority + "/", there.web)
    return MsalHttp(authority, Deadline(timedelta(seconds=5)))


def test_msal_is_shown_an_https_address_of_the_same_place(there: SigningIn, http: MsalHttp) -> None:
    told = http.get(f"{http.shown}/v2.0/.well-known/openid-configuration")

    assert there.simulator.authority.replace("http:", "https:") == http.shown
    assert f'"token_endpoint": "{http.shown}/oauth2/v2.0/token"' in told.text


@pytest.mark.parametrize(
    "url",
    [
        "https://login.microsoftonline.com/common/discovery/instance",
        "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
        "https://westeurope.login.microsoft.com/common/oauth2/v2.0/token",
    ],
)
def test_msal_reaches_nothing_but_the_authority(there: SigningIn, http: MsalHttp, url: str) -> None:
    with pytest.raises(ProviderMisconfigured):
        http.get(url)
    with pytest.raises(ProviderMisconfigured):
        http.post(url, data={"client_secret": "s"})

    assert "POST" not in [each.request.method for each in there.transport.exchanges]


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
