"""Bookable slots of one local date."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domain.errors import FieldProblem, InvalidRequest
from shared.domain.event import consulted
from shared.domain.interval import Interval
from shared.domain.organization import Organization
from shared.domain.role import Role
from shared.domain.slot_rules import SlotRules
from shared.domain.slots import Slot, find_slots, reach
from shared.domain.zones import zone
from shared.usecases.calendars import Source, sources
from shared.usecases.consultation import Consultation, Known

_EASTERNMOST, _WESTERNMOST = zone("Etc/GMT-14"), zone("Etc/GMT+12")


class Basis(StrEnum):
    """Whose windows decided."""

    INTERSECTION = "intersection"
    COACH = "coach"
    LEARNER = "learner"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotQuery:
    """What was asked. Without `zone` it is that of the person consulted as `role`."""

    day: date
    role: Role
    coach_ids: tuple[str, ...]
    learner_ids: tuple[str, ...]
    zone: str | None = None
    length: timedelta | None = None
    session_id: str | None = None
    reschedule: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotDay:
    """The slots of a date, the rules they follow and the calendars they rest on."""

    day: date
    zone: str
    rules: SlotRules
    basis: Basis
    slots: tuple[Slot, ...]
    sources: tuple[Source, ...]


class Slots:
    """Finds times that suit."""

    def __init__(
        self, *, consultation: Consultation, organization: Organization, rules: SlotRules
    ) -> None:
        self._consultation = consultation
        self._organization = organization
        self._rules = rules

    def on(self, query: SlotQuery, *, now: datetime) -> SlotDay:
        """Return every slot of the date with its status.

        Raises:
            InvalidRequest: when it is a reschedule and the session is not named.
        """
        if query.reschedule and query.session_id is None:
            problem = FieldProblem("sessionId", "is required when reschedule is true")
            raise InvalidRequest("Name the session to reschedule in sessionId.", [problem])
        rules = replace(self._rules, length=query.length) if query.length else self._rules
        who = consulted(query.coach_ids, query.learner_ids)
        known = self._consultation.known([user for user, _ in who], _widest(query, rules))
        viewer = self._viewer(query, who, known)
        gathered = self._consultation.gather(
            who,
            known,
            reach(query.day, zone(viewer), rules),
            leaving_out=query.session_id if query.reschedule else None,
        )
        people = gathered.consulted or (self._consultation.anybody(viewer),)
        return SlotDay(
            day=query.day,
            zone=viewer,
            rules=rules,
            basis=_basis(who),
            slots=find_slots(query.day, zone(viewer), people, rules, now=now),
            sources=sources(gathered.readings),
        )

    def _viewer(
        self, query: SlotQuery, who: tuple[tuple[str, Role], ...], known: dict[str, Known]
    ) -> str:
        if query.zone:
            return query.zone
        for user, role in who:
            if role is query.role:
                return known[user].person.zone(role, self._organization.zone)
        return self._organization.zone


def _widest(query: SlotQuery, rules: SlotRules) -> Interval:
    """The instants that may matter, whichever zone the viewer turns out to be in."""
    zones: tuple[ZoneInfo, ...] = (
        (zone(query.zone),) if query.zone else (_EASTERNMOST, _WESTERNMOST)
    )
    parts = [reach(query.day, each, rules) for each in zones]
    return Interval(min(each.start for each in parts), max(each.end for each in parts))


def _basis(who: tuple[tuple[str, Role], ...]) -> Basis:
    match [role for _, role in who]:
        case [_, _]:
            return Basis.INTERSECTION
        case [Role.COACH]:
            return Basis.COACH
        case [Role.LEARNER]:
            return Basis.LEARNER
        case _:
            return Basis.DEFAULT
