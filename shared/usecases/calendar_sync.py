"""Making calendars match an event: desired state, not messages.

Any number of runs, late, repeated or side by side, end the same: each copy on record, and each
calendar that should have one, is brought to the event's present version.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from shared.domain.connection import Connection, ConnectionStatus
from shared.domain.copy import Copy, CopyRef, CopyState, copy_key
from shared.domain.errors import (
    CopyGone,
    CredentialDead,
    LostRace,
    ProviderFailure,
    ProviderUnavailable,
)
from shared.domain.event import Event
from shared.domain.person import Person
from shared.ports import (
    Account,
    Bookings,
    CalendarProvider,
    EventStore,
    PeopleStore,
    Providers,
    Vault,
)
from shared.usecases.calendars import open_account
from shared.usecases.copies import content_of, wanted
from shared.usecases.parallel import together

WRITE_TIMEOUT = timedelta(seconds=10)
SETTLE = timedelta(minutes=2)
"""How long a request that timed out may still be carried out by the provider."""

_AT_ONCE = timedelta(seconds=1)
_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=15)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """One calendar to bring in line; `connection` is None when the user has disconnected it."""

    event: Event
    copy: Copy
    connection: Connection | None
    wanted: bool


class CalendarSync:
    """Reconciles the copies of one event at a time.

    `jitter` draws a wait between nothing and what it is given.
    """

    def __init__(
        self,
        *,
        events: EventStore,
        bookings: Bookings,
        people: PeopleStore,
        providers: Providers,
        vault: Vault,
        jitter: Callable[[timedelta], timedelta],
    ) -> None:
        self._events = events
        self._bookings = bookings
        self._people = people
        self._providers = providers
        self._vault = vault
        self._jitter = jitter

    def reconcile(self, event_id: str, *, now: datetime) -> timedelta | None:
        """Bring every copy in line and return when to come back, or None when all are settled."""
        self._bookings.settle_holds(event_id)
        event, copies = self._events.with_copies(event_id)
        if event is None:
            log.warning("no such event", extra={"event_id": event_id})
            return None
        tasks = self._tasks(event, copies, now=now)
        waits = together([partial(self._run, task, now) for task in tasks]) if tasks else []
        return min((wait for wait in waits if wait is not None), default=None)

    def _tasks(self, event: Event, copies: Sequence[Copy], *, now: datetime) -> list[_Task]:
        users = dict.fromkeys((*event.participants, *(each.user_id for each in copies)))
        persons = {
            each.user_id: each
            for each in together([partial(self._people.person, user) for user in users])
        }
        targets = wanted(event, persons)
        known = {each.connection_id: each for each in copies}
        for connection in targets.values():
            known.setdefault(connection.id, _new_copy(event, connection, now=now))
        return [
            _Task(
                event=event,
                copy=copy,
                connection=_connection(persons[copy.user_id], copy.connection_id),
                wanted=copy.connection_id in targets,
            )
            for copy in known.values()
            if copy.state_for(event.version) is CopyState.PENDING
        ]

    def _run(self, task: _Task, now: datetime) -> timedelta | None:
        """Work on one copy to an end, or return how long to wait before the next try."""
        try:
            claimed = self._events.save_copy(_claimed(task, now=now))
            outcome = self._outcome(replace(task, copy=claimed), now=now)
            self._events.save_copy(outcome.copy)
        except LostRace:
            return _AT_ONCE
        return outcome.wait

    def _outcome(self, task: _Task, *, now: datetime) -> "_Outcome":
        if task.connection is None:
            return _Outcome(_without_connection(task))
        if not task.connection.is_active:
            return _Outcome(_needs_reconnect(task, task.connection.last_error))
        try:
            done = self._apply(task, task.connection)
        except CredentialDead as error:
            self._people.mark_connection(
                task.connection, ConnectionStatus.RECONNECT_REQUIRED, error=error.message
            )
            return _Outcome(_needs_reconnect(task, error.message))
        except ProviderUnavailable as error:
            return self._later(task, error, now=now)
        except ProviderFailure as error:
            return _Outcome(replace(task.copy, state=CopyState.FAILED, error=error.message))
        return self._unless_unsettled(done, now=now)

    def _apply(self, task: _Task, connection: Connection) -> Copy:
        provider = self._providers.get(connection.provider)
        account = open_account(self._vault, connection)
        if task.wanted:
            return _write(provider, account, task)
        return _remove(provider, account, task)

    def _later(self, task: _Task, error: ProviderUnavailable, *, now: datetime) -> "_Outcome":
        copy = task.copy
        wait = self._jitter(min(_FIRST_WAIT * 2 ** min(copy.attempts, 16), _LONGEST_WAIT))
        may_land = error.unsettled and task.wanted
        unsettled = now + SETTLE if may_land else copy.unsettled_until
        held = replace(copy, error=error.message, unsettled_until=unsettled)
        return _Outcome(held, max(wait, error.retry_after or _AT_ONCE))

    def _unless_unsettled(self, copy: Copy, *, now: datetime) -> "_Outcome":
        """A removal is final only when no earlier create can still land."""
        until = copy.unsettled_until
        if copy.state is CopyState.REMOVED and until and until > now:
            return _Outcome(replace(copy, state=CopyState.PENDING), until - now)
        return _Outcome(replace(copy, unsettled_until=None))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A copy after a piece of work; `wait` when it must be worked on again."""

    copy: Copy
    wait: timedelta | None = None


