"""Make calendars match an event. The workers compare states; they carry no change messages.

However often runs repeat, overlap or come late, they end with the same result: each stored copy,
and each calendar that should have one, is brought to the current version of the event.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from shared.domain import copy_steps
from shared.domain.connection import Connection
from shared.domain.copy import Copy
from shared.domain.copy_content import copy_content, target_calendars
from shared.domain.copy_steps import CopyOutcome, CopyTask
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.domain.person import Person
from shared.domain.retry import LONGEST_WAIT, SHORTEST_WAIT, Pause, retry_lost_races
from shared.parallel import together
from shared.ports import Bookings, EventStore, Meter, Metric, PeopleStore
from shared.usecases.copies.copy_writer import CopyWriter
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.invite_sync import InviteSync

log = logging.getLogger(__name__)


class CopySync:
    """Reconciles the calendar copies of one event at a time, then its mail.

    `pause` waits before try number n of a write that lost a race.
    """

    def __init__(
        self,
        *,
        events: EventStore,
        bookings: Bookings,
        people: PeopleStore,
        writer: CopyWriter,
        audiences: AudienceReader,
        invite_sync: InviteSync,
        pause: Pause,
        meter: Meter,
    ) -> None:
        self._events = events
        self._bookings = bookings
        self._people = people
        self._writer = writer
        self._audiences = audiences
        self._invite_sync = invite_sync
        self._pause = pause
        self._meter = meter

    def reconcile(self, event_id: str, *, now: datetime) -> timedelta | None:
        """Bring copies and mail up to date; return when to run again, None when all are done.

        Mail comes last: participants without a calendar that accepts copies get mail instead. It
        is sent even if the step before it raises.
        """
        try:
            run = self._reconcile_copies(event_id, now=now)
        except Exception:
            self._invite_sync.reconcile(event_id, now=now)
            raise
        if run is None:
            log.warning("event not found", extra={"event_id": event_id})
            self._invite_sync.mark_guests_synced(event_id)
            return None
        mail = self._invite_sync.reconcile(event_id, now=now)
        # The copies of a user who has moved to mail are removed in the next run, after the mail
        # was recorded, so that a crash in between leaves the user with one of the two.
        has_moved = not run.users.isdisjoint(mail.new_users)
        waits = (run.wait, mail.wait, SHORTEST_WAIT if has_moved else None)
        wait = min((wait for wait in waits if wait is not None), default=None)
        if wait is None:
            self._events.mark_synced(event_id, run.version)
            self._invite_sync.mark_synced(mail)
        return wait

    def _reconcile_copies(self, event_id: str, *, now: datetime) -> "_CopyRun | None":
        """Bring every copy up to date, independently of the others; None if there is no event."""
        hold_wait = self._release_stale_holds(event_id)
        event, copies = self._events.find_with_copies(event_id)
        if event is None:
            return None
        tasks = self._tasks(event, copies, now=now)
        waits = together([partial(self._run, task, now=now) for task in tasks if task.is_due])
        return _CopyRun(
            version=event.version,
            users=frozenset(task.copy.user_id for task in tasks),
            wait=min((wait for wait in (*waits, hold_wait) if wait is not None), default=None),
        )

    def _release_stale_holds(self, event_id: str) -> timedelta | None:
        try:
            self._bookings.release_stale_holds(event_id)
        except LostRace:
            return SHORTEST_WAIT
        return None

    def _tasks(self, event: Event, copies: Sequence[Copy], *, now: datetime) -> list[CopyTask]:
        """Return a task for each stored copy and each calendar that should have one."""
        persons = self._persons(event, copies)
        on_mail = self._audiences.mailed(event, persons)
        targets = target_calendars(event, persons, on_mail=on_mail)
        by_connection = {copy.connection_id: copy for copy in copies}
        for connection in targets.values():
            new = copy_steps.new_copy(event, connection, now=now)
            by_connection.setdefault(connection.id, new)
        return [
            CopyTask(
                event=event,
                copy=copy,
                before=copy,
                connection=_connection_of(copy, persons),
                content=copy_content(event, copy.connection_id)
                if copy.connection_id in targets
                else None,
                on_mail=copy.user_id in on_mail,
            )
            for copy in by_connection.values()
        ]

    def _persons(self, event: Event, copies: Sequence[Copy]) -> dict[str, Person]:
        users = dict.fromkeys((*event.participants, *(copy.user_id for copy in copies)))
        persons = together([partial(self._people.person, user) for user in users])
        return {person.user_id: person for person in persons}

    def _run(self, task: CopyTask, *, now: datetime) -> timedelta | None:
        """Work on one copy; return how long to wait before the next try, None when it is done.

        An unforeseen error, of the calendar or of the copy's record, is retried with back-off.
        """
        try:
            return self._attempt(task, now=now)
        except (LostRace, MemoryError):
            raise  # the message fails, after the other copies and the mail
        except Exception as error:  # noqa: BLE001 - no copy may affect the others
            self._writer.report(error, task.copy)
            self._count(task.copy, "later")
            return self._writer.wait_after(task.copy)

    def _attempt(self, task: CopyTask, *, now: datetime) -> timedelta | None:
        if task.copy.not_before and task.copy.not_before > now:
            return task.copy.not_before - now
        if task.connection and task.connection.is_unavailable:
            # A newer version wrote the record with its provider's name, so leave it unchanged.
            log.warning(
                "copy postponed: connection unavailable",
                extra={"event_id": task.event.id, "connection_id": task.connection.id},
            )
            return LONGEST_WAIT
        try:
            claim = self._events.save_copy(copy_steps.start_attempt(task, now=now))
        except LostRace:
            return SHORTEST_WAIT
        try:
            outcome = self._writer.write(replace(task, copy=claim), now=now)
            self._events.save_copy(outcome.copy)
        except LostRace:
            self._mark_stale(claim)
            return SHORTEST_WAIT
        self._report(outcome)
        return outcome.wait

    def _mark_stale(self, copy: Copy) -> None:
        """Have the copy written again: the record's other writer does not know of our calls."""

        def attempt() -> None:
            _, copies = self._events.find_with_copies(copy.event_id)
            stored = next(each for each in copies if each.connection_id == copy.connection_id)
            self._events.save_copy(copy_steps.mark_stale(stored))

        error = LostRace(
            f"Too many concurrent writes to the copies of {copy.event_id}. Retry later."
        )
        retry_lost_races(attempt, pause=self._pause, error=error)

    def _report(self, outcome: CopyOutcome) -> None:
        copy = outcome.copy
        state = copy.state.value.lower() if outcome.wait is None else "later"
        fields = {"event_id": copy.event_id, "connection_id": copy.connection_id}
        log.info("copy reconciled", extra={**fields, "outcome": state, "reason": copy.error})
        self._count(copy, state)

    def _count(self, copy: Copy, outcome: str) -> None:
        self._meter.count(Metric.COPIES_WRITTEN, provider=copy.provider.value, outcome=outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CopyRun:
    """The result of the copies of one event: its version, whose calendars, and the next run."""

    version: int
    users: frozenset[str]
    wait: timedelta | None


def _connection_of(copy: Copy, persons: dict[str, Person]) -> Connection | None:
    connections = persons[copy.user_id].connections
    return next((each for each in connections if each.id == copy.connection_id), None)
