"""Many sessions of one calendar at once: writes take turns, and every one is made."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from shared.domain.connection import Connection, Provider
from shared.domain.copy import CopyContent, CopyRef, CopyState
from shared.ports import Account, WriteLockStore
from tests.support.calendars import MemoryProviders
from tests.support.provider_servers import EveryProvider
from tests.support.three_calendars import USERS, ThreeCalendars
from tests.support.token_fakes import MemoryTurns
from tests.support.traps import RunOutTurns
from tests.support.waiting import until

# Every one of many cases; plain tests cover the same lines, and tracing these doubles their time.
pytestmark = pytest.mark.no_cover

NAMES = [f"s{number}" for number in range(1, 21)]


class Refusals(MemoryTurns):
    """Fills `WriteLockStore`; `refused` are those who found the turn taken."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: set[str] = set()

    def take(self, connection: Connection, holder: str, *, until: datetime, now: datetime) -> bool:
        """Take the turn, or remember who could not."""
        taken = super().take(connection, holder, until=until, now=now)
        if not taken:
            self.refused.add(holder)
        return taken


class Crowded(EveryProvider):
    """Counts the creates under way at once; each goes on only when `may_go` says so."""

    def __init__(self, three: ThreeCalendars, may_go: Callable[[], bool]) -> None:
        super().__init__(three.elsewhere.clients)
        self.most = 0
        self._under_way = 0
        self._may_go = may_go
        self._lock = threading.Lock()

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        """Make the copy."""
        with self._counted():
            assert until(self._may_go), "nobody else came"
            return super().create_copy(account, content, timeout=timeout)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1


@pytest.mark.parametrize("provider", USERS)
def test_twenty_sessions_of_one_calendar_are_written_one_after_the_other(
    three: ThreeCalendars, provider: Provider
) -> None:
    turns, crowded = Refusals(), Crowded(three, lambda: len(turns.refused) >= len(NAMES) - 1)
    write_at_once(three, provider, turns, crowded)

    assert 1 == crowded.most
    assert {CopyState.SYNCED} == {three.state(provider, each) for each in NAMES}
    assert sorted(NAMES) == sorted(each.title for each in three.shown(provider))


def test_without_turns_they_would_be_written_side_by_side(three: ThreeCalendars) -> None:
    crowded = Crowded(three, lambda: crowded.most > 1)

    write_at_once(three, Provider.GOOGLE, RunOutTurns(), crowded)

    assert crowded.most > 1


def write_at_once(
    three: ThreeCalendars, provider: Provider, turns: WriteLockStore, crowded: Crowded
) -> None:
    """Deliver twenty sessions of that calendar's user at once, until all are written."""
    nobody = {"coach_ids": (), "learner_ids": (USERS[provider],)}
    for each in NAMES:
        three.meet(each, **nobody, title=each)
    sync = three.syncing(
        providers=MemoryProviders({provider: crowded}), turns=three.turns_over(turns)
    )

    def deliver(event_id: str) -> timedelta | None:
        return sync.reconcile(event_id, now=three.at)

    left = NAMES
    with ThreadPoolExecutor(len(NAMES)) as pool:
        for _ in NAMES:
            waits = dict(zip(left, pool.map(deliver, left), strict=True))
            left = [name for name, wait in waits.items() if wait is not None]
            # Time stands still while anybody writes, so no turn runs out.
            three.advance(timedelta(seconds=1))
    assert [] == left