def _new_copy(event: Event, connection: Connection, *, now: datetime) -> Copy:
    return Copy(
        event_id=event.id,
        connection_id=connection.id,
        user_id=connection.user_id,
        provider=connection.provider,
        updated_at=now,
    )


def _connection(person: Person, connection_id: str) -> Connection | None:
    return next((each for each in person.connections if each.id == connection_id), None)


def _claimed(task: _Task, *, now: datetime) -> Copy:
    """The record as written before the first call: whoever dies now leaves a trace."""
    fresh = task.copy.desired_version != task.event.version
    return replace(
        task.copy,
        state=CopyState.PENDING,
        desired_version=task.event.version,
        attempts=1 if fresh else task.copy.attempts + 1,
        error=None if fresh else task.copy.error,
        updated_at=now,
    )


def _without_connection(task: _Task) -> Copy:
    """Nothing can be done in a calendar that was disconnected; what it holds, stays."""
    if task.copy.applied_version == 0:
        return replace(task.copy, state=CopyState.REMOVED, error=None)
    return replace(
        task.copy,
        state=CopyState.FAILED,
        error="The calendar was disconnected; its copy stays as it was.",
    )


def _needs_reconnect(task: _Task, reason: str | None) -> Copy:
    return replace(task.copy, state=CopyState.RECONNECT_REQUIRED, error=reason)


def _write(provider: CalendarProvider, account: Account, task: _Task) -> Copy:
    content = content_of(task.event, account.connection.id)
    if task.copy.ref is None or task.copy.applied_digest != content.digest:
        ref = _put(provider, account, task)
    else:
        ref = task.copy.ref
    return replace(
        task.copy,
        state=CopyState.SYNCED,
        applied_version=task.event.version,
        applied_digest=content.digest,
        ref=ref,
        error=None,
    )


def _put(provider: CalendarProvider, account: Account, task: _Task) -> CopyRef:
    content = content_of(task.event, account.connection.id)
    if task.copy.ref is not None:
        try:
            return provider.update_copy(account, task.copy.ref, content, timeout=WRITE_TIMEOUT)
        except CopyGone:
            log.info("copy was gone", extra={"event_id": task.event.id})
    return provider.create_copy(account, content, timeout=WRITE_TIMEOUT)


def _remove(provider: CalendarProvider, account: Account, task: _Task) -> Copy:
    key = copy_key(task.event.id, account.connection.id)
    try:
        provider.delete_copy(account, task.copy.ref, key=key, timeout=WRITE_TIMEOUT)
    except CopyGone:
        log.info("copy was gone already", extra={"event_id": task.event.id})
    return replace(
        task.copy,
        state=CopyState.REMOVED,
        applied_version=0,
        applied_digest=None,
        ref=None,
        error=None,
    )
