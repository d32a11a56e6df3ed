"""Secrets Manager values, kept for some minutes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.clients import Clients
from shared.domain.errors import CalendarServiceError

KEPT_FOR = timedelta(minutes=5)
MAX_KEPT = 32


class SecretUnreadable(CalendarServiceError):
    """Secrets Manager did not hand out the value."""


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str = field(repr=False)
    until: float


class SecretValues:
    """Reads text secrets by id, each at most once in five minutes; a rotated one comes then."""

    def __init__(
        self, clients: Clients, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._clients = clients
        self._monotonic = monotonic
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"SecretValues({len(self._kept)} kept)"

    def get(self, secret_id: str) -> str:
        """Return the value; it must not be logged or stored.

        Raises:
            SecretUnreadable: when it does not exist, is not text, or may not be read.
        """
        with self._lock:
            now = self._monotonic()
            kept = self._kept.get(secret_id)
            if kept is None or kept.until <= now:
                kept = _Kept(self._read(secret_id), now + KEPT_FOR.total_seconds())
                self._keep(secret_id, kept)
            return kept.value

    def _keep(self, secret_id: str, kept: _Kept) -> None:
        self._kept.pop(secret_id, None)
        self._kept[secret_id] = kept
        if len(self._kept) > MAX_KEPT:
            # A dict keeps its order, so the first one was read longest ago.
            del self._kept[next(iter(self._kept))]

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
