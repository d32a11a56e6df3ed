"""Write one copy to its calendar, and translate a provider's errors into the copy's next state."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from shared.domain import copy_steps
from shared.domain.connection import CallKind, Connection, ProblemCode
from shared.domain.copy import Copy, CopyContent, CopyRef, copy_key
from shared.domain.copy_steps import CopyOutcome, CopyTask
from shared.domain.errors import (
    CalendarServiceError,
    CallPostponed,
    CopyGone,
    CredentialInvalid,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
)
from shared.domain.retry import FIRST_WAIT, SHORTEST_WAIT, next_wait
from shared.ports import (
    Account,
    CalendarProvider,
    CalendarProviders,
    EventStore,
    Meter,
    PeopleStore,
)
from shared.usecases.accounts.faults import ConnectionWork, report_unforeseen
from shared.usecases.accounts.tokens import Tokens
from shared.usecases.copies.write_lock import WriteLock

WRITE_TIMEOUT = timedelta(seconds=10)
_SPREAD = timedelta(seconds=5)
_LONGEST_SPREAD = timedelta(seconds=30)
_MOST_DOUBLINGS = 16
_TRIES_WITHOUT_MAILBOX = 20

T = TypeVar("T")
log = logging.getLogger(__name__)


class CopyWriter:
    """Creates, updates and removes copies.

    `jitter` returns a random duration between zero and its argument.
    """

    def __init__(
        self,
        *,
        events: EventStore,
        people: PeopleStore,
        providers: CalendarProviders,
        tokens: Tokens,
        write_lock: WriteLock,
        jitter: Callable[[timedelta], timedelta],
        meter: Meter,
    ) -> None:
        self._events = events
        self._people = people
        self._providers = providers
        self._tokens = tokens
        self._write_lock = write_lock
        self._jitter = jitter
        self._meter = meter

    def write(self, task: CopyTask, *, now: datetime) -> CopyOutcome:
        """Make the calendar hold the content of the task; return the copy to save.

        A provider's failure is a state of the copy, not an exception. So is an unforeseen error.

        Raises:
            LostRace: when the copy's record has changed meanwhile.
        """
        if task.is_gone:
            return copy_steps.mark_still_removed(task)
        if task.connection is None:
            return copy_steps.mark_disconnected(task)
        if not task.connection.is_active:
            return copy_steps.mark_reconnect_required(task, task.connection.error_message)
        return self._attempt(task, task.connection, now=now)

    def report(self, error: Exception, copy: Copy) -> None:
        """Log and count an unforeseen error of this copy."""
        report_unforeseen(
            error,
            ConnectionWork.COPY,
            meter=self._meter,
            connection_id=copy.connection_id,
            event_id=copy.event_id,
            provider=copy.provider.value,
        )

    def wait_after(self, copy: Copy, *, at_least: timedelta | None = None) -> timedelta:
        """Return how long to wait after a failed attempt; the wait doubles with each attempt."""
        doublings = min(max(copy.attempts - 1, 0), _MOST_DOUBLINGS)
        return next_wait(FIRST_WAIT * 2**doublings, jitter=self._jitter, at_least=at_least)

    def suspension(self, task: CopyTask, *, now: datetime) -> timedelta | None:
        """Return how long the copy waits for a suspended connection, None if it can be written."""
        outage = task.connection.write_outage if task.connection else None
        until = outage.suspended_until if outage else None
        if task.is_gone or until is None or until <= now:
            return None
        return self._wait_until_free(until - now)

    def _wait_until_free(self, wait: timedelta) -> timedelta:
        """Return a longer wait, so that not all copies of a calendar are written at its end."""
        return wait + self._jitter(min(max(wait, _SPREAD), _LONGEST_SPREAD))

    def _attempt(self, task: CopyTask, connection: Connection, *, now: datetime) -> CopyOutcome:
        try:
            return self._apply(task, connection, now=now)
        except ProviderFailure as error:
            return self._after_failure(error, task, connection, now=now)
        except CalendarServiceError as error:
            # A fault of this stack, such as a missing right to the key. It can be fixed from
            # outside, so keep retrying.
            log.exception("copy not attempted", extra=_log_fields(task))
            return self._retry_later(task, ProviderUnavailable(error.message), now=now)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - no calendar may affect the others
            self.report(error, task.copy)
            return self._retry_later(task, _unforeseen(), now=now)

    def _apply(self, task: CopyTask, connection: Connection, *, now: datetime) -> CopyOutcome:
        content = task.content
        if content is None:
            self._call(partial(_remove, task), connection)
            return copy_steps.mark_removed(task, now=now)
        if task.is_misplaced:
            task = self._removed_from_old_calendar(task, connection)
        ref = task.copy.ref
        if ref is None or not task.is_written:
            ref = self._call(partial(_put, task, content), connection)
        return copy_steps.mark_synced(task, content, ref, now=now)

    def _removed_from_old_calendar(self, task: CopyTask, connection: Connection) -> CopyTask:
        """Remove the entry from the calendar that the connection used before."""
        try:
            self._call(partial(_remove, task), connection)
        except ProviderRejected as error:
            # That calendar no longer exists, or its owner has to delete the entry.
            log.info("copy left in its old calendar", extra=_log_fields(task, reason=error.message))
        copy = self._events.save_copy(copy_steps.without_entry(task.copy))
        return replace(task, copy=copy)

    def _call(
        self, work: Callable[[CalendarProvider, Account, timedelta], T], connection: Connection
    ) -> T:
        """Run `work` with a valid access token while holding the calendar's write lock."""
        provider = self._providers.get(connection.provider)
        with self._write_lock.of(connection):
            return self._tokens.call(
                connection, partial(work, provider), kind=CallKind.WRITE, timeout=WRITE_TIMEOUT
            )

    def _after_failure(
        self, error: ProviderFailure, task: CopyTask, connection: Connection, *, now: datetime
    ) -> CopyOutcome:
        match error:
            case CredentialInvalid():
                return self._after_invalid_credential(error, task, connection)
            case CallPostponed():
                wait = self._wait_until_free(error.wait)
                return copy_steps.postpone(task, error.message, wait=wait)
            case ProviderUnavailable():
                return self._retry_later(task, error, now=now)
            case ProviderMisconfigured() | ProviderRejected() if _may_recover(error, task):
                return self._retry_later(task, ProviderUnavailable(error.message), now=now)
            case CopyGone() if task.copy.ref is not None:
                # Save the record without the old id before creating: if the response of the
                # create were lost, the next run would update an entry that does not exist.
                log.info("copy deleted in the calendar", extra=_log_fields(task))
                copy = self._events.save_copy(copy_steps.without_entry(task.copy))
                return self.write(replace(task, copy=copy), now=now)
            case _:
                return copy_steps.mark_failed(task, error.message)

    def _after_invalid_credential(
        self, error: CredentialInvalid, task: CopyTask, connection: Connection
    ) -> CopyOutcome:
        connections = self._people.person(connection.user_id).connections
        current = next((each for each in connections if each.id == connection.id), None)
        if current and not current.is_active:
            return copy_steps.mark_reconnect_required(task, current.error_message)
        # The user reconnected or disconnected the calendar during the call; the next run sees
        # which.
        return copy_steps.retry_later(
            task, error.message, wait=SHORTEST_WAIT, unsettled=False, not_before=None
        )

    def _retry_later(
        self, task: CopyTask, error: ProviderUnavailable, *, now: datetime
    ) -> CopyOutcome:
        retry_after = error.retry_after
        return copy_steps.retry_later(
            task,
            error.message,
            wait=self.wait_after(task.copy, at_least=retry_after),
            unsettled=error.unsettled,
            not_before=now + retry_after if retry_after else None,
        )


