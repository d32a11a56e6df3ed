"""Limit how many authorizations of one user may be open at the same time."""

from datetime import datetime

from typing_extensions import override

from shared.domain.limits import CONSENT, OPEN_STATES
from shared.ports import OAuthState, StateStore
from shared.usecases.people.limits import Limits


class LimitedStates(StateStore):
    """OAuth states; a user who has too many open ones cannot store another.

    A state counts in the window in which it was started, until it is taken or the window ends.
    """

    def __init__(self, states: StateStore, limits: Limits) -> None:
        self._states = states
        self._limits = limits

    @override
    def put(self, digest: str, state: OAuthState) -> None:
        """Store a state.

        Raises:
            TooManyRequests: when the user has too many open ones.
        """
        self._limits.take(OPEN_STATES, state.user_id, now=_started_at(state))
        self._states.put(digest, state)

    @override
    def get(self, digest: str) -> OAuthState | None:
        return self._states.get(digest)

    @override
    def take(self, digest: str) -> OAuthState | None:
        state = self._states.take(digest)
        if state:
            self._limits.give_back(OPEN_STATES, state.user_id, now=_started_at(state))
        return state


def _started_at(state: OAuthState) -> datetime:
    return state.expires_at - CONSENT
