"""The primary calendar, for all of which the one calendar scope is enough."""

from datetime import timedelta

import pytest

from shared.domain.errors import AccessExpired, ProviderRefused
from shared.ports import CalendarInfo
from shared.providers.google.oauth import CALENDAR_SCOPE, PRIMARY
from tests.support.google_discovery import method_of
from tests.support.google_peer import EMAIL, google_error
from tests.support.google_sign_in import Flow

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
def test_the_calendar_scope_suffices_for_every_method_used(verb: str, path: str) -> None:
    assert CALENDAR_SCOPE in method_of(verb, path).scopes


def test_the_primary_calendar_is_looked_up_under_the_one_scope(flow: Flow) -> None:
    token = flow.signed_in().grant.access_token

    found = flow.oauth.primary_calendar(token, timeout=TIMEOUT)

    assert CalendarInfo(calendar_id=PRIMARY, name=EMAIL, zone="Europe/Berlin") == found


def test_an_account_without_a_calendar_is_told_so(flow: Flow) -> None:
    token = flow.signed_in().grant.access_token
    flow.google.break_next(google_error(404, "notFound"))

    with pytest.raises(ProviderRefused):
        flow.oauth.primary_calendar(token, timeout=TIMEOUT)


def test_an_expired_token_finds_no_calendar(flow: Flow) -> None:
    token = flow.signed_in().grant.access_token
    flow.google.authorization.expire_access_tokens()

    with pytest.raises(AccessExpired):
        flow.oauth.primary_calendar(token, timeout=TIMEOUT)
