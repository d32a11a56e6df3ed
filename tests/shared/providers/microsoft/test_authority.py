"""What msal may ask through us, and of whom."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.domain.errors import ProviderMisconfigured
from shared.providers.http import Deadline
from shared.providers.microsoft.authority import Authority, MsalHttp
from tests.support.microsoft_peer import SigningIn, signing_in


@pytest.fixture
def there() -> Iterator[SigningIn]:
    with signing_in() as there:
        yield there


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
