"""What may become of a request to a calendar provider."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from shared.domain.errors import CredentialDead, ProviderRefused, ProviderUnavailable


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


class Effect(Enum):
    """When a failing request is carried out all the same."""

    NEVER = auto()
    AT_ONCE = auto()
    LATE = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of one request; it waits for `held` first."""

    raises: Callable[[], BaseException] | None = None
    effect: Effect = Effect.NEVER
    held: threading.Event | None = None


def _timed_out() -> BaseException:
    return ProviderUnavailable("no answer in time", unsettled=True)


TIMES_OUT = Fault(_timed_out)
TIMES_OUT_DONE = Fault(_timed_out, Effect.AT_ONCE)
TIMES_OUT_LATE = Fault(_timed_out, Effect.LATE)
ERROR_500 = Fault(lambda: ProviderUnavailable("500", unsettled=True))
ERROR_503 = Fault(lambda: ProviderUnavailable("503"))
REFUSED = Fault(lambda: ProviderRefused("403 refused"))
DEAD = Fault(lambda: CredentialDead("invalid_grant"))
KILLED_BEFORE = Fault(Killed)
KILLED_AFTER = Fault(Killed, Effect.AT_ONCE)
KILLED_LATE = Fault(Killed, Effect.LATE)


def too_many(retry_after: timedelta) -> Fault:
    """Return a 429 that names the least time to wait."""
    return Fault(lambda: ProviderUnavailable("429", retry_after=retry_after))


def held_until(released: threading.Event) -> Fault:
    """Return a request that hangs until released, and is then answered."""
    return Fault(held=released)
