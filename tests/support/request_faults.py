"""Ways in which a request to a calendar provider can fail."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from shared.domain.errors import CredentialInvalid, ProviderRejected, ProviderUnavailable


class ProcessKilled(BaseException):
    """Simulates the end of the process: nothing after it runs."""


class Effect(Enum):
    """When a failing request is carried out despite its failure."""

    NEVER = auto()
    AT_ONCE = auto()
    LATE = auto()


@dataclass(frozen=True, slots=True)
class RequestFault:
    """The failure of one request, which first waits for `blocker`."""

    raises: Callable[[], BaseException] | None = None
    effect: Effect = Effect.NEVER
    blocker: threading.Event | None = None


def _timeout_error() -> BaseException:
    return ProviderUnavailable("no response in time", unsettled=True)


TIMES_OUT = RequestFault(_timeout_error)
TIMES_OUT_DONE = RequestFault(_timeout_error, Effect.AT_ONCE)
TIMES_OUT_LATE = RequestFault(_timeout_error, Effect.LATE)
ERROR_500 = RequestFault(lambda: ProviderUnavailable("500", unsettled=True))
ERROR_503 = RequestFault(lambda: ProviderUnavailable("503"))
ODD_404 = RequestFault(lambda: ProviderUnavailable("404 of a gateway", answered=True))
REJECTED = RequestFault(lambda: ProviderRejected("403 rejected"))
DEAD = RequestFault(lambda: CredentialInvalid("invalid_grant"))
KILLED_BEFORE = RequestFault(ProcessKilled)
KILLED_AFTER = RequestFault(ProcessKilled, Effect.AT_ONCE)
KILLED_LATE = RequestFault(ProcessKilled, Effect.LATE)


def too_many(retry_after: timedelta) -> RequestFault:
    """Return a 429 with the minimum time to wait."""
    return RequestFault(lambda: ProviderUnavailable("429", retry_after=retry_after))


def blocked_until(released: threading.Event) -> RequestFault:
    """Return a request that blocks until `released` is set, and then succeeds."""
    return RequestFault(blocker=released)
