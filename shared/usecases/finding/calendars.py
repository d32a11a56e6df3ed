"""Read connected calendars in parallel under one deadline. A failed read never counts as free."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

from shared.domain.caller import Caller
from shared.domain.connection import Connection, Provider
from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarServiceError, CredentialInvalid
from shared.domain.interval import Interval
from shared.domain.time_policy import Detail, detail_for
from shared.parallel import by_deadline
from shared.ports import CalendarProviders, Meter, Metric
from shared.usecases.accounts.tokens import Tokens
from shared.usecases.accounts.unforeseen import ConnectionWork, report_unforeseen

READ_DEADLINE = timedelta(seconds=3)

log = logging.getLogger(__name__)


class SourceState(StrEnum):
    """The result of reading one calendar."""

    OK = "ok"
    UNAVAILABLE = "unavailable"
    RECONNECT_REQUIRED = "reconnect_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The result of reading one calendar. `entries` is complete if the state is OK, else empty."""

    connection: Connection
    state: SourceState
    entries: tuple[CalendarEntry, ...] = ()

    @property
    def busy(self) -> tuple[Interval, ...]:
        """The busy times in that calendar, without this service's own copies."""
        return tuple(
            entry.interval for entry in self.entries if entry.busy and entry.copy_of is None
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

    def read(self, connections: Sequence[Connection], within: Interval) -> tuple[Reading, ...]:
        """Return one reading per connection, in order, before the deadline ends."""
        active = [connection for connection in connections if connection.is_active]
        self._load_clients({connection.provider for connection in active})
        calls = [partial(self._reading, connection, within) for connection in active]
        outcomes = by_deadline(calls, self._deadline)
        readings = {
            connection.id: outcome.result() if outcome else self._timed_out(connection)
            for connection, outcome in zip(active, outcomes, strict=True)
        }
        self._count(readings.values())
        return tuple(
            readings.get(connection.id) or _inactive(connection) for connection in connections
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

    def _reading(self, connection: Connection, within: Interval) -> Reading:
        try:
            entries = self._entries(connection, within)
        except CredentialInvalid:
            return _needs_reconnect(connection)
        except CalendarServiceError as error:
            return _unavailable(connection, error.message)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - no calendar may affect the others
            self._report(error, connection)
            return _unavailable(connection, "an unforeseen error")
        return Reading(connection=connection, state=SourceState.OK, entries=entries)

    def _entries(self, connection: Connection, within: Interval) -> tuple[CalendarEntry, ...]:
        provider = self._providers.get(connection.provider)
        return self._tokens.use(
            connection,
            lambda account: provider.entries(account, within, timeout=self._deadline),
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


def _inactive(connection: Connection) -> Reading:
    if connection.is_unavailable:
        return _unavailable(connection, "this version cannot use the connection")
    return _needs_reconnect(connection)


def _needs_reconnect(connection: Connection) -> Reading:
    return Reading(connection=connection, state=SourceState.RECONNECT_REQUIRED)


def _unavailable(connection: Connection, reason: str) -> Reading:
    log.warning(
        "calendar unreadable",
        extra={"connection_id": connection.id, "provider": connection.provider, "reason": reason},
    )
    return Reading(connection=connection, state=SourceState.UNAVAILABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One calendar that was read, as an item of the response's `sources`.

    Connection and provider are None for callers who may see only the state.
    """

    user_id: str
    state: SourceState
    connection_id: str | None = None
    provider: Provider | None = None

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
        )
        for reading in readings
    )
