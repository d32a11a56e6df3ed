"""The event of a session: the desired state of calendars and mail."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.audit import AuditAction, AuditEntry
from shared.domain.caller import Caller
from shared.domain.interval import Interval
from shared.domain.role import Role

_ADDRESS = re.compile(r"\S@\S")


class EventStatus(StrEnum):
    """The status of an event; pending ones take time but are not sent to calendars or mail.

    The last three take no time. An event leaves them only if it is reopened.
    """

    PENDING_APPROVAL = "PENDING_APPROVAL"
    SCHEDULED = "SCHEDULED"
    CANCELLED = "CANCELLED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


CLOSED = frozenset({EventStatus.CANCELLED, EventStatus.DECLINED, EventStatus.EXPIRED})
"""The statuses of an event that takes no time."""


class AdminPart(StrEnum):
    """Whether the user in adminId takes part in a session, or only approves it."""

    ALWAYS = "always"
    NEVER = "never"
    WITHOUT_COACH = "without coach"
    """Only while no coach is named: the admin is then the host."""

    @classmethod
    def of(cls, *, attends: bool) -> "AdminPart":
        """Return the part for a request that says whether the admin attends."""
        return cls.ALWAYS if attends else cls.NEVER


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

    @property
    def public_name(self) -> str | None:
        """The name for other participants; None if it contains an address, which is private."""
        return None if _ADDRESS.search(self.name or "") else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One session; its id is the sessionId.

    Every change increments `version`. `sequence` is SEQUENCE in iCalendar; a change of time or
    place and a cancellation increment it. `request_digest` identifies the request body that
    created the event. `approve_by` is when a pending event expires, if it has not started by then;
    None if only its start counts. `reason` says why it was cancelled or declined. `audit` has the
    latest entry of each action; events stored before it was recorded have none.
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
    audit: tuple[AuditEntry, ...] = ()
    admin_part: AdminPart = AdminPart.ALWAYS
    approve_by: datetime | None = None
    reason: str | None = None

    @property
    def attending_admin(self) -> str | None:
        """The user in adminId if they take part; one who only approves has no hold and no mail."""
        is_host = self.admin_part is AdminPart.WITHOUT_COACH and not self.coach_ids
        return self.admin_id if is_host or self.admin_part is AdminPart.ALWAYS else None

    @property
    def participants(self) -> tuple[str, ...]:
        """Coaches, learners and the admin who takes part, each once, in that order."""
        admin = self.attending_admin
        everyone = (*self.coach_ids, *self.learner_ids, *((admin,) if admin else ()))
        return tuple(dict.fromkeys(everyone))

    @property
    def named(self) -> tuple[str, ...]:
        """The participants, and the user in adminId, each once."""
        admin = (self.admin_id,) if self.admin_id else ()
        return tuple(dict.fromkeys((*self.participants, *admin)))

    @property
    def is_closed(self) -> bool:
        """Whether it was cancelled, was declined or has expired, and takes no time."""
        return self.status in CLOSED

    @property
    def pending_until(self) -> datetime | None:
        """When it expires unless it is approved; None if it is not pending."""
        if self.status is not EventStatus.PENDING_APPROVAL:
            return None
        return min(self.approve_by or self.interval.start, self.interval.start)

    @property
    def was_cancelled_after_end(self) -> bool:
        """Whether it took place and was cancelled in the record only."""
        entry = next((each for each in self.audit if each.action is AuditAction.CANCELLED), None)
        is_cancelled = self.status is EventStatus.CANCELLED
        return is_cancelled and entry is not None and self.has_ended(now=entry.at)

    def has_ended(self, *, now: datetime) -> bool:
        """Return whether the session is over."""
        return self.interval.end <= now

    def at(self, now: datetime) -> "Event":
        """Return the event as it is at `now`: a pending one that has expired is EXPIRED.

        The sweeper stores that later; until then the stored version stays the current one.
        """
        if self.pending_until is None or now < self.pending_until:
            return self
        return replace(self, status=EventStatus.EXPIRED)

    @property
    def attendees(self) -> tuple[tuple[str, Role], ...]:
        """Coaches and learners, each with the role."""
        coaches = tuple((each, Role.COACH) for each in self.coach_ids)
        return (*coaches, *((each, Role.LEARNER) for each in self.learner_ids))

    @property
    def is_group(self) -> bool:
        """Whether it has several coaches or several learners."""
        return max(len(self.coach_ids), len(self.learner_ids)) > 1

    @property
    def created_by(self) -> AuditEntry | None:
        """Who created it, or reopened it since; None when that was not recorded."""
        actions = {AuditAction.CREATED, AuditAction.REOPENED}
        return next((each for each in reversed(self.audit) if each.action in actions), None)

    @property
    def first_version(self) -> int:
        """The version with which it was created; above 1 if it replaced another event."""
        entry = next((each for each in self.audit if each.action is AuditAction.CREATED), None)
        return entry.version if entry else 1

    def required_for(self, caller: Caller) -> tuple[tuple[str, Role], ...]:
        """Return the participants who must be free when the caller books or changes it.

        A user other than an Admin may only take the time of people who are checked: all coaches,
        and the learner if there is exactly one. The same holds for an event such a user created.
        """
        is_by_user = self.created_by is not None and not self.created_by.is_by_admin
        if caller.manages_events and not is_by_user:
            return self.consulted
        learner = tuple(each for each in self.consulted if each[1] is Role.LEARNER)
        return (*((each, Role.COACH) for each in self.coach_ids), *learner)

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
