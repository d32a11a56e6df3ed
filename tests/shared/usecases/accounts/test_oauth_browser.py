"""Connecting is bound to the browser that starts; another browser connects nothing by itself."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from shared.domain.caller import Caller
from shared.domain.connection import Provider
from shared.domain.errors import (
    CalendarServiceError,
    CodeRejected,
    InvalidState,
    ProviderUnavailable,
)
from shared.ports import OAuthState, SignIn
from shared.usecases.accounts.authorization import CallbackRedirect
from shared.usecases.accounts.connection_writer import StoredConnection
from shared.usecases.accounts.parked_grants import LIFETIME
from tests.support.oauth_harness import PAGE, MemoryStates, OAuthHarness
from tests.support.platform import COACH, LEARNER, NOW

ELSEWHERE: list[dict[str, Any]] = [
    {"browser_secret": None},
    {"browser_secret": ""},
    {"browser_secret": "made-up"},
]
"""What a browser sends that did not start."""


def confirm(harness: OAuthHarness) -> str:
    """Return the completion code of a consent in another browser."""
    redirect = harness.finish_elsewhere(harness.start(PAGE))
    assert isinstance(redirect, CallbackRedirect)
    assert redirect.completion
    return redirect.completion


class StatesTakenMeanwhile(MemoryStates):
    """States that another callback takes right after they were read."""

    @override
    def get(self, digest: str) -> OAuthState | None:
        return self.take(digest)


class TestCallbackInAnotherBrowser:
    @pytest.mark.parametrize("browser", ELSEWHERE)
    def test_without_a_page_nothing_is_exchanged_or_connected(
        self, browser: dict[str, Any]
    ) -> None:
        harness = OAuthHarness()

        with pytest.raises(InvalidState):
            harness.finish(harness.start(), **browser)

        assert ((), []) == (harness.connected, harness.oauth.exchanges)
        assert {} == harness.parked.stored

    @pytest.mark.parametrize("browser", ELSEWHERE)
    def test_with_a_page_the_grant_is_parked_under_a_completion_code(
        self, browser: dict[str, Any]
    ) -> None:
        harness = OAuthHarness()

        redirect = harness.finish(harness.start(PAGE), **browser)

        assert isinstance(redirect, CallbackRedirect)
        assert (PAGE, None) == (redirect.return_to, redirect.error)
        assert len(redirect.completion or "") >= 43, "256 bits"
        assert () == harness.connected

    def test_the_secret_of_another_flow_of_the_same_browser_does_not_fit(self) -> None:
        harness = OAuthHarness()
        first, second = harness.start(), harness.start()

        with pytest.raises(InvalidState):
            harness.finish(first, browser_secret=second.browser_secret)

        assert isinstance(harness.finish(first), StoredConnection)
        assert isinstance(harness.finish(second), StoredConnection)

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"code": "made-up"},
            {"code": None},
            {"error": "access_denied", "code": None},
            {"provider": Provider.OUTLOOK},
        ],
    )
    def test_without_a_page_every_callback_fails_in_the_same_way_and_leaves_the_flow(
        self, changes: dict[str, Any]
    ) -> None:
        harness = OAuthHarness()
        start = harness.start()
        with pytest.raises(InvalidState) as unknown:
            harness.finish_elsewhere(start, state="unknown")

        with pytest.raises(InvalidState) as known:
            harness.finish_elsewhere(start, **changes)

        assert unknown.value.message == known.value.message
        assert isinstance(harness.finish(start), StoredConnection)

    @pytest.mark.parametrize(
        ("changes", "failure", "code"),
        [
            ({"error": "access_denied", "code": None}, None, "ACCESS_DENIED"),
            ({"code": None}, None, "CODE_REJECTED"),
            ({}, CodeRejected("of another flow"), "CODE_REJECTED"),
        ],
    )
    def test_with_a_page_a_failure_leaves_the_flow_of_the_user_who_started(
        self, changes: dict[str, Any], failure: CalendarServiceError | None, code: str
    ) -> None:
        harness = OAuthHarness()
        granted, start = harness.oauth.sign_in, harness.start(PAGE)
        harness.oauth.sign_in = failure or granted

        redirect = harness.finish_elsewhere(start, **changes)

        assert CallbackRedirect(return_to=PAGE, error=code) == redirect
        assert {} == harness.parked.stored
        harness.oauth.sign_in = granted
        assert CallbackRedirect(return_to=PAGE) == harness.finish(start)

    def test_a_code_is_sent_to_the_provider_only_once(self) -> None:
        harness = OAuthHarness()
        start = harness.start(PAGE)
        harness.finish_elsewhere(start)

        with pytest.raises(InvalidState):
            harness.finish_elsewhere(start)

        assert 1 == len(harness.oauth.exchanges)

    def test_a_code_is_not_sent_again_after_the_provider_failed(self) -> None:
        harness = OAuthHarness()
        start = harness.start(PAGE)
        harness.oauth.sign_in = ProviderUnavailable("no response")
        harness.finish_elsewhere(start)

        with pytest.raises(InvalidState):
            harness.finish_elsewhere(start)

        assert 1 == len(harness.oauth.exchanges)

    def test_of_two_callbacks_at_once_only_one_sends_the_code(self) -> None:
        harness = OAuthHarness(states=StatesTakenMeanwhile())
        start = harness.start(PAGE)

        redirect = harness.finish_elsewhere(start)

        assert CallbackRedirect(return_to=PAGE, error="INVALID_STATE") == redirect
        assert [] == harness.oauth.exchanges

    def test_a_state_from_before_flows_were_bound_counts_as_another_browser(self) -> None:
        harness = OAuthHarness()
        start = harness.start()
        ((digest, state),) = harness.states.stored.items()
        harness.states.put(digest, replace(state, browser=None))

        with pytest.raises(InvalidState):
            harness.finish(start)

    @pytest.mark.parametrize("finish", [OAuthHarness.finish, OAuthHarness.finish_elsewhere])
    def test_a_prefetch_does_nothing_and_the_navigation_after_it_works(
        self, finish: Callable[..., object]
    ) -> None:
        harness = OAuthHarness()
        start = harness.start(PAGE)

        with pytest.raises(InvalidState):
            finish(harness, start, is_prefetch=True)

        assert CallbackRedirect(return_to=PAGE) == harness.finish(start)


class TestCompletion:
    def test_the_user_who_started_finishes_with_the_code(self) -> None:
        harness = OAuthHarness()
        completion = confirm(harness)

        stored = harness.connect.complete(COACH, Provider.GOOGLE, completion, now=NOW)

        assert (stored.connection,) == harness.connected
        assert ("sub-1", "c@example.com") == (stored.connection.account, stored.connection.email)
        other = OAuthHarness()
        other.finish(other.start())
        here, there = other.connected[0], stored.connection
        assert replace(here, credential=b"") == replace(there, credential=b"")
        assert opened(other, here.credential) == opened(harness, there.credential)

    @pytest.mark.parametrize("is_verified", [True, False])
    def test_an_address_is_as_verified_as_at_the_sign_in(self, *, is_verified: bool) -> None:
        harness = OAuthHarness()
        assert isinstance(harness.oauth.sign_in, SignIn)
        harness.oauth.sign_in = replace(harness.oauth.sign_in, is_email_verified=is_verified)

        stored = harness.connect.complete(COACH, Provider.GOOGLE, confirm(harness), now=NOW)

        assert is_verified == stored.connection.is_email_verified

    def test_a_grant_that_an_older_version_parked_has_no_verified_address(self) -> None:
        harness = OAuthHarness()
        completion = confirm(harness)
        ((digest, parked),) = harness.parked.stored.items()
        binding = {"user_id": COACH.user_id, "connection_id": "oauth-parked-grant"}
        fields = json.loads(harness.vault.open(parked.sealed, **binding))
        del fields["is_email_verified"]
        sealed = harness.vault.seal(json.dumps(fields), **binding)
        harness.parked.put(digest, replace(parked, sealed=sealed))

        stored = harness.connect.complete(COACH, Provider.GOOGLE, completion, now=NOW)

        assert stored.connection.proven_email is None

    def test_the_tokens_are_parked_encrypted_and_the_code_as_a_digest(self) -> None:
        harness = OAuthHarness()

        completion = confirm(harness)

        ((digest, parked),) = harness.parked.stored.items()
        assert completion not in digest
        assert COACH.user_id == parked.user_id
        assert NOW + LIFETIME == parked.expires_at == NOW + timedelta(minutes=10)
        assert "refresh" not in repr(parked)
        with pytest.raises(CalendarServiceError, match="another connection"):
            harness.vault.open(parked.sealed, user_id=LEARNER.user_id, connection_id="x")

    @pytest.mark.parametrize(
        ("caller", "provider", "at"),
        [
            (LEARNER, Provider.GOOGLE, NOW),
            (COACH, Provider.OUTLOOK, NOW),
            (COACH, Provider.GOOGLE, NOW + LIFETIME),
        ],
        ids=["another user", "another provider", "too late"],
    )
    def test_a_code_that_does_not_fit_connects_nothing_and_is_used_up(
        self, caller: Caller, provider: Provider, at: Any
    ) -> None:
        harness = OAuthHarness()
        completion = confirm(harness)

        with pytest.raises(InvalidState):
            harness.connect.complete(caller, provider, completion, now=at)

        with pytest.raises(InvalidState):
            harness.connect.complete(COACH, Provider.GOOGLE, completion, now=NOW)
        assert () == harness.connected == harness.people.person(LEARNER.user_id).connections

    def test_a_code_works_once(self) -> None:
        harness = OAuthHarness()
        completion = confirm(harness)
        harness.connect.complete(COACH, Provider.GOOGLE, completion, now=NOW)

        with pytest.raises(InvalidState):
            harness.connect.complete(COACH, Provider.GOOGLE, completion, now=NOW)

    def test_a_made_up_code_does_not_use_up_the_real_one(self) -> None:
        harness = OAuthHarness()
        completion = confirm(harness)

        with pytest.raises(InvalidState):
            harness.connect.complete(COACH, Provider.GOOGLE, "made-up", now=NOW)

        last = NOW + LIFETIME - timedelta(microseconds=1)
        harness.connect.complete(COACH, Provider.GOOGLE, completion, now=last)


class TestWithoutBinding:
    def test_any_browser_finishes(self) -> None:
        harness = OAuthHarness(binds_browser=False)
        start = harness.start()

        assert start.browser_secret is None
        assert isinstance(harness.finish_elsewhere(start), StoredConnection)

    def test_a_page_gets_the_result_of_any_browser(self) -> None:
        harness = OAuthHarness(binds_browser=False)

        redirect = harness.finish_elsewhere(harness.start(PAGE))

        assert CallbackRedirect(return_to=PAGE) == redirect
        assert 1 == len(harness.connected)

    def test_a_state_is_valid_once(self) -> None:
        harness = OAuthHarness(binds_browser=False)
        start = harness.start()
        harness.finish_elsewhere(start)

        with pytest.raises(InvalidState):
            harness.finish_elsewhere(start)


def opened(harness: OAuthHarness, credential: bytes) -> str:
    connection = harness.connected[0]
    return harness.vault.open(credential, user_id=connection.user_id, connection_id=connection.id)
