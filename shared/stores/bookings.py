"""The transaction that decides who holds which time."""

import logging
from collections.abc import Iterable, Sequence

from pynamodb.exceptions import PynamoDBException, TransactWriteError

from shared.domain.agenda import AgendaDay, days_touching
from shared.domain.errors import CalendarServiceError, LostRace
from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.stores.agenda_rows import completed
from shared.stores.booking_actions import booking_actions, day_key, settling_actions
from shared.stores.booking_plan import MAX_ACTIONS, DayKey, new_holds, plan
from shared.stores.event_rows import EVENT_SK, to_event, to_stale_holds
from shared.stores.tables import Tables, Transaction

LOST = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
"""Reasons of a cancelled transaction that say somebody else wrote first, or is writing."""

SETTLE_ATTEMPTS = 10

_log = logging.getLogger(__name__)


class DynamoBookings:
    """Fills `Bookings`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def agendas(self, user_ids: Sequence[str], interval: Interval) -> tuple[AgendaDay, ...]:
        """Return every agenda day of these users that `days_touching(interval)` names.

        Consistent, in as few parallel requests as the table allows; days never written come with
        version 0.
        """
        days = days_touching(interval)
        return self._days([(user, day) for user in dict.fromkeys(user_ids) for day in days])

    def commit(
        self,
        event: Event,
        *,
        previous: Event | None,
        guarded: Sequence[str] = (),
        seen: Sequence[AgendaDay] = (),
    ) -> None:
        """Write the event and every participant's agenda, all or nothing.

        `previous` is the event this one was decided on (None: there was none). `seen` are agenda
        days the decision rests on: those of `guarded` users must still have the version seen.
        Days of other participants that `seen` lacks are read here.

        Raises:
            LostRace: when the event, or a guarded agenda day, has changed; nothing is written.
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
            # A large move that is not settled refuses every further change until it is.
            if previous:
                self._settle_soon(event.id)
            raise
        if booking.stale:
            self._settle_soon(event.id)

    def release_stale_holds(self, event_id: str) -> None:
        """Free the agenda days a large move has left but not yet cleared; mostly there are none.

        May be repeated by anybody at any time.

        Raises:
            LostRace: when others keep writing the same days; ask again later.
        """
        for _ in range(SETTLE_ATTEMPTS):
            item = self._tables.events.get((event_id, EVENT_SK))
            stale = to_stale_holds(item) if item else ()
            if not item or not stale:
                return
            self._settle_some(to_event(item), stale)
        raise LostRace(f"others write the days event {event_id} has left; ask again later")

    def _days(self, keys: Sequence[DayKey]) -> tuple[AgendaDay, ...]:
        return completed(keys, self._tables.connections.get_all(map(day_key, keys)))

    def _unseen(
        self,
        event: Event,
        previous: Event | None,
        *,
        guarded: Sequence[str],
        seen: Iterable[AgendaDay],
    ) -> tuple[AgendaDay, ...]:
        known = {(day.user_id, day.day) for day in seen}
        needed = (key for key in new_holds(event, previous) if key[0] not in guarded)
        return self._days([key for key in needed if key not in known])

    def _settle_soon(self, event_id: str) -> None:
        try:
            self.release_stale_holds(event_id)
        except (CalendarServiceError, PynamoDBException) as error:
            # What is left over-blocks until settle_holds is called again; the answer to the
            # caller is about the booking and already decided.
            _log.warning("days left by event %s are not settled yet: %s", event_id, error)

    def _settle_some(self, event: Event, stale: tuple[DayKey, ...]) -> None:
        now, later = stale[: MAX_ACTIONS - 1], stale[MAX_ACTIONS - 1 :]
        shown = [day for day in self._days(now) if event.id in day.sessions]
        try:
            self._transact(settling_actions(self._tables, event, shown, later=later))
        except LostRace as error:
            _log.info("settling event %s again: %s", event.id, error)

    def _transact(self, transaction: Transaction) -> None:
        try:
            self._tables.transact(transaction)
        except TransactWriteError as error:
            lost = LOST.intersection(each.code for each in error.cancellation_reasons if each)
            if not lost:
                raise
            raise LostRace("somebody else wrote first; read again and decide again") from error
