"""The clock of a local run: real time, or a fixed instant."""

from datetime import UTC, datetime

from shared.domain.interval import to_utc


class LocalClock:
    """The service's current time; safe to use from many threads."""

    def __init__(self) -> None:
        self._instant: datetime | None = None

    def set(self, instant: datetime | None) -> None:
        """Fix the clock at that instant; None restores the real time.

        Raises:
            ValueError: when the instant is naive.
        """
        self._instant = None if instant is None else to_utc(instant)

    def now(self) -> datetime:
        """Return the service's current time in UTC."""
        return self._instant or datetime.now(UTC)

    def override(self) -> str | None:
        """Return the fixed instant as ISO 8601, or None for the real time."""
        return self._instant.isoformat() if self._instant else None
