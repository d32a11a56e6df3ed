"""Composition of `shared.usecases.copies` and `shared.usecases.erasure`."""

from functools import cache
from typing import TYPE_CHECKING

from shared.wiring import adapters
from shared.wiring.accounts import revocation, tokens
from shared.wiring.clock import jitter, now, pause
from shared.wiring.invitations import audiences, invite_sync
from shared.wiring.providers import LazyCalendars

if TYPE_CHECKING:
    from shared.ports import UserRecords
    from shared.usecases.copies.copy_sync import CopySync
    from shared.usecases.copies.sweeper import Sweeper
    from shared.usecases.erasure.export import UserExports
    from shared.usecases.erasure.requests import Erasures
    from shared.usecases.erasure.worker import ErasureWorker


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
        records=_user_records(),
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


@cache
def erasures() -> "Erasures":
    """Requests for the erasure of a user's data."""
    from shared.usecases.erasure.requests import Erasures

    return Erasures(records=_user_records())


@cache
def user_exports() -> "UserExports":
    """The export of a user's data."""
    from shared.usecases.erasure.export import UserExports

    return UserExports(
        records=_user_records(),
        people=adapters.people_store(),
        events=adapters.event_store(),
        invites=adapters.invite_store(),
    )


@cache
def erasure_worker() -> "ErasureWorker":
    """The erasure of a user's data, pass by pass."""
    from shared.usecases.erasure.sessions import SessionEraser
    from shared.usecases.erasure.worker import ErasureWorker

    sessions = SessionEraser(
        events=adapters.event_store(),
        bookings=adapters.bookings(),
        people=adapters.people_store(),
        invites=adapters.invite_store(),
        records=_user_records(),
        pause=pause,
    )
    return ErasureWorker(
        records=_user_records(),
        people=adapters.people_store(),
        suppressions=adapters.suppressions(),
        revocation=revocation(),
        sessions=sessions,
    )


@cache
def _user_records() -> "UserRecords":
    from shared.stores.user_records import DynamoUserRecords

    return DynamoUserRecords(adapters.tables())
