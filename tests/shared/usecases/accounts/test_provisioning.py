from dataclasses import replace

import pytest

from shared.domain.connection import ConnectionStatus, ProblemCode, Provider
from shared.domain.errors import (
    AccessExpired,
    CredentialInvalid,
    Disconnected,
    InvalidRequest,
    NoCalendar,
    ProviderMisconfigured,
    ProviderNotConfigured,
    ProviderRejected,
    ProviderUnavailable,
    ProviderUnreachable,
)
from shared.ports import CalendarInfo, Identity
from tests.support.account_harness import WORK, AccountHarness
from tests.support.platform import COACH, NOW
from tests.support.store_samples import PROBLEM
from tests.support.token_fakes import grant

KIM = Identity(account="sub-1", email="kim@example.com", is_email_verified=True)


def test_provisioned_tokens_connect_the_primary_calendar() -> None:
    harness = AccountHarness()

    stored = harness.provision()

    assert stored.is_new
    assert ("primary", "Mine") == (stored.connection.calendar_id, stored.connection.calendar_name)


def test_the_same_user_provider_and_address_update_the_connection() -> None:
    harness = AccountHarness()
    first = harness.provision()

    again = harness.provision("C@Example.com", calendar=replace(WORK, calendar_id="other"))

    assert (False, first.connection.id) == (again.is_new, again.connection.id)
    assert "other" == again.connection.calendar_id


def test_a_later_sign_in_verifies_a_provisioned_account() -> None:
    harness = AccountHarness()
    provisioned = harness.provision().connection

    verified = harness.sign_in().connection
    again = harness.provision()

    assert provisioned.id == verified.id == again.connection.id
    assert "sub-1" == again.connection.account


def test_provisioning_never_changes_whether_an_address_is_proven() -> None:
    harness = AccountHarness()
    stored = [
        harness.provision(),
        harness.sign_in(),
        harness.provision(),
        harness.sign_in(is_verified=False),
        harness.provision(),
    ]

    addresses = [each.connection.proven_email for each in stored]

    assert [None, "c@example.com", "c@example.com", None, None] == addresses


def test_a_provisioned_token_that_the_provider_rejects_is_an_invalid_request() -> None:
    harness = AccountHarness()
    harness.oauth.primary = AccessExpired("401")

    with pytest.raises(InvalidRequest):
        harness.provision()

    assert () == harness.of()


def test_an_unavailable_provider_is_reported_as_unreachable() -> None:
    harness = AccountHarness()
    harness.oauth.primary = ProviderUnavailable("503")

    with pytest.raises(ProviderUnreachable):
        harness.provision()


def test_tokens_of_an_unconfigured_provider_are_not_stored() -> None:
    harness = AccountHarness()

    with pytest.raises(ProviderNotConfigured):
        harness.provision(provider=Provider.OUTLOOK)

    assert () == harness.of()


def test_a_renamed_account_keeps_its_connection_and_gets_its_new_address() -> None:
    harness = AccountHarness()
    first = harness.sign_in().connection
    harness.oauth.who = KIM

    again = harness.provision("kim@example.com")

    assert (False, first.id) == (again.is_new, again.connection.id)
    assert ["kim@example.com"] == [each.email for each in harness.of()]


def test_the_identity_in_refreshed_tokens_comes_before_the_given_address() -> None:
    harness = AccountHarness()
    harness.oauth.results = [replace(grant("fresh", now=NOW), identity=KIM)]

    connection = harness.provision("other@example.com").connection

    assert ("sub-1", "kim@example.com") == (connection.account, connection.email)


def test_tokens_keep_the_chosen_calendar_with_its_name_and_zone() -> None:
    harness = AccountHarness()
    chosen = CalendarInfo(calendar_id="team", name="Team", zone=None)
    harness.oauth.calendars["team"] = replace(chosen, name=None)
    first = harness.provision(calendar=chosen).connection

    again = harness.provision().connection

    assert ("team", "Team") == (first.calendar_id, first.calendar_name)
    assert ("team", "Team") == (again.calendar_id, again.calendar_name)


@pytest.mark.parametrize("problem", [ProblemCode.OTHER_CLIENT, ProblemCode.ADMIN_REQUIRED])
def test_a_refresh_token_that_cannot_be_used_is_reported_at_once(problem: ProblemCode) -> None:
    harness = AccountHarness()
    harness.oauth.results = [CredentialInvalid("no", problem=problem)]

    connection = harness.provision().connection

    assert ConnectionStatus.RECONNECT_REQUIRED is connection.status
    assert connection.last_error is not None
    assert (problem, NOW) == (connection.last_error.code, connection.last_error.since)
    assert [] == harness.queue.sent


