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
from shared.domain.copy import Copy, CopyState
from shared.domain.copy_content import copy_content, target_calendars
from shared.domain.copy_steps import CopyOutcome, CopyTask
from shared.domain.erasure import users_without_agenda
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.domain.person import Person
from shared.domain.recipients import usable_calendars
from shared.domain.retry import LONGEST_WAIT, SHORTEST_WAIT, Pause, retry_lost_races
from shared.parallel import together
from shared.ports import Bookings, EventStore, Meter, Metric, PeopleStore, UserRecords
from shared.usecases.copies.copy_writer import CopyWriter
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.invite_sync import InviteSync, MailResult

_NOT_ACCEPTED = {CopyState.FAILED, CopyState.RECONNECT_REQUIRED}

_NOT_REMOVED = frozenset({CopyState.FAILED, CopyState.RECONNECT_REQUIRED})
_LEFT_OVERS_FOR = timedelta(days=30)

log = logging.getLogger(__name__)


class CopySync:
    """Reconciles the mail and the calendar copies of one event at a time.

    `pause` waits before try number n of a write that lost a race.
    """

    def __init__(
        self,
        *,
        events: EventStore,
        bookings: Bookings,
        people: PeopleStore,
        records: UserRecords,
        writer: CopyWriter,
        audiences: AudienceReader,
        invite_sync: InviteSync,
        pause: Pause,
        meter: Meter,
    ) -> None:
        self._events = events
        self._bookings = bookings
        self._people = people
        self._records = records
        self._writer = writer
        self._audiences = audiences
        self._invite_sync = invite_sync
        self._pause = pause
        self._meter = meter

    def reconcile(self, event_id: str, *, now: datetime) -> timedelta | None:
        """Bring mail and copies up to date; return when to run again, None when all are done.

        Mail comes first, because a calendar may take long to respond. Participants whose calendar
        turns out not to accept copies get their mail afterwards. Neither step keeps the other from
        running, even if it raises.
        """
        try:
            mail = self._invite_sync.reconcile(event_id, now=now)
        except Exception:
            self._reconcile_copies(event_id, now=now)
            raise
        try:
            run = self._reconcile_copies(event_id, now=now)
        except Exception:
            self._invite_sync.reconcile(event_id, now=now)
            raise
        if run is None:
            log.warning("event not found", extra={"event_id": event_id})
            self._invite_sync.mark_guests_synced(event_id)
            self._records.remove_leftovers(event_id)
            return None
        has_moved = False
        if run.may_add_mail or run.calendars != mail.calendars:
            mail = self._invite_sync.reconcile(event_id, now=now)
            # The copies of a user who has moved to mail are removed in the next run, after the mail
            # was recorded, so that a crash in between leaves the user with one of the two.
            has_moved = not run.users.isdisjoint(mail.new_users)
        waits = (run.wait, mail.wait, SHORTEST_WAIT if has_moved else None)
        wait = min((wait for wait in waits if wait is not None), default=None)
        if wait is None:
            self._mark_synced(event_id, run, mail)
        return wait

    def _mark_synced(self, event_id: str, run: "_CopyRun", mail: MailResult) -> None:
        """Record what both steps have reached; a change between them has a message of its own."""
        if mail.version is not None:
            version = min(run.version, mail.version)
            self._events.mark_synced(event_id, version, unreachable=mail.unreachable)
        self._invite_sync.mark_synced(mail)

    def _reconcile_copies(self, event_id: str, *, now: datetime) -> "_CopyRun | None":
        """Bring every copy up to date, independently of the others; None if there is no event."""
        hold_wait = self._release_stale_holds(event_id)
        event, copies = self._events.find_with_copies(event_id)
        if event is None:
            return None
        self._records.record_users(event, users_without_agenda(event, copies))
        persons = self._persons(event, copies)
        tasks = self._tasks(event, copies, persons, now=now)
        outcomes = together([partial(self._run, task, now=now) for task in tasks if task.is_due])
        waits = (*(outcome.wait for outcome in outcomes), hold_wait)
        participants = (persons[user] for user in event.participants)
        return _CopyRun(
            version=event.version,
            users=frozenset(task.copy.user_id for task in tasks),
            calendars=usable_calendars(participants),
            may_add_mail=any(outcome.copy.state in _NOT_ACCEPTED for outcome in outcomes),
            wait=min((wait for wait in waits if wait is not None), default=None),
        )

    def _release_stale_holds(self, event_id: str) -> timedelta | None:
        try:
            self._bookings.release_stale_holds(event_id)
        except LostRace:
            return SHORTEST_WAIT
        return None

    def _tasks(
        self, event: Event, copies: Sequence[Copy], persons: dict[str, Person], *, now: datetime
    ) -> list[CopyTask]:
        """Return a task for each stored copy and each calendar that should have one."""
        on_mail = self._audiences.mailed(event, persons)
        by_connection = {copy.connection_id: copy for copy in copies}
        targets = target_calendars(event, persons, on_mail=on_mail, recorded=by_connection)
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

    def _run(self, task: CopyTask, *, now: datetime) -> CopyOutcome:
        """Work on one copy; return its record and how long to wait before the next try, if any.

        An unforeseen error, of the calendar or of the copy's record, is retried with back-off.
        """
        try:
            return self._attempt(task, now=now)
        except (LostRace, MemoryError):
            raise  # the message fails, after the other copies and the mail
        except Exception as error:  # noqa: BLE001 - no copy may affect the others
            self._writer.report(error, task.copy)
            self._count(task.copy, "later")
            return CopyOutcome(task.copy, self._writer.wait_after(task.copy))

    def _attempt(self, task: CopyTask, *, now: datetime) -> CopyOutcome:
        if task.copy.not_before and task.copy.not_before > now:
            return CopyOutcome(task.copy, task.copy.not_before - now)
        if suspension := self._writer.suspension(task, now=now):
            return CopyOutcome(task.copy, suspension)
        if task.connection and task.connection.is_unavailable:
            # A newer version wrote the record with its provider's name, so leave it unchanged.
            log.warning(
                "copy postponed: connection unavailable",
                extra={"event_id": task.event.id, "connection_id": task.connection.id},
            )
            return CopyOutcome(task.copy, LONGEST_WAIT)
        try:
            claim = self._events.save_copy(copy_steps.start_attempt(task, now=now))
        except LostRace:
            return CopyOutcome(task.copy, SHORTEST_WAIT)
        try:
            outcome = self._writer.write(replace(task, copy=claim), now=now)
            if task.content is None and outcome.copy.state in _NOT_REMOVED:
                # The session is no longer in the agenda of the user, who may connect again.
                until = task.event.interval.end + _LEFT_OVERS_FOR
                self._people.record_left_over(claim.user_id, claim.event_id, until=until)
            self._events.save_copy(outcome.copy)
        except LostRace:
            self._mark_stale(claim)
            return CopyOutcome(claim, SHORTEST_WAIT)
        self._report(outcome)
        return outcome

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
    """The result of the copies of one event: its version, whose calendars, and the next run.

    `calendars` are the usable calendars of the participants. `may_add_mail` means that a calendar
    has not accepted its copy.
    """

    version: int
    users: frozenset[str]
    calendars: frozenset[str]
    may_add_mail: bool
    wait: timedelta | None


def _connection_of(copy: Copy, persons: dict[str, Person]) -> Connection | None:
    connections = persons[copy.user_id].connections
    return next((each for each in connections if each.id == copy.connection_id), None)
