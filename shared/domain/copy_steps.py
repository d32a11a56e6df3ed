"""What becomes of the record of a copy: pure steps between one state of it and the next."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.connection import Connection
from shared.domain.copy import Copy, CopyContent, CopyRef, CopyState
from shared.domain.event import Event

SETTLE = timedelta(minutes=2)
"""How long after it was begun a call may still be carried out by the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One calendar to bring in line with an event.

    `copy` is the record as it is now, `before` as this piece of work found it. `content` is what
    the calendar should say, None for nothing. `connection` is None when the user has disconnected
    it. `on_mail` tells that its user gets mail instead.
    """

    event: Event
    copy: Copy
    before: Copy
    connection: Connection | None
    content: CopyContent | None
    on_mail: bool = False

    @property
    def is_reachable(self) -> bool:
        """Whether the calendar can be asked at all."""
        return self.connection is not None and self.connection.is_active

    @property
    def is_due(self) -> bool:
        """Whether there is work: something is unfinished, or what stood in the way is gone."""
        state = self.copy.state_for(self.event.version)
        mended = state is CopyState.RECONNECT_REQUIRED and self.is_reachable
        return mended or state is CopyState.PENDING or self.is_left_over

    @property
    def is_left_over(self) -> bool:
        """Whether the calendar may hold a copy beside the mail its user has been moved to."""
        may_hold = self.copy.ref is not None or self.copy.unsettled_until is not None
        settled = self.copy.state in {CopyState.SYNCED, CopyState.FAILED}
        return self.on_mail and self.is_reachable and may_hold and settled

    @property
    def is_written(self) -> bool:
        """Whether the calendar is sure to hold the content already."""
        if self.content is None or self.copy.ref is None:
            return False
        return self.copy.applied_digest == self.content.digest

    @property
    def is_gone(self) -> bool:
        """Whether the calendar should hold nothing, and an earlier removal was final."""
        return self.content is None and self.before.state is CopyState.REMOVED


@dataclass(frozen=True, slots=True)
class Outcome:
    """A copy after a piece of work; `wait` when it must be worked on again."""

    copy: Copy
    wait: timedelta | None = None


def new_copy(event: Event, connection: Connection, *, now: datetime) -> Copy:
    """Return the record of a copy still to be made."""
    return Copy(
        event_id=event.id,
        connection_id=connection.id,
        user_id=connection.user_id,
        provider=connection.provider,
        updated_at=now,
    )


def claimed(task: Task, *, now: datetime) -> Copy:
    """Return the record as written before the first call: whoever dies now leaves a trace.

    From then on nothing is sure about what the calendar says, and a create may be under way.
    """
    copy, fresh = task.copy, task.copy.desired_version != task.event.version
    writes = task.content is not None and not task.is_written
    return replace(
        copy,
        state=CopyState.PENDING,
        desired_version=task.event.version,
        applied_digest=copy.applied_digest if task.is_written else None,
        attempts=1 if fresh else copy.attempts + 1,
        error=None if fresh else copy.error,
        unsettled_until=now + SETTLE if writes else copy.unsettled_until,
        not_before=None,
        updated_at=now,
    )


def doubted(copy: Copy) -> Copy:
    """Return somebody else's record after our calls crossed theirs: all must be done again."""
    return replace(copy, state=CopyState.PENDING, applied_digest=None)


def forgotten(copy: Copy) -> Copy:
    """Return the record once the calendar has said that what we wrote is gone."""
    return replace(copy, applied_version=0, applied_digest=None, ref=None)


def synced(task: Task, content: CopyContent, ref: CopyRef, *, now: datetime) -> Outcome:
    """The calendar holds the content.

    An earlier create that may still be carried out does no harm now, as it carries the same key,
    but a removal must know of it.
    """
    return Outcome(
        replace(
            task.copy,
            state=CopyState.SYNCED,
            applied_version=task.event.version,
            applied_digest=content.digest,
            ref=ref,
            error=None,
            unsettled_until=_still_ahead(task.before, now=now),
        )
    )


def removed(task: Task, *, now: datetime) -> Outcome:
    """The calendar holds nothing; that is final only when no earlier create can still land."""
    until = _still_ahead(task.before, now=now)
    copy = replace(forgotten(task.copy), error=None, unsettled_until=until)
    if until:
        return Outcome(copy, until - now)
    return Outcome(replace(copy, state=CopyState.REMOVED))


def still_removed(task: Task) -> Outcome:
    """Nothing was there and nothing has been written since."""
    return Outcome(replace(task.copy, state=CopyState.REMOVED, error=None))


def disconnected(task: Task) -> Outcome:
    """Nothing can be done in a calendar that was disconnected; what it holds, stays."""
    copy = task.copy
    if copy.ref is None and copy.unsettled_until is None:
        return still_removed(task)
    reason = "The calendar was disconnected; its copy stays as it was."
    return Outcome(replace(copy, state=CopyState.FAILED, error=reason))


def needs_reconnect(task: Task, reason: str | None) -> Outcome:
    """Only the user can mend this, by reconnecting."""
    return Outcome(
        replace(
            task.copy,
            state=CopyState.RECONNECT_REQUIRED,
            error=reason,
            unsettled_until=task.before.unsettled_until,
        )
    )


def failed(task: Task, reason: str) -> Outcome:
    """The provider will not do it, however often it is asked."""
    return Outcome(
        replace(
            task.copy,
            state=CopyState.FAILED,
            error=reason,
            unsettled_until=task.before.unsettled_until,
        )
    )


def held_up(
    task: Task, reason: str | None, *, wait: timedelta, unsettled: bool, not_before: datetime | None
) -> Outcome:
    """It is worth another try after `wait`, and not at all before `not_before`."""
    until = task.copy.unsettled_until if unsettled else task.before.unsettled_until
    copy = replace(task.copy, error=reason, unsettled_until=until, not_before=not_before)
    return Outcome(copy, wait)


def _still_ahead(before: Copy, *, now: datetime) -> datetime | None:
    until = before.unsettled_until
    return until if until and until > now else None
