"""Keeps the faults of one connection from affecting others, and reports those of operators.

An unforeseen error is neither a `CalendarServiceError` nor fatal. The use-cases that call a
provider have a last-resort handler per connection, because what a calendar contains can trigger a
bug in this service or in a library. Then only the work on that connection fails.
"""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.connection import CallKind, Connection, Outage, Provider
from shared.domain.errors import (
    CalendarServiceError,
    CallPostponed,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
    ProviderUnreachable,
)
from shared.ports import Meter, Metric, PeopleStore

SHORT_TIMEOUT = timedelta(seconds=2)
"""How long a call may take whose server has not answered lately."""

_PROBE_WAIT = timedelta(seconds=5)
_MAX_FRAMES = 30

log = logging.getLogger(__name__)


class ConnectionWork(StrEnum):
    """The work on one connection that failed; a dimension of the metric."""

    READ = "read"
    COPY = "copy"
    REFRESH = "refresh"
    CONNECT = "connect"


class Outages:
    """Suspends connections whose server does not answer: a circuit breaker per connection.

    After three unanswered calls of one kind in a row, further ones fail at once, without a request,
    until the suspension ends. Then one call is a probe: if it fails too, the next suspension is
    longer. Any answer, also an error, ends the outage of its kind.
    """

    def __init__(self, *, people: PeopleStore, now: Callable[[], datetime], meter: Meter) -> None:
        self._people = people
        self.now = now
        self._meter = meter

    @contextmanager
    def watch(
        self, connection: Connection, kind: CallKind, longest: timedelta
    ) -> Iterator[timedelta]:
        """Provide the time a call may take, at most `longest`, and record whether it is answered.

        Raises:
            CallPostponed: when the connection is suspended.
        """
        started = self.now()
        timeout = self._timeout(connection, kind, longest, started)
        try:
            yield timeout
        except CallPostponed:
            raise
        except ProviderUnavailable as error:
            # A server that says when to return is working, too.
            if error.answered:
                self._end(connection, kind)
            elif error.retry_after is None:
                self.record(connection, kind, started=started)
            raise
        except ProviderFailure:
            self._end(connection, kind)
            raise
        self._end(connection, kind)

    def record(self, connection: Connection, kind: CallKind, *, started: datetime) -> None:
        """Record that a call since `started` was not answered.

        Of calls that ran at the same time only one counts.
        """
        now = self.now()
        if not self._people.record_outage(connection, kind, started=started, now=now):
            return
        before = connection.outage(kind)
        outage = Outage.after(before, now)
        fields = {"connection_id": connection.id, "kind": kind.value, "calls": outage.calls}
        log.warning("calendar server did not answer", extra=fields)
        if outage.suspended_until and not (before and before.suspended_until):
            self._meter.count(Metric.CONNECTIONS_SUSPENDED, provider=connection.provider.value)

    def _timeout(
        self, connection: Connection, kind: CallKind, longest: timedelta, now: datetime
    ) -> timedelta:
        outage = connection.outage(kind)
        if outage is None:
            return longest
        until = outage.suspended_until
        if until is None:
            return min(longest, SHORT_TIMEOUT) if outage.is_recent(now) else longest
        if now < until:
            raise CallPostponed(_suspended(outage), until - now)
        if not self._people.begin_probe(connection, kind, now=now):
            raise CallPostponed(_suspended(outage), _PROBE_WAIT)
        return longest

    def _end(self, connection: Connection, kind: CallKind) -> None:
        if connection.outage(kind) is not None:
            self._people.end_outage(connection, kind)


def _suspended(outage: Outage) -> str:
    return (
        f"The calendar's server has not answered since {outage.since:%Y-%m-%d %H:%M} UTC. "
        "Calls are suspended and tried again by themselves."
    )


@contextmanager
def reported_as_unreachable(provider: str, *, meter: Meter) -> Iterator[None]:
    """Report an unforeseen error while a calendar is being connected.

    Raises:
        ProviderUnreachable: instead of the unforeseen error.
    """
    try:
        yield
    except (CalendarServiceError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever the server sent
        report_unforeseen(error, ConnectionWork.CONNECT, meter=meter, provider=provider)
        raise ProviderUnreachable(
            "The calendar's server sent a response that this service cannot process."
        ) from None


def report_unforeseen(error: Exception, work: ConnectionWork, *, meter: Meter, **ids: str) -> None:
    """Log the error with its traceback, and count it.

    The messages of the error and of its causes are left out, because they may quote a calendar or
    a credential. Only the innermost 30 frames are logged, so the size of the line is bounded.
    """
    log.error(
        "unforeseen error of a connection",
        extra={
            **ids,
            "work": work.value,
            "error": type(error).__name__,
            "traceback": _traceback(error),
        },
    )
    meter.count(Metric.UNFORESEEN_ERRORS, work=work.value)


def report_misconfigured(
    error: ProviderMisconfigured, provider: Provider, *, meter: Meter, **ids: str
) -> None:
    """Log and count that the provider rejects this service's own credentials."""
    log.error(
        "provider rejects this service's own credentials",
        extra={**ids, "provider": provider, "reason": error.message},
    )
    meter.count(Metric.PROVIDER_MISCONFIGURED, provider=provider.value)


def _traceback(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__
    frames = traceback.format_tb(error.__traceback__, limit=-_MAX_FRAMES)
    text = "".join(["Traceback (most recent call last):\n", *frames, type(error).__name__])
    return text if cause is None else f"{type(cause).__name__}, then:\n{text}"
