"""Reading connected calendars: in parallel, under one deadline, and never guessing."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

from shared.domain.connection import Connection, Provider
from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarServiceError, CredentialDead, ProviderNotConfigured
from shared.domain.interval import Interval
from shared.parallel import by_deadline
from shared.ports import Meter, Metric, Providers
from shared.usecases.accounts.tokens import Tokens

READ_DEADLINE = timedelta(seconds=3)

log = logging.getLogger(__name__)


class SourceState(StrEnum):
    """How asking one calendar went."""

    OK = "ok"
    UNAVAILABLE = "unavailable"
    RECONNECT_REQUIRED = "reconnect_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one calendar said; `entries` is empty unless the state is OK, and then complete."""

    connection: Connection
    state: SourceState
    entries: tuple[CalendarEntry, ...] = ()

    @property
    def busy(self) -> tuple[Interval, ...]:
        """The times taken there; a copy of a session of ours takes none of its own."""
        return tuple(e.interval for e in self.entries if e.busy and e.copy_of is None)


class Calendars:
    """Reads the entries of connections."""

    def __init__(
        self,
        *,
        providers: Providers,
        tokens: Tokens,
        meter: Meter,
        deadline: timedelta = READ_DEADLINE,
    ) -> None:
        self._providers = providers
        self._tokens = tokens
        self._meter = meter
        self._deadline = deadline

    def read(self, connections: Sequence[Connection], within: Interval) -> tuple[Reading, ...]:
        """Return one reading per connection, in order, after at most the deadline."""
        active = [each for each in connections if each.is_active]
        self._load({each.provider for each in active})
        calls = [partial(self._entries, each, within) for each in active]
        outcomes = by_deadline(calls, self._deadline)
        finished = {
            connection.id: ended.result() if ended else self._too_late(connection)
            for connection, ended in zip(active, outcomes, strict=True)
        }
        self._count(finished.values())
        return tuple(finished.get(each.id) or _disconnected(each) for each in connections)

    def _load(self, providers: Iterable[Provider]) -> None:
        """Have the clients ready before the deadline begins: a cold process loads their libraries.

        A provider this stack does not know is told by the calendars that are its.
        """
        for each in providers:
            with suppress(ProviderNotConfigured):
                self._providers.get(each)

    def _count(self, readings: Iterable[Reading]) -> None:
        kinds = Counter((each.connection.provider, each.state) for each in readings)
        for (provider, state), number in kinds.items():
            self._meter.count(
                Metric.CALENDAR_READS, number, provider=provider.value, state=state.value
            )

    def _entries(self, connection: Connection, within: Interval) -> Reading:
        try:
            entries = self._ask(connection, within)
        except CredentialDead:
            return _disconnected(connection)
        except CalendarServiceError as error:
            return _unavailable(connection, error.message)
        return Reading(connection=connection, state=SourceState.OK, entries=entries)

    def _ask(self, connection: Connection, within: Interval) -> tuple[CalendarEntry, ...]:
        provider = self._providers.get(connection.provider)
        return self._tokens.use(
            connection,
            lambda account: provider.entries(account, within, timeout=self._deadline),
        )

    def _too_late(self, connection: Connection) -> Reading:
        return _unavailable(connection, f"no answer within {self._deadline}")


def _disconnected(connection: Connection) -> Reading:
    return Reading(connection=connection, state=SourceState.RECONNECT_REQUIRED)


def _unavailable(connection: Connection, reason: str) -> Reading:
    log.warning(
        "calendar not readable",
        extra={"connection_id": connection.id, "provider": connection.provider, "reason": reason},
    )
    return Reading(connection=connection, state=SourceState.UNAVAILABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One calendar that was asked, for the `sources` of an answer."""

    user_id: str
    connection_id: str
    provider: Provider
    state: SourceState


def sources(readings: Sequence[Reading]) -> tuple[Source, ...]:
    """Return what an answer tells of the calendars it rests on."""
    return tuple(
        Source(
            user_id=each.connection.user_id,
            connection_id=each.connection.id,
            provider=each.connection.provider,
            state=each.state,
        )
        for each in readings
    )
