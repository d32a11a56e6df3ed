"""Read connected calendars in parallel under one deadline. A failed read never counts as free."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from shared.domain.caller import Caller
from shared.domain.connection import (
    CallKind,
    Connection,
    ConnectionProblem,
    ProblemCode,
    Provider,
)
from shared.domain.copy import CalendarEntry, copy_key
from shared.domain.errors import (
    CalendarMalformed,
    CalendarServiceError,
    CallPostponed,
    CredentialInvalid,
    ProviderFailure,
    entry_name,
)
from shared.domain.interval import Interval
from shared.domain.localtime import intervals_of_dates
from shared.domain.time_policy import Detail, detail_for
from shared.domain.zones import zone
from shared.parallel import by_deadline, together
from shared.ports import CalendarProviders, Meter, Metric
from shared.usecases.accounts.faults import ConnectionWork, report_unforeseen
from shared.usecases.accounts.tokens import Tokens

READ_DEADLINE = timedelta(seconds=3)

log = logging.getLogger(__name__)


class SourceState(StrEnum):
    """The result of reading one calendar."""

    OK = "ok"
    UNAVAILABLE = "unavailable"
    RECONNECT_REQUIRED = "reconnect_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The result of reading one calendar.

    `entries` is complete if the state is OK; else it has those that could be read. `problem` is for
    the owner and Admins, because it may name an entry.
    """

    connection: Connection
    state: SourceState
    entries: tuple[CalendarEntry, ...] = ()
    problem: ConnectionProblem | None = None

    def busy(self, sessions: Collection[str]) -> tuple[Interval, ...]:
        """Return the busy times in that calendar, without copies; see `users_entries`."""
        return tuple(entry.interval for entry in self.users_entries(sessions) if entry.busy)

    def users_entries(self, sessions: Collection[str]) -> tuple[CalendarEntry, ...]:
        """Return the entries that are not copies.

        `sessions` are the user's own. Their copies are also recognised if another connection to the
        account has written them, or if the server has removed their marks.
        """
        keys = {copy_key(session, self.connection.id) for session in sessions}
        return tuple(
            each
            for each in self.entries
            if each.copy_of is None and each.copy_for_other not in sessions and each.key not in keys
        )


class Calendars:
    """Reads the calendar entries of connections."""

    def __init__(
        self,
        *,
        providers: CalendarProviders,
        tokens: Tokens,
        meter: Meter,
        deadline: timedelta = READ_DEADLINE,
    ) -> None:
        self._providers = providers
        self._tokens = tokens
        self._meter = meter
        self._deadline = deadline

    def read(
        self,
        connections: Sequence[Connection],
        within: Interval,
        zones: Mapping[str, str | None] | None = None,
    ) -> tuple[Reading, ...]:
        """Return one reading per connection, in order, before the deadline ends.

        `zones` has the zones of the connections' users. An all-day entry of a calendar without a
        zone has its dates in that of its user.
        """
        return tuple(
            _in_own_zone(reading, (zones or {}).get(reading.connection.user_id), within)
            for reading in self._read(connections, within)
        )

    def _read(self, connections: Sequence[Connection], within: Interval) -> tuple[Reading, ...]:
        active = [connection for connection in connections if connection.is_active]
        self._load_clients({connection.provider for connection in active})
        started: dict[str, datetime] = {}
        calls = [partial(self._reading, connection, within, started) for connection in active]
        outcomes = by_deadline(calls, self._deadline)
        readings = {
            connection.id: outcome.result() if outcome else self._timed_out(connection)
            for connection, outcome in zip(active, outcomes, strict=True)
        }
        hanging = [each for each, outcome in zip(active, outcomes, strict=True) if not outcome]
        self._record_outages(hanging, started)
        self._count(readings.values())
        return tuple(
            readings.get(connection.id) or _inactive(connection) for connection in connections
        )

    def _record_outages(
        self, hanging: Sequence[Connection], started: Mapping[str, datetime]
    ) -> None:
        """Record the calls that have not ended. In Lambda, their threads stop with the response."""
        record = self._tokens.outages.record
        together(
            [
                partial(record, connection, CallKind.READ, started=started[connection.id])
                for connection in hanging
                if connection.id in started
            ]
        )

    def _load_clients(self, providers: Iterable[Provider]) -> None:
        """Load the clients before the deadline starts, because a cold process imports libraries.

        A client that cannot be loaded is reported by the readings of its calendars.
        """
        for provider in providers:
            with suppress(Exception):
                self._providers.get(provider)

    def _count(self, readings: Iterable[Reading]) -> None:
        counts = Counter((reading.connection.provider, reading.state) for reading in readings)
        for (provider, state), number in counts.items():
            self._meter.count(
                Metric.CALENDAR_READS, number, provider=provider.value, state=state.value
            )

    def _reading(
        self, connection: Connection, within: Interval, started: dict[str, datetime]
    ) -> Reading:
        try:
            started[connection.id] = self._tokens.outages.now()
            entries = self._entries(connection, within)
            problem = _odd_entry(entries)
            self._tokens.record_reading(connection, problem)
        except CredentialInvalid as error:
            return replace(_needs_reconnect(connection), problem=_problem(error, connection))
        except CalendarServiceError as error:
            entries = error.entries if isinstance(error, CalendarMalformed) else ()
            failed = _unavailable(connection, error.message)
            return replace(failed, problem=_problem(error, connection), entries=entries)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - no calendar may affect the others
            self._report(error, connection)
            return _unavailable(connection, "an unforeseen error")
        return Reading(
            connection=connection, state=SourceState.OK, entries=entries, problem=problem
        )

    def _entries(self, connection: Connection, within: Interval) -> tuple[CalendarEntry, ...]:
        provider = self._providers.get(connection.provider)
        return self._tokens.call(
            connection,
            lambda account, timeout: provider.entries(account, within, timeout=timeout),
            kind=CallKind.READ,
            timeout=self._deadline,
        )

    def _report(self, error: Exception, connection: Connection) -> None:
        report_unforeseen(
            error,
            ConnectionWork.READ,
            meter=self._meter,
            connection_id=connection.id,
            provider=connection.provider.value,
        )

    def _timed_out(self, connection: Connection) -> Reading:
        return _unavailable(connection, f"no response within {self._deadline}")


