"""The clock of a local run: the real one, or one that stands at a given instant."""

from datetime import UTC, datetime

from shared.domain.interval import to_utc


class LocalClock:
    """Says what time the service is to believe in; safe to use from many threads."""

    def __init__(self) -> None:
        self._instant: datetime | None = None

    def set(self, instant: datetime | None) -> None:
        """Stand still at that instant, or with None show the real time.

        Raises:
            ValueError: when the instant is naive.
        """
        self._instant = None if instant is None else to_utc(instant)

    def now(self) -> datetime:
        """Return the instant the service believes it is, in UTC."""
        return self._instant or datetime.now(UTC)

    def override(self) -> str | None:
        """Return the instant as ISO 8601, or None for the real time."""
        return self._instant.isoformat() if self._instant else None
