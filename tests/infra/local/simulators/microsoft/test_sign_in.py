"""Consent and tokens of the simulated Microsoft."""

import re
import subprocess
import sys
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft.accounts import object_id, tenant_of
from tests.support.microsoft_requests import SCOPE, error_code_of, get, post
from tests.support.microsoft_test_server import EMAIL

CALLBACK = "http://127.0.0.1:1/back"


def authorization_request(**changes: str) -> dict[str, str]:
    content = {
        "client_id": microsoft.CLIENT_ID,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": SCOPE,
        "state": "s",
        "nonce": "n",
        "code_challenge": "plain-verifier",
        "code_challenge_method": "plain",
    }
    return {**content, **changes}


def redeem(simulator: microsoft.MicrosoftSimulator, code: str, **changes: str) -> httpx.Response:
    form = {
        "client_id": microsoft.CLIENT_ID,
        "client_secret": microsoft.CLIENT_SECRET,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": "plain-verifier",
    }
    return post(f"{simulator.authority}/oauth2/v2.0/token", data={**form, **changes})


def callback_parameters(response: httpx.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


def test_a_user_can_submit_the_consent_page(
    simulator: microsoft.MicrosoftSimulator,
) -> None:
    page = get(f"{simulator.authority}/oauth2/v2.0/authorize", params=authorization_request()).text
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    form = {name: unescape(value) for name, value in hidden}
    accounts = re.findall(r'name="account" value="([^"]+)"', page)

    response = post(
        f"{simulator.authority}/oauth2/v2.0/authorize",
        data={**form, "account": accounts[1], "decision": "allow"},
    )

    content = redeem(simulator, callback_parameters(response)["code"]).json()
    assert list(microsoft.EMAILS) == accounts
    assert accounts[1] == simulator.sign_ins.access[content["access_token"]].email


def test_declining_redirects_with_an_error(simulator: microsoft.MicrosoftSimulator) -> None:
    authorize_url = f"{simulator.authority}/oauth2/v2.0/authorize"

    content = callback_parameters(
        get(authorize_url, params={**authorization_request(), "auto": "deny"})
    )

    assert ("access_denied", "s") == (content["error"], content["state"])
    assert "code" not in content


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "x"},
        {"redirect_uri": "ftp://x"},
        {"response_type": "token"},
        {"scope": ""},
        {"response_mode": "fragment"},
    ],
)
def test_an_invalid_request_is_not_redirected(
    simulator: microsoft.MicrosoftSimulator, wrong: dict[str, str]
) -> None:
    authorize_url = f"{simulator.authority}/oauth2/v2.0/authorize"

    assert 400 == get(authorize_url, params=authorization_request(**wrong)).status_code
    assert 400 == post(authorize_url, data=authorization_request(**wrong)).status_code


def test_an_id_token_is_signed_with_a_published_key(
    simulator: microsoft.MicrosoftSimulator,
) -> None:
    authorize_url = f"{simulator.authority}/oauth2/v2.0/authorize"
    code = callback_parameters(
        get(authorize_url, params={**authorization_request(), "auto": "allow"})
    )["code"]
    content = redeem(simulator, code).json()
    configuration = get(f"{simulator.authority}/v2.0/.well-known/openid-configuration").json()
    (key,) = get(configuration["jwks_uri"]).json()["keys"]

    claims = jwt.decode(
        content["id_token"], jwt.PyJWK(key), algorithms=["RS256"], audience=microsoft.CLIENT_ID
    )

    assert (tenant_of(EMAIL), object_id(EMAIL), EMAIL) == (
        claims["tid"],
        claims["oid"],
        claims["preferred_username"],
    )
    assert configuration["issuer"].replace("{tenantid}", claims["tid"]) == claims["iss"]
    assert "n" == claims["nonce"]


def test_instance_discovery_names_the_configuration(
    simulator: microsoft.MicrosoftSimulator,
) -> None:
    content = get(f"{simulator.url}/common/discovery/instance").json()

    assert 200 == get(content["tenant_discovery_endpoint"]).status_code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"client_secret": "x"}, 7000215),
        ({"client_id": "x"}, 700016),
        ({"redirect_uri": "http://127.0.0.1:1/other"}, 500112),
        ({"code_verifier": "x"}, 501481),
        ({"code": "x"}, 54005),
        ({"grant_type": "password"}, 900144),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 700082),
    ],
)
def test_the_token_endpoint_rejects_invalid_requests(
    simulator: microsoft.MicrosoftSimulator, wrong: dict[str, str], code: int
) -> None:
    authorize_url = f"{simulator.authority}/oauth2/v2.0/authorize"
    valid_code = callback_parameters(
        get(authorize_url, params={**authorization_request(), "auto": "allow"})
    )["code"]

    content = redeem(simulator, **{"code": valid_code, **wrong}).json()

    assert [code] == content["error_codes"]


def test_a_refresh_token_cannot_get_more_scopes_than_granted(
    simulator: microsoft.MicrosoftSimulator,
) -> None:
    _, refresh = simulator.sign_ins.grant(EMAIL, frozenset({"Calendars.ReadWrite"}))

    response = redeem(
        simulator, "", grant_type="refresh_token", refresh_token=refresh, scope="Mail.Read"
    )

    assert [65001] == response.json()["error_codes"]


def test_tokens_of_a_revoked_grant_are_rejected(
    simulator: microsoft.MicrosoftSimulator, client: httpx.Client
) -> None:
    simulator.sign_ins.end_grant(EMAIL)

    response = client.get("/me")

    assert (401, "InvalidAuthenticationToken") == (response.status_code, error_code_of(response))


def test_control_expires_access_tokens(
    simulator: microsoft.MicrosoftSimulator, client: httpx.Client
) -> None:
    post(f"{simulator.url}/_control/expire")

    assert 401 == client.get("/me").status_code


def test_it_runs_as_a_program() -> None:
    command = [sys.executable, "-m", "infra.local.simulators.microsoft"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - a program of this project
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split()[-1]
        response = get(f"{url}/common/v2.0/.well-known/openid-configuration")
        process.terminate()

    assert 200 == response.status_code
    assert 0 == process.returncode
