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
from tests.support.calendars import MemoryVault
from tests.support.memory import Memory, MemoryPeople
from tests.support.platform import COACH, NOW
from tests.support.token_fakes import FakeOAuth, MemoryTokens, OneOAuth, grant

PAGE = "https://app.example/calendars?tab=1"


class MemoryStates:
    """Fills `StateStore`."""

    def __init__(self) -> None:
        self.kept: dict[str, OAuthState] = {}

    def put(self, digest: str, state: OAuthState) -> None:
        self.kept[digest] = state

    def take(self, digest: str) -> OAuthState | None:
        return self.kept.pop(digest, None)


class Desk:
    """Somebody about to connect a Google calendar."""

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
            oauth=OneOAuth(self.oauth),
            discovery=lambda: pytest.fail("nobody connects CalDAV here"),
            redirects=[PAGE],
        )
        self.connect = OAuthConnect(
            states=self.states,
            vault=self.vault,
            oauth=OneOAuth(self.oauth),
            connections=connections,
            public_base_url="https://api.example/",
        )

    def leave(self, return_to: str | None = None) -> list[str]:
        """Start; return state, challenge, nonce and redirect address as the browser has them."""
        departure = self.connect.start(COACH, Provider.GOOGLE, return_to=return_to, now=NOW)
        assert departure.expires_at == NOW + STATE_LIFETIME
        return departure.url.partition("?")[2].split("&")

    def come_back(self, state: str | None, **changes: Any) -> StoredConnection | CallbackRedirect:
        """Finish with what the provider's redirect carries."""
        at = changes.pop("now", NOW)
        told = {"provider": Provider.GOOGLE, "code": "code", "error": None, **changes}
        return self.connect.finish(Callback(state=state, **told), now=at)


def test_the_code_is_redeemed_with_the_verifier_and_nonce_of_its_own_departure() -> None:
    desk = Desk()
    state, challenge, nonce, address = desk.leave()

    done = desk.come_back(state)

    (redeemed,) = desk.oauth.redeemed
    digest = hashlib.sha256(redeemed["verifier"].encode()).digest()
    assert challenge == urlsafe_b64encode(digest).decode().rstrip("=")
    assert (nonce, address) == (redeemed["nonce"], redeemed["to"])
    assert "https://api.example/api/v1/auth/google/callback" == address
    assert isinstance(done, StoredConnection)
    assert desk.people.person(COACH.user_id).connections == (done.connection,)


def test_nothing_kept_tells_the_state_the_verifier_or_the_nonce() -> None:
    desk = Desk()
    state, _, nonce, _ = desk.leave()

    assert state not in repr(desk.states.kept)
    assert nonce not in repr(desk.states.kept)
    assert len(state) >= 43, "256 bits"


def test_a_state_serves_once() -> None:
    desk = Desk()
    state, *_ = desk.leave()
    desk.come_back(state)

    with pytest.raises(InvalidState):
        desk.come_back(state)


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
def test_a_state_that_is_missing_foreign_or_old_is_refused(changes: dict[str, Any]) -> None:
    desk = Desk()
    state, *_ = desk.leave()

    with pytest.raises(InvalidState):
        desk.come_back(**{"state": state, **changes})

    assert () == desk.people.person(COACH.user_id).connections


def test_a_state_shown_to_the_wrong_provider_is_used_up() -> None:
    desk = Desk()
    state, *_ = desk.leave()
    with pytest.raises(InvalidState):
        desk.come_back(state, provider=Provider.OUTLOOK)

    with pytest.raises(InvalidState):
        desk.come_back(state)


@pytest.mark.parametrize(
    ("changes", "failure", "expected"),
    [
        ({"error": "access_denied"}, None, AccessDenied),
        ({"code": None}, None, CodeRejected),
        ({}, CodeRejected("used"), CodeRejected),
        ({}, AccessDenied("unticked"), AccessDenied),
        ({}, ProviderUnavailable("503"), ProviderUnreachable),
        ({}, ProviderMisconfigured("our secret"), ProviderUnreachable),
    ],
)
def test_what_goes_wrong_is_raised_or_told_to_the_page_that_started(
    changes: dict[str, Any],
    failure: CalendarServiceError | None,
    expected: type[CalendarServiceError],
) -> None:
    desk = Desk()
    desk.oauth.sign_in = failure or desk.oauth.sign_in

    with pytest.raises(expected):
        desk.come_back(desk.leave()[0], **changes)

    told = desk.come_back(desk.leave(PAGE)[0], **changes)
    assert CallbackRedirect(return_to=PAGE, error=expected.code) == told
    assert () == desk.people.person(COACH.user_id).connections


def test_the_page_that_started_is_told_of_success() -> None:
    desk = Desk()

    assert CallbackRedirect(return_to=PAGE) == desk.come_back(desk.leave(PAGE)[0])


@pytest.mark.parametrize(
    "page", ["//evil.example", "/\\evil", "https:evil", f"{PAGE}&x", PAGE.upper(), ""]
)
def test_a_page_that_is_not_on_the_list_to_the_letter_is_refused(page: str) -> None:
    with pytest.raises(InvalidRequest, match="redirectUri"):
        Desk().leave(page)


def test_a_provider_without_client_id_cannot_be_started() -> None:
    with pytest.raises(ProviderNotConfigured):
        Desk().connect.start(COACH, Provider.OUTLOOK, return_to=None, now=NOW)


def test_a_state_is_good_until_its_last_moment() -> None:
    desk = Desk()
    state, *_ = desk.leave()

    done = desk.come_back(state, now=NOW + STATE_LIFETIME - timedelta(microseconds=1))

    assert isinstance(done, StoredConnection)
