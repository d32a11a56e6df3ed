"""The primary calendar of a user who has signed in."""

import pytest

from infra.local.simulators.microsoft.mailbox import CALENDAR_ID
from shared.domain.errors import AccessExpired, ProviderUnavailable
from shared.ports import CalendarInfo
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_sign_in import MicrosoftSignInFlow
from tests.support.microsoft_test_server import EMAIL, TIMEOUT, graph_error


def test_the_primary_calendar_has_the_mailboxs_zone(flow: MicrosoftSignInFlow) -> None:
    mailbox = flow.simulator.mailbox(EMAIL)
    mailbox.zone_name = "New Zealand Standard Time"
    access, _ = flow.simulator.sign_ins.grant(EMAIL, SCOPES)

    calendar = flow.oauth.primary_calendar(access, timeout=TIMEOUT)

    assert (
        CalendarInfo(calendar_id=CALENDAR_ID, name="Calendar", zone="Pacific/Auckland") == calendar
    )


@pytest.mark.parametrize("status", [403, 404])
def test_a_mailbox_without_readable_settings_has_a_calendar(
    flow: MicrosoftSignInFlow, status: int
) -> None:
    access, _ = flow.simulator.sign_ins.grant(EMAIL, SCOPES)
    flow.simulator.break_next(graph_error(status, "ErrorAccessDenied"), path="*/mailboxSettings")

    assert flow.oauth.primary_calendar(access, timeout=TIMEOUT).zone is None


@pytest.mark.parametrize("status", [401, 429, 503])
def test_unavailable_settings_do_not_prevent_a_connection(
    flow: MicrosoftSignInFlow, status: int
) -> None:
    access, _ = flow.simulator.sign_ins.grant(EMAIL, SCOPES)
    flow.simulator.break_next({"status": status}, path="*/mailboxSettings")

    calendar = flow.oauth.primary_calendar(access, timeout=TIMEOUT)

    assert (CALENDAR_ID, None) == (calendar.calendar_id, calendar.zone)


def test_a_calendar_without_an_id_is_unavailable(flow: MicrosoftSignInFlow) -> None:
    access, _ = flow.simulator.sign_ins.grant(EMAIL, SCOPES)
    flow.simulator.break_next({"status": 200, "body": {"name": "x"}}, path="*/calendar")

    with pytest.raises(ProviderUnavailable):
        flow.oauth.primary_calendar(access, timeout=TIMEOUT)


def test_an_invalid_access_token_raises_access_expired(flow: MicrosoftSignInFlow) -> None:
    with pytest.raises(AccessExpired):
        flow.oauth.primary_calendar("stale", timeout=TIMEOUT)
