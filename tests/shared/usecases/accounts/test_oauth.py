import hashlib
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import Provider
from shared.domain.errors import (
    AccessDenied,
    CalendarServiceError,
    CodeRejected,
    InvalidRequest,
    InvalidState,
    ProviderMisconfigured,
    ProviderNotConfigured,
    ProviderUnavailable,
    ProviderUnreachable,
)
from shared.ports import OAuthState, SignIn
from shared.usecases.accounts.connections import Connections, StoredConnection
from shared.usecases.accounts.oauth import STATE_LIFETIME, Callback, CallbackRedirect, OAuthConnect
from tests.support.faulty_calendar import MemoryVault
from tests.support.memory import Memory, MemoryPeople
from tests.support.platform import COACH, NOW
from tests.support.token_fakes import FakeOAuth, GoogleOnlyOAuth, MemoryTokens, grant

PAGE = "https://app.example/calendars?tab=1"


class MemoryStates:
    """A `StateStore` in memory."""

    def __init__(self) -> None:
        self.stored: dict[str, OAuthState] = {}

    def put(self, digest: str, state: OAuthState) -> None:
        self.stored[digest] = state

    def take(self, digest: str) -> OAuthState | None:
        return self.stored.pop(digest, None)


class OAuthHarness:
    """A coach who is about to connect a Google calendar."""

    def __init__(self) -> None:
        memory = Memory()
        self.people, self.vault, self.oauth = MemoryPeople(memory), MemoryVault(), FakeOAuth()
        self.oauth.sign_in = SignIn(
            grant=grant("access", "refresh", now=NOW), account="sub-1", email="c@example.com"
        )
        self.states = MemoryStates()
        connections = Connections(
            people=self.people,
            tokens=MemoryTokens(memory, self.people),
            vault=self.vault,
            oauth=GoogleOnlyOAuth(self.oauth),
            discovery=lambda: pytest.fail("CalDAV discovery must not be used"),
            redirects=[PAGE],
        )
        self.connect = OAuthConnect(
            states=self.states,
            vault=self.vault,
            oauth=GoogleOnlyOAuth(self.oauth),
            connections=connections,
            public_base_url="https://api.example/",
        )

    def start(self, return_to: str | None = None) -> list[str]:
        """Start the flow; return state, challenge, nonce and redirect URI from the URL."""
        started = self.connect.start(COACH, Provider.GOOGLE, return_to=return_to, now=NOW)
        assert started.expires_at == NOW + STATE_LIFETIME
        return started.url.partition("?")[2].split("&")

    def finish(self, state: str | None, **changes: Any) -> StoredConnection | CallbackRedirect:
        """Finish the flow with the parameters of the provider's redirect."""
        at = changes.pop("now", NOW)
        parameters = {"provider": Provider.GOOGLE, "code": "code", "error": None, **changes}
        return self.connect.finish(Callback(state=state, **parameters), now=at)


def test_the_code_is_exchanged_with_the_verifier_and_nonce_of_the_same_flow() -> None:
    harness = OAuthHarness()
    state, challenge, nonce, address = harness.start()

    done = harness.finish(state)

    (exchanges,) = harness.oauth.exchanges
    digest = hashlib.sha256(exchanges["verifier"].encode()).digest()
    assert challenge == urlsafe_b64encode(digest).decode().rstrip("=")
    assert (nonce, address) == (exchanges["nonce"], exchanges["to"])
    assert "https://api.example/api/v1/auth/google/callback" == address
    assert isinstance(done, StoredConnection)
    assert harness.people.person(COACH.user_id).connections == (done.connection,)


def test_neither_state_nor_nonce_are_stored_in_plain_text() -> None:
    harness = OAuthHarness()
    state, _, nonce, _ = harness.start()

    assert state not in repr(harness.states.stored)
    assert nonce not in repr(harness.states.stored)
    assert len(state) >= 43, "256 bits"


def test_a_state_is_valid_once() -> None:
    harness = OAuthHarness()
    state, *_ = harness.start()
    harness.finish(state)

    with pytest.raises(InvalidState):
        harness.finish(state)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": None},
        {"state": ""},
        {"state": "made up"},
        {"provider": Provider.OUTLOOK},
        {"now": NOW + STATE_LIFETIME},
    ],
)
def test_a_missing_unknown_or_expired_state_is_rejected(changes: dict[str, Any]) -> None:
    harness = OAuthHarness()
    state, *_ = harness.start()

    with pytest.raises(InvalidState):
        harness.finish(**{"state": state, **changes})

    assert () == harness.people.person(COACH.user_id).connections


def test_a_state_sent_to_the_wrong_provider_is_invalidated() -> None:
    harness = OAuthHarness()
    state, *_ = harness.start()
    with pytest.raises(InvalidState):
        harness.finish(state, provider=Provider.OUTLOOK)

    with pytest.raises(InvalidState):
        harness.finish(state)


@pytest.mark.parametrize(
    ("changes", "failure", "expected"),
    [
        ({"error": "access_denied"}, None, AccessDenied),
        ({"code": None}, None, CodeRejected),
        ({}, CodeRejected("used"), CodeRejected),
        ({}, AccessDenied("unticked"), AccessDenied),
        ({}, ProviderUnavailable("503"), ProviderUnreachable),
        ({}, ProviderMisconfigured("wrong secret"), ProviderUnreachable),
    ],
)
def test_a_failure_is_raised_or_reported_to_the_return_page(
    changes: dict[str, Any],
    failure: CalendarServiceError | None,
    expected: type[CalendarServiceError],
) -> None:
    harness = OAuthHarness()
    harness.oauth.sign_in = failure or harness.oauth.sign_in

    with pytest.raises(expected):
        harness.finish(harness.start()[0], **changes)

    redirect = harness.finish(harness.start(PAGE)[0], **changes)
    assert CallbackRedirect(return_to=PAGE, error=expected.code) == redirect
    assert () == harness.people.person(COACH.user_id).connections


def test_success_is_reported_to_the_return_page() -> None:
    harness = OAuthHarness()

    assert CallbackRedirect(return_to=PAGE) == harness.finish(harness.start(PAGE)[0])


@pytest.mark.parametrize(
    "page", ["//evil.example", "/\\evil", "https:evil", f"{PAGE}&x", PAGE.upper(), ""]
)
def test_a_return_page_must_match_the_allow_list_exactly(page: str) -> None:
    with pytest.raises(InvalidRequest, match="redirectUri"):
        OAuthHarness().start(page)


def test_a_provider_without_a_client_id_is_not_configured() -> None:
    with pytest.raises(ProviderNotConfigured):
        OAuthHarness().connect.start(COACH, Provider.OUTLOOK, return_to=None, now=NOW)


def test_a_state_is_valid_until_it_expires() -> None:
    harness = OAuthHarness()
    state, *_ = harness.start()

    done = harness.finish(state, now=NOW + STATE_LIFETIME - timedelta(microseconds=1))

    assert isinstance(done, StoredConnection)
