"""Something that happens at one chosen call of a store or a provider."""

import threading
from collections.abc import Callable
from typing import Any

from shared.usecases.copies.copy_sync import CopySync
from shared.usecases.copies.write_lock import WriteLock
from tests.support.sync_world import SyncWorld


class Trap:
    """Does something, once, before or after the n-th call of whatever it is put around."""

    def __init__(self, at: int, act: Callable[[], Any], *, after: bool) -> None:
        self._left, self._act, self._after = at, act, after
        self._lock = threading.Lock()

    def around(self, target: Any) -> Any:
        """Return the target with each of its methods counted."""
        return _Trapped(target, self)

    def call(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Call the method; spring when it is its turn."""
        with self._lock:
            self._left -= 1
            springs = self._left == 0
        if springs and not self._after:
            self._act()
        result = method(*args, **named)
        if springs and self._after:
            self._act()
        return result

    @property
    def has_sprung(self) -> bool:
        """Whether there were that many calls."""
        return self._left <= 0


class _Trapped:
    def __init__(self, target: Any, trap: Trap) -> None:
        self._target, self._trap = target, trap

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        return lambda *args, **named: self._trap.call(method, *args, **named)


class _TrappedProviders:
    def __init__(self, calendar: Any) -> None:
        self._calendar = calendar

    def get(self, _: Any) -> Any:
        return self._calendar


def trapped(world: SyncWorld, trap: Trap) -> CopySync:
    """Return a worker each of whose calls to the outside may spring the trap."""
    return world.syncing(
        events=trap.around(world.events),
        bookings=trap.around(world.bookings),
        people=trap.around(world.people),
        providers=_TrappedProviders(trap.around(world.calendar)),
        invites=trap.around(world.invites),
        mailer=trap.around(world.mail),
    )


class RunOutTurns:
    """Fills `WriteLockStore`; every lock has expired before it is used, so workers overlap."""

    def take(self, *_: Any, **__: Any) -> bool:
        """Give the turn to whoever asks."""
        return True

    def end(self, *_: Any) -> None:
        """Take it back."""


def crossing() -> SyncWorld:
    """Return a world in which nobody waits for anybody else's turn."""
    world = SyncWorld()
    world.turns = WriteLock(turns=RunOutTurns(), now=lambda: world.at, pause=lambda _: None)
    world.sync = world.syncing()
    return world
