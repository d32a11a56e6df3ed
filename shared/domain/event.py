"""The event of a session: the desired state of calendars and mail."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.interval import Interval
from shared.domain.role import Role


class EventStatus(StrEnum):
    """The status of an event; pending ones take time but are not sent to calendars or mail."""

    PENDING_APPROVAL = "PENDING_APPROVAL"
    SCHEDULED = "SCHEDULED"
    CANCELLED = "CANCELLED"


class Owner(StrEnum):
    """The participant a session belongs to; COACHEE means the learner."""

    ADMIN = "ADMIN"
    COACH = "COACH"
    COACHEE = "COACHEE"


@dataclass(frozen=True, slots=True)
class Contact:
    """An address for a participant the service may not know; used for invitations only."""

    user_id: str
    email: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One session; its id is the sessionId.

    Every change increments `version`. `sequence` is SEQUENCE in iCalendar; a change of time or
    place and a cancellation increment it. `request_digest` identifies the request body that
    created the event.
    """

    id: str
    title: str
    interval: Interval
    zone: str
    owner: Owner
    coach_ids: tuple[str, ...]
    learner_ids: tuple[str, ...]
    admin_id: str | None
    status: EventStatus
    created_at: datetime
    updated_at: datetime
    request_digest: str
    session_link: str | None = None
    location: str | None = None
    contacts: tuple[Contact, ...] = ()
    version: int = 1
    sequence: int = 0

    @property
    def participants(self) -> tuple[str, ...]:
        """Coaches, learners and admin, each once, in that order."""
        everyone = (
            *self.coach_ids,
            *self.learner_ids,
            *((self.admin_id,) if self.admin_id else ()),
        )
        return tuple(dict.fromkeys(everyone))

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled and takes no time."""
        return self.status is EventStatus.CANCELLED

    @property
    def consulted(self) -> tuple[tuple[str, Role], ...]:
        """The participants who must be free, each with their role."""
        return consulted(self.coach_ids, self.learner_ids)


def consulted(
    coach_ids: tuple[str, ...], learner_ids: tuple[str, ...]
) -> tuple[tuple[str, Role], ...]:
    """Return who must be free: the coach and the learner, each only if there is exactly one."""
    coach = tuple((each, Role.COACH) for each in coach_ids) if len(coach_ids) == 1 else ()
    learner = tuple((each, Role.LEARNER) for each in learner_ids) if len(learner_ids) == 1 else ()
    return (*coach, *learner)
