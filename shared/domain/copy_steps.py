"""The transitions of the record of a copy, as pure functions."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.connection import Connection
from shared.domain.copy import Copy, CopyContent, CopyRef, CopyState
from shared.domain.event import Event

UNSETTLED_FOR = timedelta(minutes=2)
"""How long after its start the provider may still execute a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyTask:
    """One calendar to reconcile with an event.

    `copy` is the current record, `before` the record when the reconciliation started. `content` is
    the desired content of the copy, None for no copy. `connection` is None when the user has
    disconnected it. `on_mail` is true when the user gets mail instead of a copy.
    """

    event: Event
    copy: Copy
    before: Copy
    connection: Connection | None
    content: CopyContent | None
    on_mail: bool = False

    @property
    def is_reachable(self) -> bool:
        """Whether the calendar can be called at all."""
        return self.connection is not None and self.connection.is_active

    @property
    def is_due(self) -> bool:
        """Whether there is work: a pending or left-over copy, or a connection that works again."""
        state = self.copy.state_for(self.event.version)
        is_open = state is CopyState.PENDING or self.is_left_over or self.is_misplaced
        return self.is_reconnected or is_open

    @property
    def is_reconnected(self) -> bool:
        """Whether the calendar has been connected since the copy could not be written."""
        state = self.copy.state_for(self.event.version)
        if state is CopyState.RECONNECT_REQUIRED:
            return self.is_reachable
        connected_at = self.connection.connected_at if self.connection else None
        is_newer = connected_at is not None and connected_at > self.copy.updated_at
        return state is CopyState.FAILED and self.is_reachable and is_newer

    @property
    def is_left_over(self) -> bool:
        """Whether the calendar may still have a copy although its user now gets mail."""
        may_exist = self.copy.ref is not None or self.copy.unsettled_until is not None
        is_final = self.copy.state in {CopyState.SYNCED, CopyState.FAILED}
        return self.on_mail and self.is_reachable and may_exist and is_final

    @property
    def is_misplaced(self) -> bool:
        """Whether the entry is in another calendar of the account than the connection's own."""
        may_exist = self.copy.ref is not None or self.copy.unsettled_until is not None
        if self.connection is None or not self.is_reachable or not may_exist:
            return False
        return self.copy.calendar_id not in (None, self.connection.calendar_id)

    @property
    def is_written(self) -> bool:
        """Whether the calendar is known to have the content already."""
        if self.content is None or self.copy.ref is None or self.is_misplaced:
            return False
        return self.copy.applied_digest == self.content.digest

    @property
    def is_gone(self) -> bool:
        """Whether the copy should not exist and an earlier removal was final."""
        return self.content is None and self.before.state is CopyState.REMOVED


@dataclass(frozen=True, slots=True)
class CopyOutcome:
    """The record after a reconciliation; `wait` is the time until the next one, if needed."""

    copy: Copy
    wait: timedelta | None = None


def new_copy(event: Event, connection: Connection, *, now: datetime) -> Copy:
    """Return the record of a copy still to be created."""
    return Copy(
        event_id=event.id,
        connection_id=connection.id,
        user_id=connection.user_id,
        provider=connection.provider,
        updated_at=now,
    )


def start_attempt(task: CopyTask, *, now: datetime) -> Copy:
    """Return the record to store before the first call, so that a crash leaves a trace.

    It says that the content of the calendar is unknown and that a create may be under way.
    """
    copy, is_first = task.copy, task.copy.desired_version != task.event.version
    writes = task.content is not None and not task.is_written
    may_exist = copy.ref is not None or copy.unsettled_until is not None
    here = task.connection.calendar_id if task.connection else None
    return replace(
        copy,
        state=CopyState.PENDING,
        desired_version=task.event.version,
        applied_digest=copy.applied_digest if task.is_written else None,
        attempts=1 if is_first else copy.attempts + 1,
        calendar_id=copy.calendar_id if may_exist else here,
        error=None if is_first else copy.error,
        unsettled_until=now + UNSETTLED_FOR if writes else copy.unsettled_until,
        not_before=None,
        updated_at=now,
    )


