"""The participants of a query: the part that slot and month queries have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domain.caller import Caller
from shared.domain.errors import FieldProblem, InvalidRequest
from shared.domain.event import consulted
from shared.domain.interval import Interval
from shared.domain.organization import Organization
from shared.domain.policy import Policy, Right, not_found
from shared.domain.role import Role
from shared.domain.slot_rules import SlotRules
from shared.domain.slots import reach
from shared.domain.time_policy import asker_of, question_about, require_question
from shared.domain.zones import zone
from shared.ports import EventStore
from shared.usecases.finding.participants import PersonData

MOST_IDS = 50
_EASTERNMOST, _WESTERNMOST = zone("Etc/GMT-14"), zone("Etc/GMT+12")


class Basis(StrEnum):
    """Which windows limit the slots."""

    INTERSECTION = "intersection"
    COACH = "coach"
    LEARNER = "learner"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantQuery:
    """The coaches and learners named, and how to evaluate their time.

    `zone` defaults to that of the person consulted as `role`, `length` to the organization's. A
    reschedule treats the time of session `session_id` as free.
    """

    role: Role
    coach_ids: tuple[str, ...] = ()
    learner_ids: tuple[str, ...] = ()
    zone: str | None = None
    length: timedelta | None = None
    session_id: str | None = None
    reschedule: bool = False

    @property
    def named(self) -> tuple[tuple[str, Role], ...]:
        """All users named, each with the role in which it is named."""
        coaches = tuple((user, Role.COACH) for user in self.coach_ids)
        return (*coaches, *((user, Role.LEARNER) for user in self.learner_ids))

    @property
    def consulted(self) -> tuple[tuple[str, Role], ...]:
        """The users who must be free, each with the role in which it is consulted."""
        return consulted(self.coach_ids, self.learner_ids)

    @property
    def basis(self) -> Basis:
        """Which windows limit the slots."""
        match [role for _, role in self.consulted]:
            case [_, _]:
                return Basis.INTERSECTION
            case [Role.COACH]:
                return Basis.COACH
            case [Role.LEARNER]:
                return Basis.LEARNER
            case _:
                return Basis.DEFAULT

    def rules(self, usual: SlotRules) -> SlotRules:
        """Return the usual rules with the slot length of this query."""
        return replace(usual, length=self.length) if self.length else usual

    def viewer_zone(self, persons: Mapping[str, PersonData], organization: Organization) -> str:
        """Return the name of the viewer zone, in which the dates of the query are interpreted."""
        if self.zone:
            return self.zone
        for user, role in self.consulted:
            if role is self.role:
                return persons[user].person.zone(role, organization.zone)
        return organization.zone

    def longest_reach(self, days: tuple[date, date], rules: SlotRules) -> Interval:
        """Return an interval with every session that affects the dates in any viewer zone."""
        zones: tuple[ZoneInfo, ...] = (
            (zone(self.zone),) if self.zone else (_EASTERNMOST, _WESTERNMOST)
        )
        parts = [reach(days, zone_info, rules) for zone_info in zones]
        widest = Interval(min(part.start for part in parts), max(part.end for part in parts))
        # `reach` has the buffers of the slots; these are the buffers of the sessions.
        return widest.widened(rules.buffer_after, rules.buffer_before)

    def check(self) -> None:
        """Check that the query names from 1 to 50 users.

        Raises:
            InvalidRequest: when it names no user or more than 50.
        """
        if not self.named:
            problem = FieldProblem("coachId", "or learnerId, coachIds or learnerIds is required")
            raise InvalidRequest("Name at least one coach or one learner.", [problem])
        if len(self.named) > MOST_IDS:
            several = "coachIds" if len(self.coach_ids) > len(self.learner_ids) else "learnerIds"
            problem = FieldProblem(several, f"all ids together must be at most {MOST_IDS}")
            raise InvalidRequest(f"Name at most {MOST_IDS} coaches and learners.", [problem])

    def check_asked_by(self, caller: Caller) -> None:
        """Check that the caller may ask about these people.

        Raises:
            Forbidden: when the caller may not.
        """
        asker = asker_of(caller, self.coach_ids, self.learner_ids)
        require_question(question_about(self.coach_ids, self.learner_ids), asker)

    def session_to_move(self, caller: Caller, events: EventStore, policy: Policy) -> str | None:
        """Return the id of the session whose time counts as free, None if it is no reschedule.

        Raises:
            InvalidRequest: when it is a reschedule without a session id.
            NotFound: when there is no session with that id that the caller may see.
        """
        if not self.reschedule:
            return None
        if self.session_id is None:
            problem = FieldProblem("sessionId", "is required when reschedule is true")
            raise InvalidRequest("Name the session to reschedule in sessionId.", [problem])
        event = events.find(self.session_id)
        if event is None:
            raise not_found(self.session_id)
        policy.require(Right.READ, caller, event)
        return event.id

    def check_role_is_named(self) -> None:
        """Check that the query names a user in its role; with role Admin, any user is enough.

        Raises:
            InvalidRequest: when the id that the role needs is missing.
        """
        needed = {Role.COACH: self.coach_ids, Role.LEARNER: self.learner_ids}
        if not needed.get(self.role, self.named):
            name = "learnerId" if self.role is Role.LEARNER else "coachId"
            other = " or learnerId" if self.role is Role.ADMIN else ""
            problem = FieldProblem(name, f"is required with role {self.role}")
            raise InvalidRequest(f"Give {name}{other} with role {self.role}.", [problem])
