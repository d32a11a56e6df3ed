"""Composition of `shared.usecases.copies`: calendar copies and the sweeper."""

from functools import cache
from typing import TYPE_CHECKING

from shared.wiring import adapters
from shared.wiring.accounts import tokens
from shared.wiring.clock import jitter, now, pause
from shared.wiring.invitations import audiences, invite_sync
from shared.wiring.providers import LazyCalendars

if TYPE_CHECKING:
    from shared.usecases.copies.copy_sync import CopySync
    from shared.usecases.copies.sweeper import Sweeper


@cache
def copy_sync() -> "CopySync":
    """The reconciliation of calendar copies and mail."""
    from shared.usecases.copies.copy_sync import CopySync
    from shared.usecases.copies.copy_writer import CopyWriter
    from shared.usecases.copies.write_lock import WriteLock

    writer = CopyWriter(
        events=adapters.event_store(),
        people=adapters.people_store(),
        providers=LazyCalendars(),
        tokens=tokens(),
        write_lock=WriteLock(store=adapters.write_locks(), now=now, pause=pause),
        jitter=jitter,
        meter=adapters.meter(),
    )
    return CopySync(
        events=adapters.event_store(),
        bookings=adapters.bookings(),
        people=adapters.people_store(),
        writer=writer,
        audiences=audiences(),
        invite_sync=invite_sync(),
        pause=pause,
        meter=adapters.meter(),
    )


@cache
def sweeper() -> "Sweeper":
    """The re-queueing of events left unsynced for too long."""
    from shared.usecases.copies.sweeper import Sweeper

    return Sweeper(
        unsynced=adapters.unsynced_events(), queue=adapters.sync_queue(), meter=adapters.meter()
    )
