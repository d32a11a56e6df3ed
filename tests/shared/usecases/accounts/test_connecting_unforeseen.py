"""An unforeseen error while connecting is an unreachable provider, and is counted."""

from typing import Any

import pytest

from shared.domain.connection import Provider
from shared.domain.errors import ProviderUnreachable
from shared.ports import CalendarInfo
from shared.usecases.accounts.authorization import CallbackRedirect
from shared.usecases.accounts.connections import Connections
from shared.usecases.accounts.faults import reported_as_unreachable
from shared.usecases.people.limits import NO_LIMITS
from tests.support.account_harness import AccountHarness
from tests.support.meter import FakeMeter
from tests.support.oauth_harness import PAGE, OAuthHarness
from tests.support.platform import COACH, NOW
from tests.support.token_fakes import FakeOAuth, GoogleOnlyOAuth

COUNT = ("UnforeseenErrors", "connect")
BUG = ValueError("private text")


class BrokenDiscovery:
    def discover(self, *_: object, **__: object) -> Any:
        raise BUG


class BrokenRevocation(FakeOAuth):
    def revoke(self, refresh_token: str) -> bool:
        del refresh_token
        raise BUG


def test_caldav_discovery_that_fails_with_a_bug_is_an_unreachable_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    harness = AccountHarness()
    connections = Connections(
        people=harness.people,
        tokens=harness.store,
        oauth=GoogleOnlyOAuth(harness.oauth),
        discovery=BrokenDiscovery,
        limits=NO_LIMITS,
        writer=harness.writer,
        revocation=harness.revocation,
        meter=harness.meter,
    )

    with pytest.raises(ProviderUnreachable) as raised:
        connections.connect_apple(
            COACH, server_url="https://dav.example", username="u", password="p", now=NOW
        )

    assert "private text" not in raised.value.message
    assert "private text" not in str([vars(each) for each in caplog.records])
    assert harness.meter.counts[COUNT] == 1


def test_an_exchange_that_fails_with_a_bug_is_an_unreachable_provider() -> None:
    harness = OAuthHarness()
    harness.oauth.sign_in = BUG

    with pytest.raises(ProviderUnreachable):
        harness.finish(harness.start())

    assert harness.meter.counts[COUNT] == 1


def test_a_page_to_return_to_gets_the_error_code() -> None:
    harness = OAuthHarness()
    harness.oauth.primary = BUG

    outcome = harness.finish(harness.start(PAGE))

    assert outcome == CallbackRedirect(return_to=PAGE, error="PROVIDER_UNREACHABLE")


def test_provisioning_with_a_calendar_list_that_triggers_a_bug_is_an_unreachable_provider() -> None:
    harness = AccountHarness()
    harness.oauth.primary = BUG

    with pytest.raises(ProviderUnreachable):
        harness.provision()

    assert harness.meter.counts[COUNT] == 1


@pytest.mark.parametrize("call", ["refresh", "identity", "calendar"])
def test_each_question_about_handed_over_tokens_may_trigger_a_bug(call: str) -> None:
    harness = AccountHarness()
    if call == "refresh":
        harness.oauth.results = [BUG]
    elif call == "identity":
        harness.oauth.who = BUG
    else:
        harness.oauth.calendars = {"team": BUG}

    with pytest.raises(ProviderUnreachable):
        harness.provision(calendar=CalendarInfo(calendar_id="team", name=None, zone=None))

    assert harness.of() == ()
    assert harness.meter.counts[COUNT] == 1


def test_disconnecting_succeeds_although_revoking_triggers_a_bug() -> None:
    harness = AccountHarness(BrokenRevocation())
    connection = harness.sign_in().connection

    assert harness.connections.disconnect(COACH, connection.id) is False
    assert harness.of() == ()
    assert harness.meter.counts[COUNT] == 1


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), ProviderUnreachable("x")])
def test_other_errors_are_raised_unchanged(error: BaseException) -> None:
    meter = FakeMeter()

    with (
        pytest.raises(type(error)) as raised,
        reported_as_unreachable(Provider.APPLE, meter=meter),
    ):
        raise error

    assert raised.value is error
    assert not meter.counts
