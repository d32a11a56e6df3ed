"""The calendar written to, as it is found once somebody has signed in."""

import pytest

from infra.local.simulators.microsoft_mailbox import CALENDAR_ID
from shared.domain.errors import AccessExpired, ProviderUnavailable
from shared.ports import CalendarInfo
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_peer import EMAIL, TIMEOUT, graph_error
from tests.support.microsoft_sign_in import SigningIn


def test_the_calendar_written_to_comes_with_the_mailboxs_zone(there: SigningIn) -> None:
    mailbox = there.simulator.mailbox(EMAIL)
    mailbox.zone_name = "New Zealand Standard Time"
    access, _ = there.simulator.sign_ins.grant(EMAIL, SCOPES)

    found = there.oauth.primary_calendar(access, timeout=TIMEOUT)

    assert CalendarInfo(calendar_id=CALENDAR_ID, name="Calendar", zone="Pacific/Auckland") == found


@pytest.mark.parametrize("status", [403, 404])
def test_a_mailbox_without_settings_has_a_calendar_all_the_same(
    there: SigningIn, status: int
) -> None:
    access, _ = there.simulator.sign_ins.grant(EMAIL, SCOPES)
    there.simulator.break_next(graph_error(status, "ErrorAccessDenied"), path="*/mailboxSettings")

    assert there.oauth.primary_calendar(access, timeout=TIMEOUT).zone is None


def test_settings_that_cannot_be_read_just_now_are_asked_for_again(there: SigningIn) -> None:
    access, _ = there.simulator.sign_ins.grant(EMAIL, SCOPES)
    there.simulator.break_next({"status": 503}, path="*/mailboxSettings")

    with pytest.raises(ProviderUnavailable):
        there.oauth.primary_calendar(access, timeout=TIMEOUT)


def test_a_calendar_without_an_id_is_none(there: SigningIn) -> None:
    access, _ = there.simulator.sign_ins.grant(EMAIL, SCOPES)
    there.simulator.break_next({"status": 200, "body": {"name": "x"}}, path="*/calendar")

    with pytest.raises(ProviderUnavailable):
        there.oauth.primary_calendar(access, timeout=TIMEOUT)


def test_an_access_token_that_is_no_good_says_so(there: SigningIn) -> None:
    with pytest.raises(AccessExpired):
        there.oauth.primary_calendar("stale", timeout=TIMEOUT)
