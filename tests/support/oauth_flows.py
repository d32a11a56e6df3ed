"""Google and Microsoft simulators for the functions of this process, and users who connect."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from infra.local.aws import create_resources, create_secrets
from infra.local.provider_servers import SECRETS
from infra.local.simulators import google, microsoft
from infra.local.simulators.google import GoogleSimulator
from infra.local.simulators.microsoft import MicrosoftSimulator
from shared import wiring
from shared.domain.connection import Connection, OAuthCredential
from shared.providers.http import shared_http
from tests.support.api import ApiResponse
from tests.support.aws import fresh_account
from tests.support.consent import consent
from tests.support.cookie_jar import CookieJar
from tests.support.service import FixedClock, User, call_api, dump, fresh_id, installed

PUBLIC_BASE_URL = "https://calendar.test"
PAGE = "https://app.example/calendars?tab=1#accounts"
"""A page on the allow-list that has a query and a fragment."""

GOOGLE_EMAIL, OTHER_GOOGLE_EMAIL = google.EMAILS
WORK_EMAIL, PERSONAL_EMAIL = microsoft.EMAILS
CONNECTIONS = "/api/v1/connections"

OWN_BROWSER = CookieJar()
"""The browser in which users connect, unless a test names another one."""

BOTH = ["google", "outlook"]
TOKEN_PATH = {"google": "/token", "outlook": "/oauth2/v2.0/token"}


@dataclass(frozen=True, slots=True)
class OAuthSimulators:
    """The simulators that the functions of this process use."""

    google: GoogleSimulator
    microsoft: MicrosoftSimulator

    def of(self, provider: str) -> GoogleSimulator | MicrosoftSimulator:
        """Return the simulator of that provider."""
        return self.google if provider == "google" else self.microsoft

    def new_google_account(self) -> str:
        """Return the address of an account that is not connected yet."""
        email = f"{fresh_id()}@gmail.example"
        self.google.authorization.add_account(email)
        return email

    def requests_to(self, provider: str, path: str) -> list[dict[str, Any]]:
        """Return the requests so far whose path ends with `path`."""
        return [each for each in self.of(provider).requests if each["path"].endswith(path)]


@contextmanager
def with_oauth_simulators(ministack_url: str, **settings: str) -> Iterator[OAuthSimulators]:
    """Install the functions in a new AWS account, with new Google and Microsoft simulators.

    `settings` are additional environment variables.
    """
    with ExitStack() as stack:
        simulators = OAuthSimulators(
            stack.enter_context(google.serve()), stack.enter_context(microsoft.serve())
        )
        created = create_resources(ministack_url, account=fresh_account())
        create_secrets(created, dict(SECRETS.values()))
        environment = {
            **created,
            **simulators.google.environment,
            **simulators.microsoft.environment,
            **{setting: name for setting, (name, _) in SECRETS.items()},
            "PUBLIC_BASE_URL": PUBLIC_BASE_URL,
            "REDIRECT_ALLOW_LIST": f"https://app.example/other,{PAGE}",
            **settings,
        }
        stack.enter_context(installed(environment))
        stack.callback(_close_connections)
        yield simulators


def _close_connections() -> None:
    """Close the connections to the simulators, which would otherwise stay open."""
    shared_http().close()


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Set the service's clock to that instant, and restore it afterwards."""
    clock = wiring.set_clock(FixedClock(instant))
    try:
        yield
    finally:
        wiring.set_clock(clock)


@contextmanager
def with_rotated_client_secret(simulators: OAuthSimulators, provider: str) -> Iterator[None]:
    """Make the provider expect another client secret, as after a rotation."""
    authorization_server: Any = (
        simulators.google.authorization if provider == "google" else simulators.microsoft.sign_ins
    )
    client_secret = authorization_server.client_secret
    authorization_server.client_secret = "rotated-away"
    try:
        yield
    finally:
        authorization_server.client_secret = client_secret


def authorization_url(
    user: User, provider: str, *, return_to: str | None = None, browser: CookieJar = OWN_BROWSER
) -> str:
    """Start connecting; return the URL to which the service sends the user's browser."""
    query = {"redirectUri": return_to} if return_to else None
    response = call_api("GET", f"/api/v1/auth/{provider}", user, query=query)
    browser.receive(response.cookies)
    url: str = response.data["authorizationUrl"]
    return url


def query_of(url: str) -> dict[str, str]:
    """Return the query of a URL, in which each name must occur once."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)


def follow_callback(
    location: str, *, browser: CookieJar = OWN_BROWSER, **changes: str | None
) -> ApiResponse:
    """Follow a provider's redirect to the service, with `changes` to its query."""
    assert location.startswith(f"{PUBLIC_BASE_URL}/")
    query = {**query_of(location), **changes}
    sent = {name: value for name, value in query.items() if value is not None}
    path = urlsplit(location).path
    response = call_api("GET", path, query=sent, headers=browser.header(path))
    browser.receive(response.cookies)
    return response


def connect(
    user: User,
    provider: str,
    email: str | None = None,
    *,
    allow: bool = True,
    untick: Collection[str] = (),
    return_to: str | None = None,
) -> ApiResponse:
    """Connect an account: open the provider's page, submit it, and follow the redirect back."""
    url = authorization_url(user, provider, return_to=return_to)
    return follow_callback(consent(url, email=email, allow=allow, untick=untick))


def dump_but(*prefixes: str) -> dict[str, list[Any]]:
    """Return every item of both tables, except those whose key starts with a prefix.

    Counts of requests are always left out.
    """
    left_out = ("requests#", *prefixes)
    return {
        name: [each for each in items if not each["pk"]["S"].startswith(left_out)]
        for name, items in dump().items()
    }


def confirmation(redirect: ApiResponse) -> str:
    """Return the completion code of a redirect that asks for confirmation."""
    outcome = query_of(redirect.headers["Location"])
    assert outcome["status"] == "confirm"
    return outcome["completion"]


def complete(user: User, provider: str, completion: str) -> ApiResponse:
    """Finish connecting with a completion code."""
    path = f"/api/v1/auth/{provider}/complete"
    return call_api("POST", path, user, body={"completion": completion})


def is_private(headers: Any) -> bool:
    """Return whether a response must not be cached and its URL is not sent as a referrer."""
    lower_case = {name.lower(): value for name, value in headers.items()}
    return (lower_case.get("cache-control"), lower_case.get("referrer-policy")) == (
        "no-store",
        "no-referrer",
    )


def connections_of(user: User) -> list[dict[str, Any]]:
    """Return the user's connections as listed by the API."""
    connections: list[dict[str, Any]] = call_api("GET", CONNECTIONS, user).data
    return connections


def day_sources(user: User) -> list[str]:
    """Return the `sources` state of each of the user's calendars."""
    day = call_api("GET", "/api/v1/events", user, query={"date": "2026-11-24"}).data
    return [each["state"] for each in day["sources"]]


def stored(user: User) -> Connection:
    """Return the user's only connection as it is stored."""
    (connection,) = wiring.people_store().person(user.id).connections
    return connection


def tokens_in(connection: Connection) -> OAuthCredential:
    """Return the decrypted tokens of a stored connection."""
    text = wiring.vault().open(
        connection.credential, user_id=connection.user_id, connection_id=connection.id
    )
    return OAuthCredential.from_text(text)
