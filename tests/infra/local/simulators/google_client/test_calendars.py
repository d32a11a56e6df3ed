"""Which calendars Google's own client gets to see at the simulator, and until when."""

from typing import Any

import pytest
from google.auth.exceptions import RefreshError

from infra.local.simulators import google
from tests.support.google_client import BODY, status_of
from tests.support.google_peer import EMAIL


def test_a_token_without_the_scope_is_refused(
    service: Any, simulator: google.GoogleSimulator
) -> None:
    for token in simulator.authorization.access.values():
        token.scopes = frozenset({"openid"})

    refused = status_of(service.list(calendarId="primary"))

    assert (403, "insufficientPermissions") == refused


def test_the_primary_calendar_is_told_of_everywhere(api: Any) -> None:
    told = api.calendars().get(calendarId="primary").execute()
    entry = api.calendarList().get(calendarId="primary").execute()
    listed = api.calendarList().list().execute()

    assert (EMAIL, "Europe/Berlin") == (told["id"], told["timeZone"])
    assert (True, "owner") == (entry["primary"], entry["accessRole"])
    assert [entry] == listed["items"]


def test_a_calendar_nobody_has_is_not_found(api: Any) -> None:
    other = "other@group.calendar.google.com"

    assert (404, "notFound") == status_of(api.calendars().get(calendarId=other))
    assert (404, "notFound") == status_of(api.events().list(calendarId=other))
    assert (404, "notFound") == status_of(api.events().get(calendarId="primary", eventId="abcde"))


def test_a_reset_takes_everybody_and_everything_away(
    service: Any, simulator: google.GoogleSimulator
) -> None:
    service.insert(calendarId="primary", body=BODY).execute()

    simulator.reset()

    assert {} == simulator.calendar(EMAIL).events
    with pytest.raises(RefreshError):
        # On a 401 the client asks for a fresh token, and this one has no way to get it.
        service.list(calendarId="primary").execute()
