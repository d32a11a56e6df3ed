"""Retries: optimistic writes that lost a race, and the wait before a task runs again."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from typing import Concatenate, ParamSpec, Protocol, TypeAlias, TypeVar

from shared.domain.errors import CalendarServiceError, LostRace

TRIES = 25
"""How many times an optimistic write is tried by default."""

SHORTEST_WAIT = timedelta(seconds=1)
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="HasPause")

Pause: TypeAlias = Callable[[int], None]
"""Waits before try number n; the first try is number 0 and has no pause."""


class HasPause(Protocol):
    """An object whose methods can be decorated with `retries_lost_races`."""

    _pause: Pause


def retry_lost_races(
    attempt: Callable[[], T], *, pause: Pause, error: CalendarServiceError, tries: int = TRIES
) -> T:
    """Return the result of `attempt`, which is called again after each `LostRace`.

    `attempt` must read again and decide again each time. `pause` is called between tries.

    Raises:
        CalendarServiceError: `error`, after `tries` lost races.
    """
    for number in range(tries):
        if number:
            pause(number)
        try:
            return attempt()
        except LostRace as lost_race:
            cause = lost_race
    raise error from cause


def retries_lost_races(
    error: Callable[[], CalendarServiceError],
) -> Callable[[Callable[Concatenate[S, P], T]], Callable[Concatenate[S, P], T]]:
    """Decorate a method so that `retry_lost_races` runs all of it, with the object's `_pause`.

    `error` builds the exception raised after the last lost race.
    """

    def decorate(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
        @wraps(method)
        def retrying(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            attempt = partial(method, self, *args, **kwargs)
            return retry_lost_races(attempt, pause=self._pause, error=error())

        return retrying

    return decorate


def next_wait(
    longest: timedelta,
    *,
    jitter: Callable[[timedelta], timedelta],
    at_least: timedelta | None = None,
) -> timedelta:
    """Return a random wait up to `longest`, which is first brought into 2 seconds to 5 minutes.

    `jitter` returns a random duration between zero and its argument. The result is not shorter
    than `at_least`, or 1 second.
    """
    bounded = min(max(longest, FIRST_WAIT), LONGEST_WAIT)
    return max(jitter(bounded), at_least or SHORTEST_WAIT)
