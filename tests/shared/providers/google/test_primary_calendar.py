"""The primary calendar; the calendar scope is enough for all requests to it."""

from datetime import timedelta

import pytest

from shared.domain.errors import AccessExpired, ProviderRejected
from shared.ports import CalendarInfo
from shared.providers.google.oauth import CALENDAR_SCOPE, PRIMARY
from tests.support.google_discovery import method_of
from tests.support.google_sign_in import GoogleSignInFlow
from tests.support.google_test_server import EMAIL, google_error

TIMEOUT = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "calendars/primary/events"),
        ("POST", "calendars/primary/events"),
        ("GET", "calendars/primary/events/abcde"),
        ("PATCH", "calendars/primary/events/abcde"),
        ("DELETE", "calendars/primary/events/abcde"),
    ],
)
def test_the_calendar_scope_covers_every_method_used(verb: str, path: str) -> None:
    assert CALENDAR_SCOPE in method_of(verb, path).scopes


def test_the_primary_calendar_is_read_with_the_calendar_scope(flow: GoogleSignInFlow) -> None:
    token = flow.sign_in().grant.access_token

    calendar = flow.oauth.primary_calendar(token, timeout=TIMEOUT)

    assert CalendarInfo(calendar_id=PRIMARY, name=EMAIL, zone="Europe/Berlin") == calendar


def test_an_account_without_a_calendar_is_rejected(flow: GoogleSignInFlow) -> None:
    token = flow.sign_in().grant.access_token
    flow.google.break_next(google_error(404, "notFound"))

    with pytest.raises(ProviderRejected):
        flow.oauth.primary_calendar(token, timeout=TIMEOUT)


def test_the_primary_calendar_needs_a_valid_token(flow: GoogleSignInFlow) -> None:
    token = flow.sign_in().grant.access_token
    flow.google.authorization.expire_access_tokens()

    with pytest.raises(AccessExpired):
        flow.oauth.primary_calendar(token, timeout=TIMEOUT)
