from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.connection import Provider
from shared.domain.errors import TooManyRequests
from shared.domain.limits import CONSENT, OPEN_STATES
from shared.ports import OAuthState
from shared.usecases.accounts.oauth import STATE_LIFETIME
from shared.usecases.accounts.open_states import LimitedStates
from tests.support.limit_counts import MemoryCounts, limits_of
from tests.support.oauth_harness import MemoryStates
from tests.support.platform import NOW

STATE = OAuthState(
    user_id="ann",
    provider=Provider.GOOGLE,
    verifier=b"",
    return_to=None,
    expires_at=NOW + CONSENT,
)


def limited(counts: MemoryCounts | None = None) -> tuple[LimitedStates, MemoryStates]:
    stored = MemoryStates()
    return LimitedStates(stored, limits_of({OPEN_STATES: 2}, counts)), stored


def test_the_window_is_as_long_as_a_state_lives() -> None:
    assert OPEN_STATES.window == STATE_LIFETIME == CONSENT


def test_a_user_with_too_many_open_states_cannot_store_another() -> None:
    states, stored = limited()
    states.put("a", STATE)
    states.put("b", STATE)

    for _ in range(2):
        with pytest.raises(TooManyRequests):
            states.put("c", STATE)
    states.put("d", replace(STATE, user_id="bob"))

    assert set(stored.stored) == {"a", "b", "d"}


def test_a_state_that_is_taken_makes_room_once() -> None:
    states, _ = limited()
    states.put("a", STATE)
    states.put("b", STATE)

    assert states.take("a") == STATE
    assert states.take("a") is None

    states.put("c", STATE)
    with pytest.raises(TooManyRequests):
        states.put("d", STATE)


def test_reading_a_state_does_not_make_room() -> None:
    states, _ = limited()
    states.put("a", STATE)
    states.put("b", STATE)

    assert states.get("a") == STATE

    with pytest.raises(TooManyRequests):
        states.put("c", STATE)


def test_states_that_are_never_finished_make_room_after_ten_minutes() -> None:
    states, _ = limited()
    states.put("a", STATE)
    states.put("b", STATE)

    states.put("c", replace(STATE, expires_at=STATE.expires_at + timedelta(minutes=10)))


def test_a_user_can_start_although_the_counter_fails() -> None:
    counts = MemoryCounts()
    states, stored = limited(counts)
    counts.is_down = True

    states.put("a", STATE)

    assert states.take("a") == STATE
    assert stored.stored == {}
