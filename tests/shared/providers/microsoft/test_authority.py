"""The requests that msal may send, and the server they go to."""

from datetime import timedelta

import pytest

from infra.local.simulators import microsoft
from shared.domain.errors import ProviderMisconfigured, ProviderUnavailable
from shared.providers.limits import Deadline
from shared.providers.microsoft.authority import Authority, MsalHttp
from shared.providers.microsoft.oauth import MicrosoftOAuth
from tests.support.microsoft_sign_in import (
    NOW,
    MicrosoftSignInFlow,
    consent,
    exchange,
    token_requests,
)


@pytest.fixture
def http(flow: MicrosoftSignInFlow) -> MsalHttp:
    authority = Authority(flow.simulator.authority + "/", flow.http)
    return MsalHttp(authority, Deadline(timedelta(seconds=5)))


def test_msal_gets_the_https_form_of_the_authority_address(
    flow: MicrosoftSignInFlow, http: MsalHttp
) -> None:
    response = http.get(f"{http.https_url}/v2.0/.well-known/openid-configuration")

    assert flow.simulator.authority.replace("http:", "https:") == http.https_url
    assert f'"token_endpoint": "{http.https_url}/oauth2/v2.0/token"' in response.text


@pytest.mark.parametrize(
    "url",
    [
        "https://login.microsoftonline.com/common/discovery/instance",
        "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
        "https://westeurope.login.microsoft.com/common/oauth2/v2.0/token",
    ],
)
def test_msal_can_reach_only_the_authority(
    flow: MicrosoftSignInFlow, http: MsalHttp, url: str
) -> None:
    with pytest.raises(ProviderMisconfigured):
        http.get(url)
    with pytest.raises(ProviderMisconfigured):
        http.post(url, data={"client_secret": "s"})

    assert "POST" not in [each.request.method for each in flow.transport.exchanges]


def test_the_openid_configuration_is_fetched_once(flow: MicrosoftSignInFlow) -> None:
    for _ in range(3):
        exchange(flow, consent(flow))

    paths = [each.request.url.path for each in flow.transport.exchanges]
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
def test_an_unusable_authority_gets_no_secret(
    flow: MicrosoftSignInFlow, fault: dict[str, object], failure: type[Exception]
) -> None:
    flow.simulator.break_next(fault, path="*openid-configuration")

    with pytest.raises(failure):
        flow.oauth.refresh("0.AX", now=NOW)

    assert [] == token_requests(flow)


def test_an_authority_without_a_tenant_is_a_misconfiguration(flow: MicrosoftSignInFlow) -> None:
    oauth = MicrosoftOAuth(
        microsoft.CLIENT_ID,
        lambda: microsoft.CLIENT_SECRET,
        authority=flow.simulator.url,
        graph_url=flow.simulator.graph_url,
        http=flow.http,
    )

    with pytest.raises(ProviderMisconfigured):
        oauth.refresh("0.AX", now=NOW)
