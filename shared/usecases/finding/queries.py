"""Whose time is asked about: what the questions for slots and for months have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domain.errors import FieldProblem, InvalidRequest
from shared.domain.event import consulted
from shared.domain.interval import Interval
from shared.domain.organization import Organization
from shared.domain.role import Role
from shared.domain.slot_rules import SlotRules
from shared.domain.slots import reach
from shared.domain.zones import zone
from shared.usecases.finding.participants import PersonData

MOST_IDS = 50
_EASTERNMOST, _WESTERNMOST = zone("Etc/GMT-14"), zone("Etc/GMT+12")


class Basis(StrEnum):
    """Whose windows decided."""

    INTERSECTION = "intersection"
    COACH = "coach"
    LEARNER = "learner"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantQuery:
    """The people named, and how their time is to be looked at.

    Without `zone` it is that of the person consulted as `role`, without `length` the
    organization's.
    """

    role: Role
    coach_ids: tuple[str, ...] = ()
    learner_ids: tuple[str, ...] = ()
    zone: str | None = None
    length: timedelta | None = None

    @property
    def named(self) -> tuple[tuple[str, Role], ...]:
        """Everybody named, with the role they are named in."""
        coaches = tuple((each, Role.COACH) for each in self.coach_ids)
        return (*coaches, *((each, Role.LEARNER) for each in self.learner_ids))

    @property
    def consulted(self) -> tuple[tuple[str, Role], ...]:
        """The people whose time decides, with the role they are consulted in."""
        return consulted(self.coach_ids, self.learner_ids)

    @property
    def basis(self) -> Basis:
        """Whose windows decide."""
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
        """Return the usual rules with the length asked for."""
        return replace(usual, length=self.length) if self.length else usual

    def viewer(self, known: Mapping[str, PersonData], organization: Organization) -> str:
        """Return the zone whose dates are meant."""
        if self.zone:
            return self.zone
        for user, role in self.consulted:
            if role is self.role:
                return known[user].person.zone(role, organization.zone)
        return organization.zone

    def widest(self, days: tuple[date, date], rules: SlotRules) -> Interval:
        """Return the instants that may matter, whichever zone the viewer turns out to be in."""
        zones: tuple[ZoneInfo, ...] = (
            (zone(self.zone),) if self.zone else (_EASTERNMOST, _WESTERNMOST)
        )
        parts = [reach(days, each, rules) for each in zones]
        return Interval(min(each.start for each in parts), max(each.end for each in parts))

    def check(self) -> None:
        """Pass only a selection that names somebody, and not too many.

        Raises:
            InvalidRequest: when nobody is named, or more than 50 are.
        """
        if not self.named:
            problem = FieldProblem("coachId", "or learnerId, coachIds or learnerIds is required")
            raise InvalidRequest("Name at least one coach or one learner.", [problem])
        if len(self.named) > MOST_IDS:
            several = "coachIds" if len(self.coach_ids) > len(self.learner_ids) else "learnerIds"
            problem = FieldProblem(several, f"all ids together must be at most {MOST_IDS}")
            raise InvalidRequest(f"Name at most {MOST_IDS} coaches and learners.", [problem])

    def check_role_is_named(self) -> None:
        """Pass only a selection that names somebody in its role; an Admin's names anybody.

        Raises:
            InvalidRequest: when the id that the role needs is missing.
        """
        needed = {Role.COACH: self.coach_ids, Role.LEARNER: self.learner_ids}
        if not needed.get(self.role, self.named):
            name = "learnerId" if self.role is Role.LEARNER else "coachId"
            other = " or learnerId" if self.role is Role.ADMIN else ""
            problem = FieldProblem(name, f"is required with role {self.role}")
            raise InvalidRequest(f"Give {name}{other} with role {self.role}.", [problem])
