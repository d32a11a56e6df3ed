"""Hooks that run at one chosen call to a store or a provider."""

import threading
from collections.abc import Callable
from typing import Any

from shared.usecases.copies.copy_sync import CopySync
from shared.usecases.copies.write_lock import WriteLock
from tests.support.sync_harness import SyncHarness


class CallHook:
    """An action that runs once, before or after the n-th call of the wrapped objects."""

    def __init__(self, at: int, act: Callable[[], Any], *, after: bool) -> None:
        self._remaining, self._act, self._after = at, act, after
        self._lock = threading.Lock()

    def wrap(self, target: Any) -> Any:
        """Return a proxy of the target that counts the calls of all methods."""
        return _HookedTarget(target, self)

    def call(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Call the method, and run the action if this is the n-th call."""
        with self._lock:
            self._remaining -= 1
            fires = self._remaining == 0
        if fires and not self._after:
            self._act()
        result = method(*args, **named)
        if fires and self._after:
            self._act()
        return result

    @property
    def has_fired(self) -> bool:
        """Whether there were at least n calls."""
        return self._remaining <= 0


class _HookedTarget:
    def __init__(self, target: Any, hook: CallHook) -> None:
        self._target, self._hook = target, hook

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        return lambda *args, **named: self._hook.call(method, *args, **named)


class _HookedProviders:
    def __init__(self, calendar: Any) -> None:
        self._calendar = calendar

    def get(self, _: Any) -> Any:
        return self._calendar


def worker_with_hook(harness: SyncHarness, hook: CallHook) -> CopySync:
    """Return a worker whose calls to stores, calendars and mail count for the hook."""
    return harness.worker(
        events=hook.wrap(harness.events),
        bookings=hook.wrap(harness.bookings),
        people=hook.wrap(harness.people),
        providers=_HookedProviders(hook.wrap(harness.calendar)),
        invites=hook.wrap(harness.invites),
        mailer=hook.wrap(harness.mail),
    )


class ExpiredLocks:
    """A `WriteLockStore` whose locks are always free, as after they expire, so workers overlap."""

    def acquire(self, *_: Any, **__: Any) -> bool:
        """Grant every lock."""
        return True

    def release(self, *_: Any) -> None:
        """Do nothing."""


def overlapping_workers() -> SyncHarness:
    """Return a harness whose workers do not wait for each other's write locks."""
    harness = SyncHarness()
    harness.write_lock = WriteLock(
        store=ExpiredLocks(), now=lambda: harness.at, pause=lambda _: None
    )
    harness.sync = harness.worker()
    return harness