def _problem(error: CalendarServiceError, connection: Connection) -> ConnectionProblem | None:
    if isinstance(error, CallPostponed) and connection.read_outage:
        return connection.read_outage.problem
    if not isinstance(error, ProviderFailure) or error.problem is None:
        return None
    return ConnectionProblem(error.problem, error.text_for_owner)


def _odd_entry(entries: Iterable[CalendarEntry]) -> ConnectionProblem | None:
    """Return the problem of the first entry whose time had to be widened, if there is one."""
    for each in entries:
        if each.problem is not None:
            title = None if each.private else each.title
            name = entry_name(title, f"{each.interval.start:%Y-%m-%d}")
            return ConnectionProblem(ProblemCode.ENTRY_UNREADABLE, f"{name} is odd. {each.problem}")
    return None


def _in_own_zone(reading: Reading, name: str | None, within: Interval) -> Reading:
    if name is None or not any(entry.in_any_zone for entry in reading.entries):
        return reading
    entries = (
        _on_dates(entry, zone(name)) if entry.in_any_zone else entry for entry in reading.entries
    )
    # Those with a problem are kept to be reported, wherever they are.
    kept = (each for each in entries if each.problem or each.interval.falls_within(within))
    return replace(reading, entries=tuple(kept))


def _on_dates(entry: CalendarEntry, own: ZoneInfo) -> CalendarEntry:
    if entry.dates is None:
        return entry
    # Separately, because an entry may last until the year 9999.
    first, last = (intervals_of_dates(own, each, each) for each in entry.dates)
    if not first or not last:  # the zone skipped the date
        return entry
    return replace(entry, interval=Interval(first[0].start, last[-1].end), in_any_zone=False)


def _inactive(connection: Connection) -> Reading:
    if connection.is_unavailable:
        return _unavailable(connection, "this version cannot use the connection")
    return _needs_reconnect(connection)


def _needs_reconnect(connection: Connection) -> Reading:
    return Reading(
        connection=connection, state=SourceState.RECONNECT_REQUIRED, problem=connection.last_error
    )


def _unavailable(connection: Connection, reason: str) -> Reading:
    log.warning(
        "calendar unreadable",
        extra={"connection_id": connection.id, "provider": connection.provider, "reason": reason},
    )
    return Reading(connection=connection, state=SourceState.UNAVAILABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One calendar that was read, as an item of the response's `sources`.

    Connection, provider and problem are None for callers who may see only the state.
    """

    user_id: str
    state: SourceState
    connection_id: str | None = None
    provider: Provider | None = None
    problem: ConnectionProblem | None = None

    @property
    def state_only(self) -> "Source":
        """The source for callers who may see only the state."""
        return Source(user_id=self.user_id, state=self.state)


def sources(readings: Sequence[Reading], caller: Caller) -> tuple[Source, ...]:
    """Return the `sources` of a response: whether each calendar could be read.

    Other people's calendars are reduced to their state, except for Admin.
    """
    return tuple(
        each if detail_for(caller, each.user_id) is Detail.ALL else each.state_only
        for each in all_sources(readings)
    )


def combined_source(user_id: str, readings: Sequence[Reading]) -> tuple[Source, ...]:
    """Return one source if any calendar of the user could not be read, else none.

    It shows that busy times may be missing, and neither how many calendars there are nor why.
    """
    if all(reading.state is SourceState.OK for reading in readings):
        return ()
    return (Source(user_id=user_id, state=SourceState.UNAVAILABLE),)


def all_sources(readings: Sequence[Reading]) -> tuple[Source, ...]:
    """Return one source per reading with all fields."""
    return tuple(
        Source(
            user_id=reading.connection.user_id,
            connection_id=reading.connection.id,
            provider=reading.connection.provider,
            state=reading.state,
            problem=reading.problem,
        )
        for reading in readings
    )
