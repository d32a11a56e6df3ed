"""Making calendars match an event: desired state, not messages.

Any number of runs, late, repeated or side by side, end the same: each copy on record, and each
calendar that should have one, is brought to the event's present version.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from shared.domain import copy_steps as records
from shared.domain.connection import Connection
from shared.domain.copy import Copy, CopyContent, CopyRef, copy_key
from shared.domain.copy_content import content_of, wanted
from shared.domain.copy_steps import Outcome, Task
from shared.domain.errors import (
    CalendarServiceError,
    CopyGone,
    CredentialDead,
    LostRace,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.domain.event import Event
from shared.domain.person import Person
from shared.parallel import together
from shared.ports import (
    Account,
    Bookings,
    CalendarProvider,
    EventStore,
    Meter,
    Metric,
    PeopleStore,
    Providers,
)
from shared.usecases.accounts.tokens import Tokens
from shared.usecases.copies.write_lock import WriteLock
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.invite_sync import InviteSync

WRITE_TIMEOUT = timedelta(seconds=10)

_AT_ONCE = timedelta(seconds=1)
_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=5)
_MOST_DOUBLINGS = 16
_DOUBT_TRIES = 25

T = TypeVar("T")
log = logging.getLogger(__name__)


class CopySync:
    """Reconciles the copies of one event at a time, and then its mail.

    `jitter` draws a wait between nothing and what it is given.
    """

    def __init__(
        self,
        *,
        events: EventStore,
        bookings: Bookings,
        people: PeopleStore,
        providers: Providers,
        tokens: Tokens,
        turns: WriteLock,
        audiences: AudienceReader,
        invitations: InviteSync,
        jitter: Callable[[timedelta], timedelta],
        meter: Meter,
    ) -> None:
        self._events = events
        self._bookings = bookings
        self._people = people
        self._providers = providers
        self._tokens = tokens
        self._turns = turns
        self._audiences = audiences
        self._invitations = invitations
        self._jitter = jitter
        self._meter = meter

    def reconcile(self, event_id: str, *, now: datetime) -> timedelta | None:
        """Bring every copy and mail in line; return when to come back, None when all are settled.

        Mail comes last: who has no calendar that takes a copy falls back to it.
        """
        holds = self._settle_holds(event_id)
        event, copies = self._events.with_copies(event_id)
        if event is None:
            log.warning("no such event", extra={"event_id": event_id})
            self._invitations.postpone_guests(event_id)
            return None
        tasks = self._tasks(event, copies, now=now)
        waits = together([partial(self._run, task, now) for task in tasks if task.is_due])
        mailed = self._invitations.reconcile(event_id, now=now)
        # Only once the mail is on record may the copies go.
        users = {task.copy.user_id for task in tasks}
        moved = _AT_ONCE if users & mailed.moved else None
        every = (holds, *waits, mailed.wait, moved)
        wait = min((wait for wait in every if wait is not None), default=None)
        if wait is None:
            self._events.settle(event.id, event.version)
            self._invitations.settle(mailed)
        return wait

    def _settle_holds(self, event_id: str) -> timedelta | None:
        try:
            self._bookings.release_stale_holds(event_id)
        except LostRace:
            return _AT_ONCE
        return None

    def _tasks(self, event: Event, copies: Sequence[Copy], *, now: datetime) -> list[Task]:
        users = dict.fromkeys((*event.participants, *(each.user_id for each in copies)))
        persons = {
            each.user_id: each
            for each in together([partial(self._people.person, user) for user in users])
        }
        on_mail = self._audiences.mailed(event, persons)
        targets = wanted(event, persons, on_mail=on_mail)
        known = {each.connection_id: each for each in copies}
        for connection in targets.values():
            known.setdefault(connection.id, records.new_copy(event, connection, now=now))
        return [
            Task(
                event=event,
                copy=copy,
                before=copy,
                connection=_connection(persons[copy.user_id], copy.connection_id),
                content=content_of(event, copy.connection_id)
                if copy.connection_id in targets
                else None,
                on_mail=copy.user_id in on_mail,
            )
            for copy in known.values()
        ]

    def _run(self, task: Task, now: datetime) -> timedelta | None:
        """Work on one copy to an end, or return how long to wait before the next try."""
        if task.copy.not_before and task.copy.not_before > now:
            return task.copy.not_before - now
        try:
            claimed = self._events.save_copy(records.claimed(task, now=now))
        except LostRace:
            return _AT_ONCE
        try:
            outcome = self._outcome(replace(task, copy=claimed), now=now)
            self._events.save_copy(outcome.copy)
        except LostRace:
            self._doubt(claimed)
            return _AT_ONCE
        self._tell(outcome)
        return outcome.wait

    def _tell(self, outcome: Outcome) -> None:
        copy = outcome.copy
        end = copy.state.value.lower() if outcome.wait is None else "later"
        told = {"event_id": copy.event_id, "connection_id": copy.connection_id}
        log.info("copy worked on", extra={**told, "outcome": end, "reason": copy.error})
        self._meter.count(Metric.COPIES_WRITTEN, provider=copy.provider.value, outcome=end)

    def _doubt(self, ours: Copy) -> None:
        """Have the copy done again: who wrote the record meanwhile does not know of our calls."""
        for _ in range(_DOUBT_TRIES):
            _, copies = self._events.with_copies(ours.event_id)
            theirs = next(each for each in copies if each.connection_id == ours.connection_id)
            try:
                self._events.save_copy(records.doubted(theirs))
            except LostRace:
                continue
            return
        raise LostRace(f"others keep writing the copies of {ours.event_id}; ask again later")

    def _outcome(self, task: Task, *, now: datetime) -> Outcome:
        if task.is_gone:
            return records.still_removed(task)
        if task.connection is None:
            return records.disconnected(task)
        if not task.connection.is_active:
            return records.needs_reconnect(task, task.connection.last_error)
        try:
            return self._apply(task, task.connection, now=now)
        except ProviderFailure as error:
            return self._after(error, task, task.connection, now=now)
        except CalendarServiceError as error:
            # Our own fault, such as a key we may not use: mended from outside, so it is tried on.
            log.exception("copy not attempted", extra=_told(task))
            return self._later(task, ProviderUnavailable(error.message), now=now)

    def _after(
        self, error: ProviderFailure, task: Task, connection: Connection, *, now: datetime
    ) -> Outcome:
        match error:
            case CredentialDead():
                return self._dead(error, task, connection)
            case ProviderUnavailable():
                return self._later(task, error, now=now)
            case ProviderMisconfigured():
                return self._later(task, ProviderUnavailable(error.message), now=now)
            case CopyGone() if task.copy.ref is not None:
                # Kept before the create begins: were its answer lost, the old id would mislead.
                log.info("copy was gone", extra=_told(task))
                kept = self._events.save_copy(records.forgotten(task.copy))
                return self._outcome(replace(task, copy=kept), now=now)
            case _:
                return records.failed(task, error.message)

    def _apply(self, task: Task, connection: Connection, *, now: datetime) -> Outcome:
        if task.content is None:
            self._write(partial(_remove, task), connection)
            return records.removed(task, now=now)
        ref = task.copy.ref
        if ref is None or not task.is_written:
            ref = self._write(partial(_put, task, task.content), connection)
        return records.synced(task, task.content, ref, now=now)

    def _write(self, work: Callable[[CalendarProvider, Account], T], connection: Connection) -> T:
        """Do the work with a good token, while nobody else writes to that calendar."""
        provider = self._providers.get(connection.provider)
        with self._turns.of(connection):
            return self._tokens.use(connection, partial(work, provider))

    def _dead(self, error: CredentialDead, task: Task, connection: Connection) -> Outcome:
        present = _connection(self._people.person(connection.user_id), connection.id)
        if present and not present.is_active:
            return records.needs_reconnect(task, present.last_error)
        # Reconnected or removed while we called: the next try finds out which.
        return records.held_up(task, error.message, wait=_AT_ONCE, unsettled=False, not_before=None)

    def _later(self, task: Task, error: ProviderUnavailable, *, now: datetime) -> Outcome:
        doublings = min(task.copy.attempts - 1, _MOST_DOUBLINGS)
        wait = self._jitter(min(_FIRST_WAIT * 2**doublings, _LONGEST_WAIT))
        floor = error.retry_after
        return records.held_up(
            task,
            error.message,
            wait=max(wait, floor or _AT_ONCE),
            unsettled=error.unsettled,
            not_before=now + floor if floor else None,
        )


def _connection(person: Person, connection_id: str) -> Connection | None:
    return next((each for each in person.connections if each.id == connection_id), None)


def _put(task: Task, content: CopyContent, provider: CalendarProvider, account: Account) -> CopyRef:
    if task.copy.ref is None:
        return provider.create_copy(account, content, timeout=WRITE_TIMEOUT)
    return provider.update_copy(account, task.copy.ref, content, timeout=WRITE_TIMEOUT)


def _remove(task: Task, provider: CalendarProvider, account: Account) -> None:
    key = copy_key(task.event.id, account.connection.id)
    try:
        provider.delete_copy(account, task.copy.ref, key=key, timeout=WRITE_TIMEOUT)
    except CopyGone:
        log.info("copy was gone already", extra=_told(task))


def _told(task: Task) -> dict[str, str]:
    return {"event_id": task.event.id, "connection_id": task.copy.connection_id}