def mark_stale(copy: Copy) -> Copy:
    """Return the record another worker wrote while we called the provider, as pending again."""
    return replace(copy, state=CopyState.PENDING, applied_digest=None)


def without_entry(copy: Copy) -> Copy:
    """Return the record after the provider reported that the copy no longer exists."""
    return replace(copy, applied_version=0, applied_digest=None, ref=None)


def mark_synced(
    task: CopyTask, content: CopyContent, ref: CopyRef, *, now: datetime
) -> CopyOutcome:
    """Return the outcome of a write: the calendar has the content.

    An earlier create that the provider may still execute has the same key and is harmless now, but
    a later removal must wait for it, so `unsettled_until` stays.
    """
    return CopyOutcome(
        replace(
            task.copy,
            state=CopyState.SYNCED,
            applied_version=task.event.version,
            applied_digest=content.digest,
            ref=ref,
            calendar_id=task.connection.calendar_id if task.connection else None,
            error=None,
            unsettled_until=_unsettled_after(task.before, now=now),
        )
    )


def mark_removed(task: CopyTask, *, now: datetime) -> CopyOutcome:
    """Return the outcome of a removal, which is final once no earlier create can still execute."""
    until = _unsettled_after(task.before, now=now)
    copy = replace(without_entry(task.copy), error=None, unsettled_until=until)
    if until:
        return CopyOutcome(copy, until - now)
    return CopyOutcome(replace(copy, state=CopyState.REMOVED))


def mark_still_removed(task: CopyTask) -> CopyOutcome:
    """Return the outcome when there is no copy and none has been written since."""
    return CopyOutcome(replace(task.copy, state=CopyState.REMOVED, error=None))


def mark_disconnected(task: CopyTask) -> CopyOutcome:
    """Return the outcome for a disconnected calendar: a copy in it stays there."""
    copy = task.copy
    if copy.ref is None and copy.unsettled_until is None:
        return mark_still_removed(task)
    reason = "The calendar was disconnected; its copy stays unchanged."
    return CopyOutcome(replace(copy, state=CopyState.FAILED, error=reason))


def mark_reconnect_required(task: CopyTask, reason: str | None) -> CopyOutcome:
    """Return the outcome when the user must reconnect the calendar."""
    return CopyOutcome(
        replace(
            task.copy,
            state=CopyState.RECONNECT_REQUIRED,
            error=reason,
            unsettled_until=task.before.unsettled_until,
        )
    )


def mark_failed(task: CopyTask, reason: str) -> CopyOutcome:
    """Return the outcome of a permanent rejection by the provider."""
    return CopyOutcome(
        replace(
            task.copy,
            state=CopyState.FAILED,
            error=reason,
            unsettled_until=task.before.unsettled_until,
        )
    )


def retry_later(
    task: CopyTask,
    reason: str | None,
    *,
    wait: timedelta,
    unsettled: bool,
    not_before: datetime | None,
) -> CopyOutcome:
    """Return the outcome of a transient failure: retry after `wait`, not before `not_before`."""
    until = task.copy.unsettled_until if unsettled else task.before.unsettled_until
    copy = replace(task.copy, error=reason, unsettled_until=until, not_before=not_before)
    return CopyOutcome(copy, wait)


def postpone(task: CopyTask, reason: str, *, wait: timedelta) -> CopyOutcome:
    """Return the outcome of an attempt without a call: it does not count."""
    copy = replace(
        task.copy,
        attempts=max(task.copy.attempts - 1, 0),
        error=reason,
        unsettled_until=task.before.unsettled_until,
    )
    return CopyOutcome(copy, wait)


def _unsettled_after(before: Copy, *, now: datetime) -> datetime | None:
    until = before.unsettled_until
    return until if until and until > now else None
