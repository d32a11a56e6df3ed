"""Requests to create or change an event, and their validation."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.domain.agenda import MAX_SESSION
from shared.domain.caller import Caller
from shared.domain.errors import FieldProblem, Forbidden, InvalidRequest, OwnerRequired, StartInPast
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
        """A digest of the request that does not depend on the order of its participants."""
        ordered = replace(
            self,
            coach_ids=tuple(sorted(self.coach_ids)),
            learner_ids=tuple(sorted(self.learner_ids)),
        )
        return hashlib.sha256(repr(ordered).encode()).hexdigest()

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


@dataclass(frozen=True, slots=True, kw_only=True)
class EventChange:
    """A request to change an event; `fields` has only the fields given, by their `Event` names.

    `start` and `end` are the two ends of its interval.
    """

    session_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None
    expected_version: int | None = None
    allow_conflicts: bool = False

    def check_owner(self) -> None:
        """Require owner, and the participants that owner needs, for a change of time or people.

        Raises:
            OwnerRequired: naming the missing fields.
        """
        people = ("coach_ids", "learner_ids", "admin_id")
        moves = self.start or self.end or any(name in self.fields for name in people)
        if moves and (missing := self._missing()):
            raise OwnerRequired(
                "A change of time or people requires owner and the participants that owner needs.",
                [FieldProblem(name, "is required with this change") for name in missing],
            )

    def _missing(self) -> list[str]:
        given = self.fields.get
        if "owner" not in self.fields:
            return ["owner"]
        if self.fields["owner"] is Owner.ADMIN:
            has_people = given("coach_ids") or given("learner_ids")
            return [
                *([] if given("admin_id") else ["adminId"]),
                *([] if has_people else ["coachId"]),
            ]
        return [
            *([] if given("coach_ids") else ["coachId"]),
            *([] if given("learner_ids") else ["learnerId"]),
        ]

    def apply(self, event: Event, *, now: datetime) -> Event:
        """Return the changed event, or the same object when nothing differs.

        Raises:
            InvalidRequest: naming the invalid field.
        """
        interval = session_interval(
            self.start or event.interval.start, self.end or event.interval.end
        )
        changed = replace(event, interval=interval, **self.fields)
        if changed == event:
            return event
        check_people(changed)
        if interval.start != event.interval.start:
            check_not_past(changed, now=now)
        moved = (interval, changed.location) != (event.interval, event.location)
        return replace(
            changed,
            version=event.version + 1,
            sequence=event.sequence + moved,
            updated_at=now,
        )


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


def check_owner_is(caller: Caller, event: Event) -> None:
    """Require that the caller is the owner the event names, or an admin.

    Raises:
        Forbidden: for any other caller.
    """
    owners = {
        Owner.COACH: event.coach_ids,
        Owner.COACHEE: event.learner_ids,
        Owner.ADMIN: (event.admin_id,),
    }[event.owner]
    if not caller.is_admin and caller.user_id not in owners:
        raise Forbidden(
            f"With owner {event.owner} you must be one of those participants in the request; "
            "only an admin may act for others."
        )


def _require(condition: bool, name: str, message: str) -> None:  # noqa: FBT001 - a short helper
    if not condition:
        raise InvalidRequest(f"{message[0].upper()}{message[1:]}.", [FieldProblem(name, message)])
