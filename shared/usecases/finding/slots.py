"""Bookable slots of one local date."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.errors import FieldProblem, InvalidRequest
from shared.domain.organization import Organization
from shared.domain.slot_rules import SlotRules
from shared.domain.slots import Slot, find_slots, reach
from shared.domain.zones import zone
from shared.ports import Meter, Metric
from shared.usecases.finding.calendars import Source, sources
from shared.usecases.finding.participants import Participants
from shared.usecases.finding.queries import Basis, ParticipantQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotQuery(ParticipantQuery):
    """What was asked; a reschedule leaves out the time of the session named."""

    day: date
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
        self,
        *,
        consultation: Participants,
        organization: Organization,
        rules: SlotRules,
        meter: Meter,
    ) -> None:
        self._consultation = consultation
        self._organization = organization
        self._rules = rules
        self._meter = meter

    def on(self, query: SlotQuery, *, now: datetime) -> SlotDay:
        """Return every slot of the date with its status.

        Raises:
            InvalidRequest: when nobody is named, or more people than may be, or it is a
                reschedule and the session is not named.
        """
        query.check()
        if query.reschedule and query.session_id is None:
            problem = FieldProblem("sessionId", "is required when reschedule is true")
            raise InvalidRequest("Name the session to reschedule in sessionId.", [problem])
        rules, who, days = query.rules(self._rules), query.consulted, (query.day, query.day)
        known = self._consultation.known([user for user, _ in who], query.widest(days, rules))
        viewer = query.viewer(known, self._organization)
        gathered = self._consultation.gather(
            who,
            known,
            reach(days, zone(viewer), rules),
            leaving_out=query.session_id if query.reschedule else None,
        )
        people = gathered.consulted or (self._consultation.anybody(viewer),)
        slots = find_slots(query.day, zone(viewer), people, rules, now=now)
        self._meter.count(Metric.SLOTS_OFFERED, sum(each.available for each in slots))
        return SlotDay(
            day=query.day,
            zone=viewer,
            rules=rules,
            basis=query.basis,
            slots=slots,
            sources=sources(gathered.readings),
        )
