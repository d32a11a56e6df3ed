"""Google and Microsoft beside the functions of this process, and people who connect to them."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from infra.local.aws import create_resources, create_secrets
from infra.local.elsewhere import SECRETS
from infra.local.simulators import google, microsoft
from infra.local.simulators.google import GoogleSimulator
from infra.local.simulators.microsoft import Microsoft
from shared import wiring
from shared.domain.connection import Connection
from shared.domain.credential import OAuthCredential
from shared.providers.http import shared_http
from tests.support.api import Answer
from tests.support.aws import fresh_account
from tests.support.consent import consent
from tests.support.service import FixedClock, User, ask, fresh_id, installed

PUBLIC_BASE_URL = "https://calendar.test"
PAGE = "https://app.example/calendars?tab=1#accounts"
"""A page on the allow-list, with a query and a fragment of its own."""

GOOGLE_EMAIL, OTHER_GOOGLE_EMAIL = google.EMAILS
WORK_EMAIL, PERSONAL_EMAIL = microsoft.EMAILS
CONNECTIONS = "/api/v1/connections"

BOTH = ["google", "outlook"]
TOKEN_PATH = {"google": "/token", "outlook": "/oauth2/v2.0/token"}


@dataclass(frozen=True, slots=True)
class Peers:
    """The simulated providers the functions of this process talk to."""

    google: GoogleSimulator
    microsoft: Microsoft

    def of(self, provider: str) -> GoogleSimulator | Microsoft:
        """Return the one of that name."""
        return self.google if provider == "google" else self.microsoft

    def new_google_account(self) -> str:
        """Return the address of an account nobody has connected yet."""
        email = f"{fresh_id()}@gmail.example"
        self.google.authorization.known(email)
        return email

    def asked(self, provider: str, path: str) -> list[dict[str, Any]]:
        """Return the requests so far to a path that ends so."""
        return [each for each in self.of(provider).requests if each["path"].endswith(path)]


@contextmanager
def beside_providers(ministack_url: str, **settings: str) -> Iterator[Peers]:
    """Install the functions in an account of their own, beside a new Google and Microsoft.

    `settings` are further variables of their environment.
    """
    with ExitStack() as stack:
        peers = Peers(stack.enter_context(google.serve()), stack.enter_context(microsoft.serve()))
        created = create_resources(ministack_url, account=fresh_account())
        create_secrets(created, dict(SECRETS.values()))
        environment = {
            **created,
            **peers.google.environment,
            **peers.microsoft.environment,
            **{setting: name for setting, (name, _) in SECRETS.items()},
            "PUBLIC_BASE_URL": PUBLIC_BASE_URL,
            "REDIRECT_ALLOW_LIST": f"https://app.example/other,{PAGE}",
            **settings,
        }
        stack.enter_context(installed(environment))
        stack.callback(_hang_up)
        yield peers


def _hang_up() -> None:
    """End the connections to the providers, which whatever forgets the clients would leave open."""
    shared_http().close()


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let the service believe it is that instant, then what it believed before."""
    clock = wiring.set_clock(FixedClock(instant))
    try:
        yield
    finally:
        wiring.set_clock(clock)


@contextmanager
def other_client_secret(peers: Peers, provider: str) -> Iterator[None]:
    """Let the provider know the service by another client secret, as after a rotation."""
    server: Any = peers.google.authorization if provider == "google" else peers.microsoft.sign_ins
    known = server.client_secret
    server.client_secret = "rotated-away"
    try:
        yield
    finally:
        server.client_secret = known


def departure(who: User, provider: str, *, return_to: str | None = None) -> str:
    """Return where the service sends somebody's browser."""
    query = {"redirectUri": return_to} if return_to else None
    url: str = ask("GET", f"/api/v1/auth/{provider}", who, query=query).data["authorizationUrl"]
    return url


def query_of(url: str) -> dict[str, str]:
    """Return the query of an address, each name of which stands once."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)


def come_back(location: str, **changes: str | None) -> Answer:
    """Follow a provider's redirect to the service; `changes` of its query are made on the way."""
    assert location.startswith(f"{PUBLIC_BASE_URL}/")
    query = {**query_of(location), **changes}
    given = {name: value for name, value in query.items() if value is not None}
    return ask("GET", urlsplit(location).path, query=given)


def connect(
    who: User,
    provider: str,
    email: str | None = None,
    *,
    allow: bool = True,
    untick: Collection[str] = (),
    return_to: str | None = None,
) -> Answer:
    """Go the whole way: to the provider, through its page, and back."""
    there = departure(who, provider, return_to=return_to)
    return come_back(consent(there, email=email, allow=allow, untick=untick))


def is_private(headers: Any) -> bool:
    """Whether an answer is kept nowhere and its address is told to nobody."""
    told = {name.lower(): value for name, value in headers.items()}
    return (told.get("cache-control"), told.get("referrer-policy")) == ("no-store", "no-referrer")


def connections_of(who: User) -> list[dict[str, Any]]:
    """Return the connections somebody is told of."""
    listed: list[dict[str, Any]] = ask("GET", CONNECTIONS, who).data
    return listed


def day_sources(who: User) -> list[str]:
    """Return how reading each of somebody's calendars went."""
    day = ask("GET", "/api/v1/events", who, query={"date": "2026-11-24"}).data
    return [each["state"] for each in day["sources"]]


def stored(who: User) -> Connection:
    """Return somebody's only connection as it is stored."""
    (connection,) = wiring.people().person(who.id).connections
    return connection


def tokens_in(connection: Connection) -> OAuthCredential:
    """Return the tokens a stored connection holds."""
    text = wiring.vault().open(
        connection.credential, user_id=connection.user_id, connection_id=connection.id
    )
    return OAuthCredential.from_text(text)
