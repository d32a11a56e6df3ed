"""Access to calendars of the simulator through Google's own client."""

from typing import Any

import pytest
from google.auth.exceptions import RefreshError

from infra.local.simulators import google
from tests.support.google_client import BODY, status_of
from tests.support.google_test_server import EMAIL


def test_a_token_without_the_scope_is_rejected(
    service: Any, simulator: google.GoogleSimulator
) -> None:
    for token in simulator.authorization.access.values():
        token.scopes = frozenset({"openid"})

    error = status_of(service.list(calendarId="primary"))

    assert (403, "insufficientPermissions") == error


def test_the_primary_calendar_is_in_every_resource(api: Any) -> None:
    calendar = api.calendars().get(calendarId="primary").execute()
    entry = api.calendarList().get(calendarId="primary").execute()
    listed = api.calendarList().list().execute()

    assert (EMAIL, "Europe/Berlin") == (calendar["id"], calendar["timeZone"])
    assert (True, "owner") == (entry["primary"], entry["accessRole"])
    assert [entry] == listed["items"]


def test_an_unknown_calendar_is_not_found(api: Any) -> None:
    other = "other@group.calendar.google.com"

    assert (404, "notFound") == status_of(api.calendars().get(calendarId=other))
    assert (404, "notFound") == status_of(api.events().list(calendarId=other))
    assert (404, "notFound") == status_of(api.events().get(calendarId="primary", eventId="abcde"))


def test_a_reset_deletes_accounts_and_events(
    service: Any, simulator: google.GoogleSimulator
) -> None:
    service.insert(calendarId="primary", body=BODY).execute()

    simulator.reset()

    assert {} == simulator.calendar(EMAIL).events
    with pytest.raises(RefreshError):
        # After a 401 the client refreshes its token, which this one cannot.
        service.list(calendarId="primary").execute()
