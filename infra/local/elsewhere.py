"""The calendars elsewhere that a local run talks to: a CalDAV server, a Google and a Microsoft."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from infra.local.processes import radicale
from infra.local.simulators import google, microsoft

_CALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>
<d:displayname>Calendar</d:displayname>
<c:supported-calendar-component-set><c:comp name="VEVENT"/></c:supported-calendar-component-set>
</d:prop></d:set></c:mkcalendar>"""

SECRETS = {
    "GOOGLE_CLIENT_SECRET_ID": ("calendar-service/google", google.CLIENT_SECRET),
    "MICROSOFT_CLIENT_SECRET_ID": ("calendar-service/microsoft", microsoft.CLIENT_SECRET),
}
"""By setting: the name of a secret and its value, to be created in the local AWS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaldavAccount:
    """An account of the CalDAV server with one calendar in it."""

    url: str
    username: str
    password: str = field(repr=False)
    calendar_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What runs; `environment` leads the service to the simulated providers."""

    caldav: CaldavAccount
    google: google.GoogleSimulator
    microsoft: microsoft.Microsoft

    @property
    def environment(self) -> dict[str, str]:
        """The settings of both providers, their client ids included."""
        names = {setting: name for setting, (name, _) in SECRETS.items()}
        return {**self.google.environment, **self.microsoft.environment, **names}


@contextlib.contextmanager
def elsewhere(state: Path) -> Iterator[Elsewhere]:
    """Run all of it for the length of the block; the CalDAV server keeps its files in `state`."""
    with (
        _caldav_account(state / "radicale") as caldav,
        google.serve() as a_google,
        microsoft.serve() as a_microsoft,
    ):
        yield Elsewhere(caldav=caldav, google=a_google, microsoft=a_microsoft)


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
