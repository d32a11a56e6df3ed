"""A request to create an event, and the validation that changes share with it."""

import hashlib
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime

from shared.domain.agenda import MAX_SESSION
from shared.domain.errors import FieldProblem, InvalidRequest, StartInPast
from shared.domain.event import Contact, Event, EventStatus, Owner
from shared.domain.interval import Interval

MAX_PARTICIPANTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """A request to book a session."""

    session_id: str
    title: str
    start: datetime
    end: datetime
    zone: str
    owner: Owner
    coach_ids: tuple[str, ...]
    learner_ids: tuple[str, ...]
    admin_id: str | None
    session_link: str | None = None
    location: str | None = None
    contacts: tuple[Contact, ...] = ()
    auto_approval: bool = False
    allow_conflicts: bool = False

    @property
    def digest(self) -> str:
        """A digest of the request that does not depend on the order of its people and contacts.

        Fields with their default value are left out, so that a new optional field does not change
        the digests of requests without it.
        """
        ordered = replace(
            self,
            coach_ids=tuple(sorted(self.coach_ids)),
            learner_ids=tuple(sorted(self.learner_ids)),
            contacts=tuple(sorted(self.contacts, key=repr)),
        )
        given = [
            (each.name, getattr(ordered, each.name))
            for each in fields(ordered)
            if each.default is MISSING or getattr(ordered, each.name) != each.default
        ]
        return hashlib.sha256(repr(sorted(given)).encode()).hexdigest()

    def event(self, *, now: datetime) -> Event:
        """Return the requested event.

        Raises:
            InvalidRequest: naming the invalid field.
        """
        event = Event(
            id=self.session_id,
            title=self.title,
            interval=session_interval(self.start, self.end),
            zone=self.zone,
            owner=self.owner,
            coach_ids=self.coach_ids,
            learner_ids=self.learner_ids,
            admin_id=self.admin_id,
            session_link=self.session_link,
            location=self.location,
            contacts=self.contacts,
            status=EventStatus.SCHEDULED if self.auto_approval else EventStatus.PENDING_APPROVAL,
            request_digest=self.digest,
            created_at=now,
            updated_at=now,
        )
        check_people(event)
        return event


def session_interval(start: datetime, end: datetime) -> Interval:
    """Return the interval of a session.

    Raises:
        InvalidRequest: when it ends before it starts, is empty or lasts over 24 hours.
    """
    if end <= start:
        problem = FieldProblem("endTime", "must be after startTime")
        raise InvalidRequest("endTime must be after startTime.", [problem])
    if end - start > MAX_SESSION:
        problem = FieldProblem("endTime", "must be at most 24 hours after startTime")
        raise InvalidRequest("A session can last at most 24 hours.", [problem])
    return Interval(start, end)


def check_not_past(event: Event, *, now: datetime) -> None:
    """Require a start at `now` or later.

    Raises:
        StartInPast: when the event starts before `now`.
    """
    if event.interval.start < now:
        problem = FieldProblem("startTime", f"must not be before now ({now:%Y-%m-%dT%H:%M:%SZ})")
        raise StartInPast("startTime is in the past; choose a later time.", [problem])


def check_people(event: Event) -> None:
    """Require the participants the owner needs, and at most 50 participants.

    Raises:
        InvalidRequest: naming the missing participant.
    """
    if event.owner is Owner.ADMIN:
        _require(bool(event.admin_id), "adminId", "owner ADMIN needs adminId")
        has_people = bool(event.coach_ids or event.learner_ids)
        _require(has_people, "coachId", "owner ADMIN needs at least one coachId or learnerId")
    else:
        _require(
            bool(event.coach_ids), "coachId", f"owner {event.owner} needs at least one coachId"
        )
        _require(
            bool(event.learner_ids),
            "learnerId",
            f"owner {event.owner} needs at least one learnerId",
        )
    fits = len(event.participants) <= MAX_PARTICIPANTS
    _require(fits, "learnerId", f"a session can have at most {MAX_PARTICIPANTS} participants")


def _require(condition: bool, name: str, message: str) -> None:  # noqa: FBT001 - a short helper
    if not condition:
        raise InvalidRequest(f"{message[0].upper()}{message[1:]}.", [FieldProblem(name, message)])
