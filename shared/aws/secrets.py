"""Secrets Manager values, cached for five minutes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.clients import Clients
from shared.domain.errors import CalendarServiceError

CACHE_TIME = timedelta(minutes=5)
MAX_CACHED = 32


class SecretUnreadable(CalendarServiceError):
    """Secrets Manager did not return the value."""


@dataclass(frozen=True, slots=True)
class _CachedSecret:
    value: str = field(repr=False)
    until: float


class SecretValues:
    """Text secrets by id, each cached for five minutes; a rotated value is seen after that."""

    def __init__(
        self, clients: Clients, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._clients = clients
        self._monotonic = monotonic
        self._cache: dict[str, _CachedSecret] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"SecretValues({len(self._cache)} cached)"

    def get(self, secret_id: str) -> str:
        """Return the value, which must not be logged or stored.

        Raises:
            SecretUnreadable: when it does not exist, is not text, or may not be read.
        """
        with self._lock:
            now = self._monotonic()
            cached = self._cache.get(secret_id)
            if cached is None or cached.until <= now:
                cached = _CachedSecret(self._read(secret_id), now + CACHE_TIME.total_seconds())
                self._store(secret_id, cached)
            return cached.value

    def _store(self, secret_id: str, cached: _CachedSecret) -> None:
        self._cache.pop(secret_id, None)
        self._cache[secret_id] = cached
        if len(self._cache) > MAX_CACHED:
            # A dict keeps insertion order, so the first entry was read longest ago.
            del self._cache[next(iter(self._cache))]

    def _read(self, secret_id: str) -> str:
        try:
            value = self._clients.secrets.get_secret_value(SecretId=secret_id).get("SecretString")
        except (ClientError, BotoCoreError) as error:
            raise SecretUnreadable(
                f"secret {secret_id} could not be read; check that it exists and that the function "
                "may call secretsmanager:GetSecretValue"
            ) from error
        if value is None:
            raise SecretUnreadable(f"secret {secret_id} is binary; store it as text")
        return value
