"""Consent, tokens and their end at the simulated Microsoft, as at the real one."""

import re
import subprocess
import sys
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft_accounts import object_id, tenant_of
from tests.support.microsoft_peer import EMAIL
from tests.support.microsoft_requests import SCOPE, code_of, get, post

BACK = "http://127.0.0.1:1/back"


def asked(**changes: str) -> dict[str, str]:
    told = {
        "client_id": microsoft.CLIENT_ID,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": SCOPE,
        "state": "s",
        "nonce": "n",
        "code_challenge": "plain-verifier",
        "code_challenge_method": "plain",
    }
    return {**told, **changes}


def redeem(simulator: microsoft.Microsoft, code: str, **changes: str) -> httpx.Response:
    form = {
        "client_id": microsoft.CLIENT_ID,
        "client_secret": microsoft.CLIENT_SECRET,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": "plain-verifier",
    }
    return post(f"{simulator.authority}/oauth2/v2.0/token", data={**form, **changes})


def brought_back(answer: httpx.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def test_a_person_can_click_through_the_consent_page(simulator: microsoft.Microsoft) -> None:
    page = get(f"{simulator.authority}/oauth2/v2.0/authorize", params=asked()).text
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    form = {name: unescape(value) for name, value in hidden}
    accounts = re.findall(r'name="account" value="([^"]+)"', page)

    answer = post(
        f"{simulator.authority}/oauth2/v2.0/authorize",
        data={**form, "account": accounts[1], "decision": "allow"},
    )

    told = redeem(simulator, brought_back(answer)["code"]).json()
    assert list(microsoft.EMAILS) == accounts
    assert accounts[1] == simulator.sign_ins.access[told["access_token"]].email


def test_declining_brings_back_an_error(simulator: microsoft.Microsoft) -> None:
    place = f"{simulator.authority}/oauth2/v2.0/authorize"

    told = brought_back(get(place, params={**asked(), "auto": "deny"}))

    assert ("access_denied", "s") == (told["error"], told["state"])
    assert "code" not in told


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
def test_a_page_asked_for_wrongly_sends_nobody_back(
    simulator: microsoft.Microsoft, wrong: dict[str, str]
) -> None:
    place = f"{simulator.authority}/oauth2/v2.0/authorize"

    assert 400 == get(place, params=asked(**wrong)).status_code
    assert 400 == post(place, data=asked(**wrong)).status_code


def test_an_id_token_is_signed_with_a_published_key(simulator: microsoft.Microsoft) -> None:
    place = f"{simulator.authority}/oauth2/v2.0/authorize"
    code = brought_back(get(place, params={**asked(), "auto": "allow"}))["code"]
    told = redeem(simulator, code).json()
    configuration = get(f"{simulator.authority}/v2.0/.well-known/openid-configuration").json()
    (key,) = get(configuration["jwks_uri"]).json()["keys"]

    claims = jwt.decode(
        told["id_token"], jwt.PyJWK(key), algorithms=["RS256"], audience=microsoft.CLIENT_ID
    )

    assert (tenant_of(EMAIL), object_id(EMAIL), EMAIL) == (
        claims["tid"],
        claims["oid"],
        claims["preferred_username"],
    )
    assert configuration["issuer"].replace("{tenantid}", claims["tid"]) == claims["iss"]
    assert "n" == claims["nonce"]


def test_instance_discovery_names_the_configuration(simulator: microsoft.Microsoft) -> None:
    told = get(f"{simulator.url}/common/discovery/instance").json()

    assert 200 == get(told["tenant_discovery_endpoint"]).status_code


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
def test_the_token_endpoint_refuses(
    simulator: microsoft.Microsoft, wrong: dict[str, str], code: int
) -> None:
    place = f"{simulator.authority}/oauth2/v2.0/authorize"
    good = brought_back(get(place, params={**asked(), "auto": "allow"}))["code"]

    told = redeem(simulator, **{"code": good, **wrong}).json()

    assert [code] == told["error_codes"]


def test_a_refresh_token_buys_no_more_than_was_granted(simulator: microsoft.Microsoft) -> None:
    _, refresh = simulator.sign_ins.grant(EMAIL, frozenset({"Calendars.ReadWrite"}))

    answer = redeem(
        simulator, "", grant_type="refresh_token", refresh_token=refresh, scope="Mail.Read"
    )

    assert [65001] == answer.json()["error_codes"]


def test_a_grant_that_ended_is_of_no_use(
    simulator: microsoft.Microsoft, client: httpx.Client
) -> None:
    simulator.sign_ins.end_grant(EMAIL)

    answer = client.get("/me")

    assert (401, "InvalidAuthenticationToken") == (answer.status_code, code_of(answer))


def test_control_ends_access_tokens(simulator: microsoft.Microsoft, client: httpx.Client) -> None:
    post(f"{simulator.url}/_control/expire")

    assert 401 == client.get("/me").status_code


def test_it_runs_alone() -> None:
    command = [sys.executable, "-m", "infra.local.simulators.microsoft"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split()[-1]
        answer = get(f"{url}/common/v2.0/.well-known/openid-configuration")
        process.terminate()

    assert 200 == answer.status_code
    assert 0 == process.returncode