def test_tokens_that_cannot_be_used_replace_nothing() -> None:
    harness = AccountHarness()
    before = harness.sign_in().connection
    harness.oauth.results = [CredentialInvalid("no", problem=ProblemCode.NEEDS_CONSENT)]

    kept = harness.provision()

    assert (False, before) == (kept.is_new, kept.connection)
    assert (before,) == harness.of()


def test_tokens_with_fewer_scopes_replace_nothing() -> None:
    harness = AccountHarness()
    before = harness.sign_in().connection
    harness.oauth.results = [replace(grant("fresh", now=NOW), scopes=frozenset({"email"}))]

    harness.provision()

    assert (before,) == harness.of()


def test_good_tokens_replace_those_of_a_connection_that_must_be_reconnected() -> None:
    harness = AccountHarness()
    first = harness.sign_in().connection
    harness.people.mark_connection(
        first, ConnectionStatus.RECONNECT_REQUIRED, error=PROBLEM, now=NOW
    )

    again = harness.provision().connection

    assert (first.id, True, None) == (again.id, again.is_active, again.last_error)


def test_access_without_a_refresh_token_is_reported() -> None:
    harness = AccountHarness()

    connection = harness.provision(grant=grant("a2", None, now=NOW)).connection

    assert connection.is_active
    assert connection.last_error is not None
    assert ProblemCode.NO_REFRESH_TOKEN is connection.last_error.code


def test_a_failed_refresh_leaves_the_given_access_token() -> None:
    harness = AccountHarness()
    harness.oauth.results = [ProviderUnavailable("503")]

    connection = harness.provision().connection

    assert ("a2", "r2") == (
        harness.tokens(connection).access_token,
        harness.tokens(connection).refresh_token,
    )


def test_our_own_wrong_secret_is_counted() -> None:
    harness = AccountHarness()
    harness.oauth.results = [ProviderMisconfigured("invalid_client")]

    assert harness.provision().connection.is_active

    assert 1 == harness.meter.counts["ProviderMisconfigured", "google"]


def test_a_calendar_that_the_account_does_not_have_is_an_invalid_request() -> None:
    harness = AccountHarness()
    harness.oauth.calendars["gone"] = ProviderRejected("404", problem=ProblemCode.CALENDAR_DELETED)

    with pytest.raises(InvalidRequest) as caught:
        harness.provision(calendar=replace(WORK, calendar_id="gone"))

    assert ["calendarId"] == [each.field for each in caught.value.problems]
    assert () == harness.of()


def test_an_account_without_a_calendar_is_not_stored() -> None:
    harness = AccountHarness()
    harness.oauth.primary = ProviderRejected("403", problem=ProblemCode.CALENDAR_DISABLED)

    with pytest.raises(NoCalendar):
        harness.provision()

    assert () == harness.of()


def test_a_stored_calendar_that_was_deleted_is_replaced_by_the_primary_one() -> None:
    harness = AccountHarness()
    harness.provision(calendar=replace(WORK, calendar_id="team"))
    harness.oauth.calendars["team"] = ProviderRejected("404", problem=ProblemCode.CALENDAR_DELETED)

    assert "primary" == harness.provision().connection.calendar_id


def test_a_disconnected_account_comes_back_only_when_the_user_asks() -> None:
    harness = AccountHarness()
    first = harness.provision().connection
    harness.connections.disconnect(COACH, first.id)

    with pytest.raises(Disconnected):
        harness.provision()

    assert () == harness.of()
    assert first.id == harness.provision(reconnect=True).connection.id
    assert not harness.provision().is_new


def test_a_disconnected_account_comes_back_when_its_user_connects_it() -> None:
    harness = AccountHarness()
    harness.connections.disconnect(COACH, harness.sign_in().connection.id)

    harness.sign_in()

    assert harness.provision().connection.is_active


def test_the_grant_of_a_sign_in_is_not_revoked() -> None:
    harness = AccountHarness()
    harness.provision()
    connected = harness.sign_in().connection

    assert not harness.connections.disconnect(COACH, connected.id)
    assert [] == harness.oauth.revoked
