"""The API under /_local/calendars: the simulated calendars, as their owners see and edit them."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from infra.local.console.caldav import OwnCaldavCalendar
from infra.local.console.entries import OwnCalendar, OwnEntry, utc_text
from infra.local.console.google import OwnGoogleCalendar
from infra.local.console.microsoft import OwnOutlookCalendar
from infra.local.control import failure, success
from infra.local.gateway import Response
from infra.local.provider_servers import ProviderServers
from infra.local.simulators.microsoft.simulator import EMAILS
from shared.domain.interval import Interval, to_utc

CALENDARS = "/_local/calendars"
_BEFORE, _AFTER = timedelta(days=7), timedelta(days=60)
_EXAMPLE = '{"title": "Dentist", "start": "2026-03-02T08:00:00Z", "end": "2026-03-02T09:00:00Z"}'


class CalendarsControl:
    """Lists the calendars with their entries, and adds, changes and deletes entries."""

    def __init__(self, servers: ProviderServers, *, now: Callable[[], datetime]) -> None:
        self._servers = servers
        self._now = now

    def respond(self, method: str, path: str, body: bytes) -> Response:
        """Return the response to a request about all calendars, one of them, or one entry."""
        names = [unquote(each) for each in path.removeprefix(CALENDARS).strip("/").split("/")]
        if names == [""] and method == "GET":
            return self._list()
        calendar = self._calendars().get("/".join(names[:2]))
        if calendar is None:
            return failure(404, "NOT_FOUND", f"GET {CALENDARS} lists the calendars.")
        try:
            return _edited(calendar, method, "/".join(names[2:]), body)
        except KeyError:
            return failure(404, "NOT_FOUND", "The calendar has no such entry.")
        except (AttributeError, TypeError, ValueError):
            return failure(400, "VALIDATION_ERROR", f"Send {_EXAMPLE}.")

    def _list(self) -> Response:
        now = self._now()
        within = Interval(now - _BEFORE, now + _AFTER)
        calendars = [
            {
                "path": f"{CALENDARS}/{name}",
                "provider": name.partition("/")[0],
                "account": calendar.account,
                "entries": [_shown(each) for each in calendar.entries(within)],
            }
            for name, calendar in self._calendars().items()
        ]
        return success(f"{len(calendars)} calendars.", calendars)

    def _calendars(self) -> Mapping[str, OwnCalendar]:
        google, microsoft = self._servers.google, self._servers.microsoft
        own: Sequence[tuple[str, OwnCalendar]] = (
            *(("google", OwnGoogleCalendar(google, each)) for each in google.authorization.emails),
            *(
                ("outlook", OwnOutlookCalendar(microsoft, each))
                for each in (*EMAILS, *(set(microsoft.graph.mailboxes) - set(EMAILS)))
            ),
            ("apple", OwnCaldavCalendar(self._servers.caldav)),
        )
        return {f"{provider}/{each.account}": each for provider, each in own}


def _edited(calendar: OwnCalendar, method: str, entry_id: str, body: bytes) -> Response:
    if method == "DELETE":
        calendar.delete(entry_id)
        return success("Entry deleted.", None)
    title, times = _given(body)
    if method == "POST" and not entry_id:
        calendar.add(title, times)
        return success("Entry added.", None)
    if method == "PUT" and entry_id:
        calendar.change(entry_id, title, times)
        return success("Entry changed.", None)
    return failure(405, "METHOD_NOT_ALLOWED", "Use POST, or PUT or DELETE with an entry's id.")


def _given(body: bytes) -> tuple[str, Interval]:
    content = json.loads(body)
    try:
        title, start, end = content["title"], content["start"], content["end"]
    except KeyError as error:
        raise ValueError(f"{error} is missing") from error
    times = Interval(*(to_utc(datetime.fromisoformat(each)) for each in (start, end)))
    if times.end <= times.start:
        raise ValueError("the end must be after the start")
    return str(title), times


def _shown(entry: OwnEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title,
        "start": utc_text(entry.start),
        "end": utc_text(entry.end),
    }
