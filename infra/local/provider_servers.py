"""The providers of a local run: a real CalDAV server, simulators of Google and Microsoft."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from infra.local.processes import radicale
from infra.local.simulators import google, microsoft
from shared.domain.connection import Provider

_CALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>
<d:displayname>Calendar</d:displayname>
<c:supported-calendar-component-set><c:comp name="VEVENT"/></c:supported-calendar-component-set>
</d:prop></d:set></c:mkcalendar>"""

SECRETS = {
    "GOOGLE_CLIENT_SECRET_ID": ("calendar-service/google", google.CLIENT_SECRET),
    "MICROSOFT_CLIENT_SECRET_ID": ("calendar-service/microsoft", microsoft.CLIENT_SECRET),
}
"""By setting: the name and value of a secret to create in the local AWS."""

SIGN_IN_EMAILS: Mapping[Provider, str] = {
    Provider.GOOGLE: google.EMAILS[0],
    Provider.OUTLOOK: microsoft.PERSONAL_EMAIL,
}
"""An account at each simulator that can sign in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaldavAccount:
    """An account on the CalDAV server, with one calendar."""

    url: str
    username: str
    password: str = field(repr=False)
    calendar_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderServers:
    """The running servers; `environment` points the service to the simulators."""

    caldav: CaldavAccount
    google: google.GoogleSimulator
    microsoft: microsoft.MicrosoftSimulator

    @property
    def environment(self) -> dict[str, str]:
        """The settings of both simulated providers, including client ids."""
        names = {setting: name for setting, (name, _) in SECRETS.items()}
        return {**self.google.environment, **self.microsoft.environment, **names}


@contextlib.contextmanager
def provider_servers(state: Path) -> Iterator[ProviderServers]:
    """Run all servers for the length of the block; Radicale stores its files in `state`."""
    with (
        _caldav_account(state / "radicale") as caldav,
        google.serve() as google_simulator,
        microsoft.serve() as microsoft_simulator,
    ):
        yield ProviderServers(caldav=caldav, google=google_simulator, microsoft=microsoft_simulator)


@contextlib.contextmanager
def _caldav_account(folder: Path) -> Iterator[CaldavAccount]:
    folder.mkdir()
    username, password = "coach-1", "local-calendar-password"
    with radicale(folder, {username: password}) as url:
        calendar_url = f"{url}/{username}/calendar/"
        httpx.request(
            "MKCALENDAR",
            calendar_url,
            auth=(username, password),
            content=_CALENDAR,
            timeout=30,
        ).raise_for_status()
        yield CaldavAccount(
            url=url, username=username, password=password, calendar_url=calendar_url
        )
