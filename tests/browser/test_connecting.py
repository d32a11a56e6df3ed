"""Connecting a calendar in Chromium: a front end on loopback and the whole service."""

from collections.abc import Iterator

import pytest

from infra.local.service import service
from tests.support.chromium import Profile
from tests.support.front_end import ALLOW, DENY, OUTCOME, Platform, front_end
from tests.support.service import fresh_id

# The processes are tested here; other tests cover their lines.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

PROVIDERS = ["google", "outlook"]


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """The service on loopback, and a front end."""
    with front_end() as served, pytest.MonkeyPatch.context() as patched:
        patched.setenv("REDIRECT_ALLOW_LIST", served.page())
        with service(workers=2) as run:
            yield Platform(run, run.url, served, served.page())


@pytest.fixture
def user(platform: Platform, own: Profile) -> str:
    """A user who is signed in to the front end in the own browser."""
    user = fresh_id("coach")
    platform.sign_in(own, user)
    return user


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_user_connects_in_one_browser(
    platform: Platform, own: Profile, user: str, provider: str
) -> None:
    url = platform.start(own, provider)
    (cookie,) = own.cookies().values()
    path = f"/api/v1/auth/{provider}/callback"
    assert (True, "Lax", path) == (cookie["httpOnly"], cookie["sameSite"], cookie["path"])

    own.open(url)
    own.click(ALLOW)

    assert "connected" == own.text(OUTCOME)
    assert [provider] == [each["provider"] for each in platform.connections(user)]
    assert {} == own.cookies()


def test_scripts_of_the_front_end_cannot_read_the_cookie(
    platform: Platform, own: Profile, user: str
) -> None:
    del user
    platform.start(own, "google")

    own.open(f"{platform.run.url}/api/v1/auth/google/callback")

    assert 1 == len(own.cookies())
    assert "" == own.run("return document.cookie;")


def test_several_flows_finish_in_one_browser_in_any_order(
    platform: Platform, own: Profile, user: str
) -> None:
    urls = [platform.start(own, each) for each in ("google", "google", "outlook")]
    assert 3 == len(own.cookies())

    for url in urls[::-1]:
        own.open(url)
        own.click(ALLOW)
        assert "connected" == own.text(OUTCOME)

    assert ["google", "outlook"] == sorted(e["provider"] for e in platform.connections(user))
    assert {} == own.cookies()


def test_a_user_who_declines_returns_to_the_front_end(
    platform: Platform, own: Profile, user: str
) -> None:
    own.open(platform.start(own, "google"))

    own.click(DENY)

    assert "ACCESS_DENIED" == own.text(OUTCOME)
    assert ([], {}) == (platform.connections(user), own.cookies())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_another_person_who_opens_the_url_gives_no_calendar_away(
    platform: Platform, own: Profile, other: Profile, user: str, provider: str
) -> None:
    victim = fresh_id("victim")
    platform.sign_in(other, victim)
    url = platform.start(own, provider)

    other.open(url)
    other.click(ALLOW)
    other.click("#confirm")

    assert "INVALID_STATE" == other.text(OUTCOME)
    assert ([], []) == (platform.connections(user), platform.connections(victim))


def test_a_user_may_consent_in_another_browser_and_confirm_there(
    platform: Platform, own: Profile, other: Profile, user: str
) -> None:
    platform.sign_in(other, user)
    url = platform.start(own, "google")
    platform.front_end.requests.clear()

    other.open(url)
    other.click(ALLOW)
    assert [] == platform.connections(user)
    other.click("#confirm")

    assert "connected" == other.text(OUTCOME)
    assert 1 == len(platform.connections(user))
    (returned,) = platform.front_end.requests
    assert "status=confirm&completion=" in returned.target
    assert "referer" not in {name.lower() for name, _ in returned.headers}


def test_without_a_page_another_browser_is_asked_to_start_again(
    platform: Platform, own: Profile, other: Profile, user: str
) -> None:
    script = "return (await call('GET', '/api/v1/auth/google')).data.authorizationUrl;"
    url = own.run(script)

    other.open(url)
    other.click(ALLOW)
    assert "Calendar not connected" == other.text("h1")
    assert [] == platform.connections(user)

    own.open(url)
    own.click(ALLOW)
    assert "Calendar connected." in own.text("body")
    assert 1 == len(platform.connections(user))
