"""The transaction that books participants' time, across both tables."""

import logging
from collections.abc import Iterable, Sequence
from functools import partial

from pynamodb.exceptions import PynamoDBException, TransactWriteError
from typing_extensions import override

from shared.domain.agenda import AgendaDay, days_touching
from shared.domain.errors import CalendarServiceError, LostRace
from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.domain.retry import Pause, retry_lost_races
from shared.ports import Bookings
from shared.stores.agenda_rows import fill_missing_days
from shared.stores.booking_actions import booking_actions, day_key, release_actions
from shared.stores.booking_plan import MAX_ACTIONS, DayKey, changed_holds, plan
from shared.stores.event_rows import EVENT_SK, to_event, to_stale_holds
from shared.stores.table import check_size
from shared.stores.tables import Tables, Transaction

LOST = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
"""Cancellation reasons that mean another writer was first, or is writing now."""

RELEASE_TRIES = 10

_log = logging.getLogger(__name__)


class DynamoBookings(Bookings):
    """Bookings: events in the events table, agenda days in the connections table."""

    def __init__(self, tables: Tables, *, pause: Pause) -> None:
        self._tables = tables
        self._pause = pause

    @override
    def agendas(self, user_ids: Sequence[str], interval: Interval) -> tuple[AgendaDay, ...]:
        days = days_touching(interval)
        return self._days([(user, day) for user in dict.fromkeys(user_ids) for day in days])

    @override
    def commit(
        self,
        event: Event,
        *,
        previous: Event | None,
        guarded: Sequence[str] = (),
        seen: Sequence[AgendaDay] = (),
    ) -> None:
        """Write both tables; agenda days of unguarded participants may be missing in `seen`.

        Raises:
            LostRace: when the event, or a guarded agenda day, has changed; nothing is written.
            TooManySessions, TooLarge: when a participant's day, or the transaction, has no room.
            ValueError: when the version does not follow the previous one, or `seen` lacks a day
                of a guarded user.
        """
        if previous and event.version != previous.version + 1:
            raise ValueError(
                f"version {event.version} of {event.id} does not follow {previous.version}"
            )
        known = (*seen, *self._unseen(event, previous, guarded=guarded, seen=seen))
        booking = plan(event, previous, guarded=guarded, seen=known)
        try:
            self._transact(booking_actions(self._tables, event, previous, booking))
        except LostRace:
            # Stale holds of an earlier move make every further write of the event fail.
            if previous:
                self._try_release(event.id)
            raise
        if booking.stale:
            self._try_release(event.id)

    @override
    def release_stale_holds(self, event_id: str) -> None:
        retry_lost_races(
            partial(self._release_all, event_id),
            pause=self._pause,
            error=LostRace(f"Too many concurrent writes to the holds of {event_id}. Retry later."),
            tries=RELEASE_TRIES,
        )

    def _release_all(self, event_id: str) -> None:
        """Release the stale holds, in as many transactions as they need."""
        while True:
            item = self._tables.events.get((event_id, EVENT_SK))
            stale = to_stale_holds(item) if item else ()
            if not item or not stale:
                return
            self._release_some(to_event(item), stale)

    def _days(self, keys: Sequence[DayKey]) -> tuple[AgendaDay, ...]:
        return fill_missing_days(keys, self._tables.connections.get_all(map(day_key, keys)))

    def _unseen(
        self,
        event: Event,
        previous: Event | None,
        *,
        guarded: Sequence[str],
        seen: Iterable[AgendaDay],
    ) -> tuple[AgendaDay, ...]:
        known = {(day.user_id, day.day) for day in seen}
        needed = (key for key in changed_holds(event, previous) if key[0] not in guarded)
        return self._days([key for key in needed if key not in known])

    def _try_release(self, event_id: str) -> None:
        try:
            self.release_stale_holds(event_id)
        except (CalendarServiceError, PynamoDBException) as error:
            # The booking itself is committed. The stale holds block time until the next call of
            # `release_stale_holds`.
            _log.warning("stale holds of event %s not released yet: %s", event_id, error)

    def _release_some(self, event: Event, stale: tuple[DayKey, ...]) -> None:
        now, later = stale[: MAX_ACTIONS - 1], stale[MAX_ACTIONS - 1 :]
        shown = [day for day in self._days(now) if event.id in day.sessions]
        try:
            self._transact(release_actions(self._tables, event, shown, later=later))
        except LostRace as error:
            _log.info("releasing stale holds of event %s again: %s", event.id, error)
            raise

    def _transact(self, transaction: Transaction) -> None:
        try:
            self._tables.transact(transaction)
        except TransactWriteError as error:
            check_size(error.cause_response_code, error.cause_response_message, error)
            for reason in filter(None, error.cancellation_reasons):
                check_size(reason.code, reason.message, error)
            lost = LOST.intersection(each.code for each in error.cancellation_reasons if each)
            if not lost:
                raise
            raise LostRace("another writer was first; read again and decide again") from error
