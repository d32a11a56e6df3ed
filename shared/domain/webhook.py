"""Webhooks: the receivers of domain events, their secrets, and what happens when they fail."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

RETRY_FOR = timedelta(hours=24)
"""How long a delivery is retried, and how long a webhook may fail before it is disabled."""

WAITS = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
)
"""The waits after the first, second, ... failure in a row; the last one applies to all others."""

SUSPENDED_AFTER = 5
"""After that many failures in a row, no delivery is tried until `Webhook.retry_at`."""

PLACES = 4
"""How many deliveries to one webhook may be under way at once; the workers are more."""

SECRETS_OWNER = "#webhooks"
"""Stands for the user in the encryption context of secrets; no user has such an id."""

MAX_SECRETS = 5
ROTATION = timedelta(hours=24)
"""How long the previous secrets still sign after a rotation, by default."""


class WebhookStatus(StrEnum):
    """Whether a webhook is sent domain events."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class DisabledReason(StrEnum):
    """Why a webhook is disabled."""

    FAILING = "failing"
    REQUESTED = "requested"


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A signing secret, encrypted; it signs until `until`, if that is given."""

    sealed: bytes
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A receiver of domain events.

    `types` are the types of events it is sent, empty for all. `secrets` are ordered, the newest
    first. `failures` counts failures in a row since `failing_since`; no delivery is tried before
    `retry_at`. `disabled_reason` says who disabled it: this service or an Admin.
    """

    id: str
    url: str
    secrets: tuple[WebhookSecret, ...]
    created_at: datetime
    types: tuple[str, ...] = ()
    description: str | None = None
    status: WebhookStatus = WebhookStatus.ACTIVE
    failures: int = 0
    failing_since: datetime | None = None
    retry_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: DisabledReason | None = None
    row_version: int = 0

    @property
    def is_active(self) -> bool:
        """Whether it is sent events."""
        return self.status is WebhookStatus.ACTIVE

    def takes(self, event_type: str) -> bool:
        """Return whether it is active and is sent events of that type."""
        return self.is_active and (not self.types or event_type in self.types)

    def signing(self, now: datetime) -> tuple[WebhookSecret, ...]:
        """Return the secrets that sign now, the newest first."""
        return tuple(each for each in self.secrets if each.until is None or each.until > now)

    def rotated(self, sealed: bytes, *, until: datetime, now: datetime) -> "Webhook":
        """Return it with a new secret; the others sign until `until` or their own earlier end."""
        kept = (replace(each, until=min(until, each.until or until)) for each in self.signing(now))
        secrets = (WebhookSecret(sealed), *(each for each in kept if each.until != now))
        return replace(self, secrets=secrets[:MAX_SECRETS])

    def enabled(self) -> "Webhook":
        """Return it active, without its failures."""
        if self.is_active:
            return self
        return replace(
            self.recovered(), status=WebhookStatus.ACTIVE, disabled_at=None, disabled_reason=None
        )

    def disabled(self, reason: DisabledReason, *, now: datetime) -> "Webhook":
        """Return it disabled; one that is disabled already stays as it is."""
        if not self.is_active:
            return self
        disabled = WebhookStatus.DISABLED
        return replace(
            self, status=disabled, disabled_at=now, disabled_reason=reason, retry_at=None
        )

    def recovered(self) -> "Webhook":
        """Return it after a delivery that succeeded."""
        return replace(self, failures=0, failing_since=None, retry_at=None)

    def failed(self, started: datetime, *, now: datetime) -> "Webhook":
        """Return it after an attempt that failed: suspended, or disabled after 24 hours."""
        since = self.failing_since or started
        failed = replace(self, failures=self.failures + 1, failing_since=since)
        if now - since >= RETRY_FOR:
            return failed.disabled(DisabledReason.FAILING, now=now)
        if failed.failures < SUSPENDED_AFTER:
            return failed
        retry_at = now + wait_after(failed.failures - SUSPENDED_AFTER + 1)
        return replace(failed, retry_at=min(retry_at, since + RETRY_FOR))


def wait_after(failures: int) -> timedelta:
    """Return the wait after that many failures in a row, at least one."""
    return WAITS[min(failures, len(WAITS)) - 1]


def signature(body: str, secrets: Iterable[str], *, now: datetime) -> str:
    """Return the value of the header Calendar-Signature: the time and one v1 for each secret.

    A v1 is the HMAC-SHA256 of `<unix seconds>.<body>`, in hexadecimal.
    """
    seconds = int(now.timestamp())
    signed = f"{seconds}.{body}".encode()
    digests = (hmac.new(each.encode(), signed, hashlib.sha256).hexdigest() for each in secrets)
    return ",".join((f"t={seconds}", *(f"v1={each}" for each in digests)))
