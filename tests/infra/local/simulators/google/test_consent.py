import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest

from infra.local.simulators import google
from shared.providers.tls import tls_context

REDIRECT = "https://api.example/callback"
CALENDAR = "https://www.googleapis.com/auth/calendar.events.owned"
PARAMETERS = {
    "client_id": google.CLIENT_ID,
    "redirect_uri": REDIRECT,
    "response_type": "code",
    "scope": f"openid email {CALENDAR}",
    "access_type": "offline",
    "prompt": "consent",
    "state": 'a"b<c',
    "nonce": "n",
}
SECRETS = {"client_id": google.CLIENT_ID, "client_secret": google.CLIENT_SECRET}


@pytest.fixture
def simulator() -> Iterator[google.GoogleSimulator]:
    with google.serve() as served:
        yield served


@pytest.fixture
def browser(simulator: google.GoogleSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.url, verify=tls_context(), trust_env=False) as client:
        yield client


def hidden_fields(page: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: value.replace("&quot;", '"').replace("&lt;", "<") for name, value in fields}


def click_through(browser: httpx.Client, **form: str) -> dict[str, str]:
    """Submit the consent page and return the parameters of the redirect."""
    page = browser.get("/o/oauth2/v2/auth", params=PARAMETERS)
    response = browser.post("/o/oauth2/v2/auth", data={**hidden_fields(page.text), **form})
    assert response.headers["location"].startswith(REDIRECT)
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


def redeem(browser: httpx.Client, code: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    return browser.post("/token", data={**SECRETS, **form, **changes})


def test_a_user_can_choose_account_and_scopes(browser: httpx.Client) -> None:
    account = google.EMAILS[1]

    callback = click_through(
        browser, account=account, decision="allow", **{f"grant:{CALENDAR}": "on"}
    )
    tokens = redeem(browser, callback["code"]).json()

    assert 'a"b<c' == callback["state"]
    assert CALENDAR in tokens["scope"].split()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (account, "n") == (claims["email"], claims["nonce"])


def test_a_scope_left_out_is_not_granted(browser: httpx.Client) -> None:
    callback = click_through(browser, account=google.EMAILS[0], decision="allow")

    assert CALENDAR not in redeem(browser, callback["code"]).json()["scope"].split()


def test_a_user_can_deny(browser: httpx.Client) -> None:
    callback = click_through(browser, account=google.EMAILS[0], decision="deny")

    assert {"state": 'a"b<c', "error": "access_denied"} == callback


def test_the_signature_of_an_id_token_is_valid(browser: httpx.Client) -> None:
    callback = click_through(browser, account=google.EMAILS[0], decision="allow")
    token = redeem(browser, callback["code"]).json()["id_token"]
    key = jwt.PyJWK(browser.get("/oauth2/v3/certs").json()["keys"][0])

    claims = jwt.decode(token, key, algorithms=["RS256"], audience=google.CLIENT_ID)

    assert "https://accounts.google.com" == claims["iss"]


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "another"},
        {"redirect_uri": "javascript:alert(1)"},
        {"response_type": "token"},
        {"scope": ""},
        {"code_challenge_method": "S512"},
    ],
)
def test_an_invalid_request_gets_no_consent_page(
    browser: httpx.Client, change: dict[str, str]
) -> None:
    assert 400 == browser.get("/o/oauth2/v2/auth", params={**PARAMETERS, **change}).status_code


def test_using_a_code_twice_ends_the_grant(browser: httpx.Client) -> None:
    callback = click_through(browser, account=google.EMAILS[0], decision="allow")
    token = redeem(browser, callback["code"]).json()["refresh_token"]

    redeem(browser, callback["code"])

    form = {**SECRETS, "grant_type": "refresh_token", "refresh_token": token}
    assert "invalid_grant" == browser.post("/token", data=form).json()["error"]


def test_without_the_consent_prompt_a_refresh_token_is_returned_once(browser: httpx.Client) -> None:
    body = {**PARAMETERS, "auto": "allow", "login_hint": "new@gmail.example"}
    del body["prompt"]

    has_refresh_token = []
    for _ in range(2):
        callback = browser.get("/o/oauth2/v2/auth", params=body).headers["location"]
        code = dict(parse_qsl(urlsplit(callback).query))["code"]
        has_refresh_token.append("refresh_token" in redeem(browser, code).json())

    assert [True, False] == has_refresh_token


def test_tokens_can_be_granted_expired_and_revoked_without_a_browser(browser: httpx.Client) -> None:
    body = {"email": "kim@gmail.example"}
    tokens = browser.post("/_control/grant", json=body).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    events = "/calendar/v3/calendars/primary/events"

    statuses = [browser.get(events, headers=bearer).status_code]
    browser.post("/_control/expire_tokens")
    statuses.append(browser.get(events, headers=bearer).status_code)
    form = {**SECRETS, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    statuses.append(browser.post("/token", data=form).status_code)
    browser.post("/_control/end_grant", json=body)
    statuses.append(browser.post("/token", data=form).status_code)

    assert [200, 401, 200, 400] == statuses


def test_userinfo_returns_the_account(
    browser: httpx.Client, simulator: google.GoogleSimulator
) -> None:
    access, _ = simulator.authorization.grant("kim@gmail.example", frozenset({"openid"}))

    userinfo = browser.get("/v1/userinfo", headers={"Authorization": f"Bearer {access}"})

    assert "kim@gmail.example" == userinfo.json()["email"]
    assert userinfo.json()["email_verified"]
    assert 401 == browser.get("/v1/userinfo").status_code
