from datetime import timedelta

import pytest

from functions.connections.browser_cookie import BrowserCookie

PATH = "/api/v1/auth/google/callback"
LIFETIME = timedelta(minutes=10)


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:1"])
def test_on_loopback_over_http_the_cookie_has_the_path_of_the_callback(base: str) -> None:
    cookie = BrowserCookie(f"{base}/stage{PATH}", "state")

    attributes = f"Path=/stage{PATH}; Max-Age=600; HttpOnly; SameSite=Lax"
    assert cookie.name.startswith("oauth-")
    assert f"{cookie.name}=secret; {attributes}" == cookie.holding("secret", lifetime=LIFETIME)
    assert f"{cookie.name}=; {attributes.replace('600', '0')}" == cookie.clearing()


@pytest.mark.parametrize(
    "base", ["https://calendar.example.com", "https://127.0.0.1", "http://calendar.example.com", ""]
)
def test_anywhere_else_no_other_host_can_set_the_cookie(base: str) -> None:
    cookie = BrowserCookie(f"{base}{PATH}", "state")

    attributes = "Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax"
    assert cookie.name.startswith("__Host-oauth-")
    assert f"{cookie.name}=secret; {attributes}" == cookie.holding("secret", lifetime=LIFETIME)
    assert f"{cookie.name}=; {attributes.replace('600', '0')}" == cookie.clearing()


def test_each_state_has_its_own_cookie_that_does_not_contain_the_state() -> None:
    names = {BrowserCookie(f"https://api.test{PATH}", each).name for each in ("one", "two")}

    assert 2 == len(names)
    assert [] == [each for each in names if "one" in each or "two" in each]


@pytest.mark.parametrize("value", ["", "ä", "a b", "x" * 129, '"secret"', "a=b"])
def test_a_value_that_is_no_secret_is_ignored(value: str) -> None:
    cookie = BrowserCookie(f"https://api.test{PATH}", "state")

    assert cookie.secret_in([f"{cookie.name}={value}"]) is None


def test_the_secret_is_found_among_other_cookies() -> None:
    cookie = BrowserCookie(f"https://api.test{PATH}", "state")

    assert "s-e_c" == cookie.secret_in(["a=b", "", "c", f" {cookie.name}=s-e_c"])
    assert cookie.secret_in(["a=b", "oauth-0=s", f"x{cookie.name}=s"]) is None
