"""Who did what to an event, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.role import Role

SERVICE = "Service"
"""The role of an actor with a service token."""


class AuditAction(StrEnum):
    """What was done to an event."""

    CREATED = "created"
    CHANGED = "changed"
    APPROVED = "approved"
    DECLINED = "declined"
    LEFT = "left"
    """A learner left a group session."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """A pending event was not approved in time."""

    REOPENED = "reopened"
    """A cancelled, declined or expired event was booked again with the same id."""

    REPLACED = "replaced"
    """A pending event of another user with the same id was replaced; see `note`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One action, from the token of the request.

    `role` is the role in which the actor did it: Admin, Coach, Learner or Service. `version` is the
    version of the event that the action made. `note` adds what the other fields do not say.
    """

    action: AuditAction
    actor_id: str
    role: str
    at: datetime
    version: int
    note: str | None = None

    @property
    def is_by_admin(self) -> bool:
        """Whether the actor had an Admin's rights on events."""
        return self.role in {Role.ADMIN, SERVICE}


def with_entry(entries: Iterable[AuditEntry], entry: AuditEntry) -> tuple[AuditEntry, ...]:
    """Return the entries with the latest one of each action only, so that they stay few."""
    return (*(each for each in entries if each.action is not entry.action), entry)
