"""A Google, a Microsoft and a CalDAV server to write to, and this service's own clients of them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from infra.local.simulators import google, microsoft
from infra.local.simulators.google.calendar import BASE
from infra.local.simulators.microsoft.mailbox import CALENDAR_ID
from infra.local.simulators.simulator import Simulator
from shared.domain.connection import OAuthCredential, Provider
from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.errors import ProviderNotConfigured
from shared.domain.interval import Interval
from shared.ports import Account, CalendarProvider, OAuthProvider
from shared.providers.apple.client import CaldavProvider
from shared.providers.apple.credentials import Credentials
from shared.providers.google.calendar import GoogleCalendar
from shared.providers.google.oauth import CALENDAR_SCOPE, GoogleOAuth, GoogleOAuthClient, GoogleUrls
from shared.providers.http import HttpClient
from shared.providers.microsoft.calendar import MicrosoftCalendar
from shared.providers.microsoft.oauth import SCOPES, MicrosoftOAuth
from tests.support import google_test_server, icloud_simulator, microsoft_test_server
from tests.support.google_discovery import DiscoveryCheckedTransport
from tests.support.loopback_http import ReceivedRequest
from tests.support.provider_cases import IcloudTestServer, ProviderTestServer

HELD_SECONDS = 20

CREATES: Mapping[Provider, str] = {
    Provider.GOOGLE: "POST",
    Provider.OUTLOOK: "POST",
    Provider.APPLE: "PUT",
}
CHANGES: Mapping[Provider, str] = {
    Provider.GOOGLE: "PATCH",
    Provider.OUTLOOK: "PATCH",
    Provider.APPLE: "PUT",
}
"""The method of the request that makes a copy, and of the one that changes it."""


@dataclass
class ProviderServers:
    """One account at each provider."""

    google: google.GoogleSimulator
    microsoft: microsoft.MicrosoftSimulator
    icloud: icloud_simulator.IcloudSimulator
    icloud_url: str
    clients: Mapping[Provider, CalendarProvider]
    oauth: Mapping[Provider, OAuthProvider]
    test_servers: Mapping[Provider, ProviderTestServer]

    def reset(self) -> None:
        """Go back to empty calendars, nothing asked and nothing about to fail."""
        self.google.reset()
        self.microsoft.reset()
        self.icloud.before = lambda _: None
        for kept in (self.icloud.objects, self.icloud.requests, self.icloud.faults):
            kept.clear()

    def calendar_id(self, provider: Provider) -> str:
        """Return what a connection to the account's calendar calls it."""
        places = {
            Provider.GOOGLE: "primary",
            Provider.OUTLOOK: CALENDAR_ID,
            Provider.APPLE: f"{self.icloud_url}{icloud_simulator.CALENDAR}",
        }
        return places[provider]

    def credential(self, provider: Provider, *, expires_at: datetime) -> str:
        """Let the user grant access, and return what is to be sealed."""
        if provider is Provider.APPLE:
            return Credentials(icloud_simulator.USERNAME, icloud_simulator.PASSWORD).as_json
        if provider is Provider.GOOGLE:
            scopes = frozenset({"openid", CALENDAR_SCOPE})
            access, refresh = self.google.authorization.grant(google_test_server.EMAIL, scopes)
        else:
            scopes = SCOPES | {"openid", "profile", "offline_access"}
            access, refresh = self.microsoft.sign_ins.grant(microsoft_test_server.EMAIL, scopes)
        return OAuthCredential(
            access_token=access, refresh_token=refresh, expires_at=expires_at, scopes=scopes
        ).to_text()

    def expire_access(self) -> None:
        """Let every access token end now."""
        self.google.authorization.expire_access_tokens()
        self.microsoft.sign_ins.expire_access_tokens()

    def end_grant(self, provider: Provider) -> None:
        """Let the user withdraw what was granted to this service."""
        if provider is Provider.GOOGLE:
            self.google.authorization.end_grant(google_test_server.EMAIL)
        else:
            self.microsoft.sign_ins.end_grant(microsoft_test_server.EMAIL)

    def delete_all(self, provider: Provider) -> None:
        """Let the user delete everything in the calendar."""
        if provider is Provider.APPLE:
            self.icloud.objects.clear()
        elif provider is Provider.GOOGLE:
            for event in self.google.calendar(google_test_server.EMAIL).events.values():
                event["status"] = "cancelled"
        else:
            mailbox = self.microsoft.mailbox(microsoft_test_server.EMAIL)
            for item in mailbox.events():
                mailbox.trash(item)

    def simulator(self, provider: Provider) -> Simulator:
        """Return the simulator of Google or Microsoft."""
        simulators: Mapping[Provider, Simulator] = {
            Provider.GOOGLE: self.google,
            Provider.OUTLOOK: self.microsoft,
        }
        return simulators[provider]

    def refreshes(self, provider: Provider) -> int:
        """Return how often a refresh token was used."""
        forms = [parse_qs(each["body"]) for each in self.simulator(provider).requests]
        return sum(each.get("grant_type") == ["refresh_token"] for each in forms)

    @property
    def mails(self) -> list[str]:
        """What the providers would have sent to anybody, or what would have them send it."""
        texts = [text.upper() for text, _ in self.icloud.objects.values()]
        invited = [each for each in texts if "ATTENDEE" in each or "ORGANIZER" in each]
        return [*map(str, self.google.api.mails), *self.microsoft.mails, *invited]

    def hold_next_create(self, provider: Provider) -> Callable[[], None]:
        """Keep the next create waiting; call what is returned to have it carried out, late."""
        if provider is not Provider.APPLE:
            simulator = self.simulator(provider)
            fault = {"kind": "slow", "seconds": HELD_SECONDS}
            simulator.break_next(fault, method="POST", path="*/events")
            return simulator.release
        released = threading.Event()

        def wait(seen: ReceivedRequest) -> None:
            if seen.method == "PUT":
                released.wait(HELD_SECONDS)

        self.icloud.before = wait
        return released.set


