"""Connecting a calendar in Chromium over TLS: cookie prefixes, sites and origins.

The API is api.platform.test. Its front ends are app.platform.test, of the same site, and
app.other.test, of another one. An attacker controls evil.platform.test.
"""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import httpx
import pytest

from infra.local.service import service
from tests.support.chromium import BrowserFailed, Profile
from tests.support.front_end import (
    ALLOW,
    OUTCOME,
    Platform,
    front_end,
    self_signed_certificate,
    tls_front,
)
from tests.support.service import fresh_id

# The processes are tested here; other tests cover their lines.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

API, APP, OTHER_SITE, EVIL = (
    "api.platform.test",
    "app.platform.test",
    "app.other.test",
    "evil.platform.test",
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The service and its front ends behind TLS."""
    hosts = (API, APP, OTHER_SITE, EVIL)
    certificate = self_signed_certificate(tmp_path_factory.mktemp("tls"), *hosts)
    with (
        front_end(certificate) as served,
        tls_front(certificate) as (port, forward_to),
        pytest.MonkeyPatch.context() as patched,
    ):
        pages = [served.page(each) for each in (APP, OTHER_SITE)]
        api = f"https://{API}:{port}"
        patched.setenv("PUBLIC_BASE_URL", api)
        patched.setenv("REDIRECT_ALLOW_LIST", ",".join(pages))
        patched.setenv("FRONT_ENDS", ",".join(origin(each) for each in pages))
        with service(workers=2) as run:
            forward_to(run.url)
            yield Platform(run, api, served, pages[0])


@pytest.fixture
def user(platform: Platform, own: Profile) -> str:
    """A user who is signed in to the front end in the own browser."""
    user = fresh_id("coach")
    platform.sign_in(own, user)
    return user


def origin(page: str) -> str:
    return str(httpx.URL(page).copy_with(path="/")).removesuffix("/")


def test_a_user_connects_with_a_cookie_of_the_api_s_host_only(
    platform: Platform, own: Profile, user: str
) -> None:
    url = platform.start(own, "google")
    ((name, cookie),) = own.cookies().items()
    assert name.startswith("__Host-oauth-")
    assert (API, "/", True, True, "Lax") == tuple(
        cookie[each] for each in ("domain", "path", "secure", "httpOnly", "sameSite")
    )

    own.open(url)
    own.click(ALLOW)

    assert "connected" == own.text(OUTCOME)
    assert 1 == len(platform.connections(user))
    assert {} == own.cookies()


def test_a_host_of_the_same_domain_cannot_set_the_cookie_in_a_victims_browser(
    platform: Platform, other: Profile
) -> None:
    """The reason for `__Host-`: with `__Secure-` the attacker's cookie would be stored."""
    attacker, victim = fresh_id("attacker"), fresh_id("victim")
    platform.sign_in(other, victim)
    headers = {"Authorization": f"Bearer {platform.run.token(attacker, ['Coach'])}"}
    query = urlencode({"redirectUri": platform.page})
    start = httpx.get(f"{platform.run.url}/api/v1/auth/google?{query}", headers=headers, timeout=60)
    ((name, cookie),) = SimpleCookie(start.headers["set-cookie"]).items()
    weaker = name.replace("__Host-", "__Secure-")
    attributes = "Domain=platform.test; Path=/; Secure; HttpOnly; SameSite=Lax"
    platform.front_end.set_cookies[:] = [
        f"{each}={cookie.value}; {attributes}" for each in (name, weaker)
    ]

    other.open(platform.front_end.page(EVIL))
    platform.front_end.set_cookies.clear()
    stored = {each: cookie["domain"] for each, cookie in other.cookies().items()}
    assert {weaker: ".platform.test"} == stored

    other.open(start.json()["data"]["authorizationUrl"])
    other.click(ALLOW)
    other.click("#confirm")

    assert "INVALID_STATE" == other.text(OUTCOME)
    assert ([], []) == (platform.connections(attacker), platform.connections(victim))


def test_a_front_end_of_another_site_gets_no_cookie_and_its_user_confirms(
    platform: Platform, own: Profile
) -> None:
    user, page = fresh_id("coach"), platform.front_end.page(OTHER_SITE)
    platform.sign_in(own, user, page=page)

    url = platform.start(own, "google", page=page)
    assert {} == own.cookies()
    own.open(url)
    own.click(ALLOW)
    own.click("#confirm")

    assert "connected" == own.text(OUTCOME)
    assert 1 == len(platform.connections(user))


@pytest.mark.parametrize("credentials", ["include", "same-origin", "omit"])
def test_a_page_of_another_origin_cannot_start_in_a_visitors_browser(
    platform: Platform, other: Profile, credentials: str
) -> None:
    """Otherwise it could store the cookie of an attacker's flow there."""
    other.open(platform.front_end.page(EVIL))
    script = "return (await fetch(values[0], {credentials: values[1], headers: values[2]})).status;"
    url = f"{platform.api}/api/v1/auth/google"
    token = {"Authorization": f"Bearer {platform.run.token(fresh_id('attacker'), ['Coach'])}"}

    for headers in (token, {}):
        with pytest.raises(BrowserFailed, match="Failed to fetch"):
            other.run(script, url, credentials, headers)

    assert {} == other.cookies()
