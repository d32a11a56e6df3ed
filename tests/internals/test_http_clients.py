"""What the Google and Microsoft clients rely on inside httpx, msal and google-auth."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from google.auth import transport
from google.oauth2 import reauth
from msal import ConfidentialClientApplication, TokenCache

from tests.support.loopback_http import loopback_server, read_request, send_response

AUTHORITY = "https://login.example.com/common"
CONFIGURATION = f"{AUTHORITY}/v2.0/.well-known/openid-configuration"
TOKEN = f"{AUTHORITY}/oauth2/v2.0/token"


class RecordingTimeouts(dict[str, float]):
    """Records which phase of a request reads its time-out."""

    def __init__(self) -> None:
        super().__init__()
        self.phases: list[str] = []

    def get(self, phase: str, _default: Any = None) -> Any:
        self.phases.append(phase)
        return timedelta(seconds=5).total_seconds()


@pytest.fixture
def url() -> Iterator[str]:
    def respond(handler: Any) -> None:
        read_request(handler)
        send_response(handler, 200, {}, b"body")

    with loopback_server(respond) as address:
        yield address


def test_httpx_reads_the_time_out_of_each_phase_when_the_phase_begins(url: str) -> None:
    timeouts = RecordingTimeouts()
    with httpx.Client(trust_env=False) as client:
        request = client.build_request("GET", url, extensions={"timeout": timeouts})
        response = client.send(request, stream=True)
        before = len(timeouts.phases)
        response.read()
        response.close()

    assert {"pool", "connect", "write", "read"} == set(timeouts.phases)
    assert len(timeouts.phases) > before, "reading the body did not ask again"


class ScriptedHttp:
    """An `http_client` for msal that has what ours has and records its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def get(self, url: str, **_: Any) -> Any:
        self.calls.append(("get", url))
        return _Response(
            {
                "issuer": AUTHORITY,
                "authorization_endpoint": f"{AUTHORITY}/oauth2/v2.0/authorize",
                "token_endpoint": TOKEN,
            }
        )

    def post(self, url: str, *, data: Mapping[str, str], **_: Any) -> Any:
        self.calls.append(("post", url))
        return _Response({"access_token": "at", "expires_in": 60, "grant": data["grant_type"]})

    def close(self) -> None:
        """Have nothing to close."""


class _Response:
    def __init__(self, body: Mapping[str, Any]) -> None:
        self.text = json.dumps(body)
        self.status_code = 200
        self.headers: Mapping[str, str] = {}

    def raise_for_status(self) -> None:
        """Be a success."""


def application(http: ScriptedHttp, authority: str = AUTHORITY) -> Any:
    return ConfidentialClientApplication(
        "client",
        client_credential="secret",
        authority=authority,
        http_client=http,
        token_cache=TokenCache(),
        instance_discovery=False,
        azure_region=False,
    )


def test_msal_asks_its_http_client_for_the_configuration_and_the_token_only() -> None:
    http = ScriptedHttp()

    result = application(http).acquire_token_by_refresh_token("rt", scopes=["Calendars.ReadWrite"])

    assert (result["access_token"], result["grant"]) == ("at", "refresh_token")
    assert http.calls == [("get", CONFIGURATION), ("post", TOKEN)]


def test_msal_accepts_a_sign_in_flow_that_it_did_not_start() -> None:
    http = ScriptedHttp()
    flow = {
        "state": "checked",
        "redirect_uri": "https://app.example.com/",
        "scope": ["openid"],
        "code_verifier": "v" * 43,
        "nonce": "n",
    }

    result = application(http).acquire_token_by_auth_code_flow(
        flow, {"state": "checked", "code": "c"}
    )

    assert result["grant"] == "authorization_code"


def test_msal_rejects_an_authority_that_is_not_https() -> None:
    with pytest.raises(ValueError, match="https"):
        application(ScriptedHttp(), "http://login.example.com/common")


class _Granted(transport.Response):
    status = 200
    headers: Mapping[str, str] = {}
    data = json.dumps({"access_token": "at", "refresh_token": "new", "expires_in": 60}).encode()


def test_google_auth_refreshes_in_one_request_and_returns_the_whole_response_fourth() -> None:
    requests: list[Any] = []

    def request(url: str, method: str, body: bytes, **_: Any) -> _Granted:
        requests.append((url, method, body))
        return _Granted()

    result = reauth.refresh_grant(request, "https://token.example.com/", "rt", "id", "secret")  # type: ignore[no-untyped-call]  # google-auth leaves it untyped

    access_token, refresh_token, _, response, _ = result
    assert (access_token, refresh_token, response["expires_in"]) == ("at", "new", 60)
    assert len(requests) == 1