@contextmanager
def provider_servers() -> Iterator[ProviderServers]:
    """Run the three, with every request to Google and Microsoft held to what each must carry."""
    with (
        google.serve() as one,
        microsoft.serve() as two,
        icloud_simulator.serve_icloud() as (url, icloud),
    ):
        recording = microsoft_test_server.RecordingTransport(two.url)
        http, web = HttpClient(DiscoveryCheckedTransport(BASE)), HttpClient(recording)
        try:
            yield ProviderServers(
                google=one,
                microsoft=two,
                icloud=icloud,
                icloud_url=url,
                clients={
                    Provider.GOOGLE: GoogleCalendar(
                        one.environment["GOOGLE_CALENDAR_URL"], http=http
                    ),
                    Provider.OUTLOOK: MicrosoftCalendar(two.graph_url, http=web),
                    Provider.APPLE: CaldavProvider([urlsplit(url).netloc]),
                },
                oauth={Provider.GOOGLE: _google(one, http), Provider.OUTLOOK: _microsoft(two, web)},
                test_servers={
                    Provider.GOOGLE: google_test_server.GoogleTestServer(one),
                    Provider.OUTLOOK: microsoft_test_server.MicrosoftTestServer(two, recording),
                    Provider.APPLE: IcloudTestServer(url, icloud),
                },
            )
        finally:
            http.close()
            web.close()


def _google(simulator: google.GoogleSimulator, http: HttpClient) -> GoogleOAuth:
    told = simulator.environment
    client = GoogleOAuthClient(
        client_id=google.CLIENT_ID, client_secret=lambda: google.CLIENT_SECRET
    )
    urls = GoogleUrls(
        authorize=told["GOOGLE_AUTHORIZE_URL"],
        token=told["GOOGLE_TOKEN_URL"],
        revoke=told["GOOGLE_REVOKE_URL"],
        userinfo=told["GOOGLE_USERINFO_URL"],
        calendar=told["GOOGLE_CALENDAR_URL"],
    )
    return GoogleOAuth(client, urls, http=http)


def _microsoft(simulator: microsoft.MicrosoftSimulator, web: HttpClient) -> MicrosoftOAuth:
    return MicrosoftOAuth(
        microsoft.CLIENT_ID,
        lambda: microsoft.CLIENT_SECRET,
        authority=simulator.authority,
        graph_url=simulator.graph_url,
        http=web,
    )


@dataclass(frozen=True, slots=True)
class OAuthServers:
    """Fills `OAuthProviders`."""

    servers: Mapping[Provider, OAuthProvider]

    def get(self, provider: Provider) -> OAuthProvider:
        """Return the server or say that there is none."""
        if provider not in self.servers:
            raise ProviderNotConfigured(f"no client id for {provider}")
        return self.servers[provider]


@dataclass
class EveryProvider:
    """Fills `CalendarProvider`; each call goes to the client of its account's provider.

    No call may take longer than `longest`.
    """

    clients: Mapping[Provider, CalendarProvider]
    longest: timedelta = timedelta(seconds=10)

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        client = self.clients[account.connection.provider]
        return client.entries(account, within, timeout=min(timeout, self.longest))

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        client = self.clients[account.connection.provider]
        return client.create_copy(account, content, timeout=min(timeout, self.longest))

    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        client = self.clients[account.connection.provider]
        return client.update_copy(account, ref, content, timeout=min(timeout, self.longest))

    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        client = self.clients[account.connection.provider]
        client.delete_copy(account, ref, key=key, timeout=min(timeout, self.longest))
