"""Make calendars match an event. The workers compare states; they carry no change messages.

However often runs repeat, overlap or come late, they end with the same result: each stored copy,
and each calendar that should have one, is brought to the current version of the event.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
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

        Mail comes last: participants without a calendar that accepts copies get mail instead.
        """
        hold_wait = self._release_stale_holds(event_id)
        event, copies = self._events.find_with_copies(event_id)
        if event is None:
            log.warning("event not found", extra={"event_id": event_id})
            self._invite_sync.mark_guests_synced(event_id)
            return None
        tasks = self._tasks(event, copies, now=now)
        waits = together([partial(self._run, task, now=now) for task in tasks if task.is_due])
        mail = self._invite_sync.reconcile(event_id, now=now)
        # The copies of a user who has moved to mail are removed in the next run, after the mail
        # was recorded, so that a crash in between leaves the user with one of the two.
        has_moved = any(task.copy.user_id in mail.new_users for task in tasks)
        waits += [hold_wait, mail.wait, SHORTEST_WAIT if has_moved else None]
        wait = min((wait for wait in waits if wait is not None), default=None)
        if wait is None:
            self._events.mark_synced(event.id, event.version)
            self._invite_sync.mark_synced(mail)
        return wait

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
        """Work on one copy; return how long to wait before the next try, None when it is done."""
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
        self._meter.count(Metric.COPIES_WRITTEN, provider=copy.provider.value, outcome=state)


def _connection_of(copy: Copy, persons: dict[str, Person]) -> Connection | None:
    connections = persons[copy.user_id].connections
    return next((each for each in connections if each.id == copy.connection_id), None)