def _may_recover(error: ProviderMisconfigured | ProviderRejected, task: CopyTask) -> bool:
    """Return whether to retry: while a mailbox is moved, Exchange says that it does not exist."""
    if isinstance(error, ProviderMisconfigured):
        return True
    is_disabled = error.problem is ProblemCode.CALENDAR_DISABLED
    return is_disabled and task.copy.attempts <= _TRIES_WITHOUT_MAILBOX


def _unforeseen() -> ProviderUnavailable:
    # The provider may have executed the request before the error.
    return ProviderUnavailable(
        "An unforeseen error occurred while writing to this calendar; it is retried.",
        unsettled=True,
    )


def _put(
    task: CopyTask,
    content: CopyContent,
    provider: CalendarProvider,
    account: Account,
    timeout: timedelta,
) -> CopyRef:
    if task.copy.ref is None:
        return provider.create_copy(account, content, timeout=timeout)
    return provider.update_copy(account, task.copy.ref, content, timeout=timeout)


def _remove(
    task: CopyTask, provider: CalendarProvider, account: Account, timeout: timedelta
) -> None:
    key = copy_key(task.event.id, account.connection.id)
    if task.copy.calendar_id is not None:
        place = replace(account.connection, calendar_id=task.copy.calendar_id)
        account = replace(account, connection=place)
    try:
        provider.delete_copy(account, task.copy.ref, key=key, timeout=timeout)
    except CopyGone:
        log.info("copy already deleted in the calendar", extra=_log_fields(task))


def _log_fields(task: CopyTask, **more: str) -> dict[str, str]:
    return {"event_id": task.event.id, "connection_id": task.copy.connection_id, **more}
