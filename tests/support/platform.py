"""All booking use-cases over stores in memory and a calendar that fails on request."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.domain.caller import EVENTS_SCOPE, Caller
from shared.domain.connection import Connection, ConnectionStatus, Provider
from shared.domain.copy import CalendarEntry
from shared.domain.draft import EventDraft
from shared.domain.event import Owner
from shared.domain.event_change import EventChange
from shared.domain.interval import Interval
from shared.domain.organization import Organization
from shared.domain.policy import Policy, PolicySettings
from shared.domain.role import Role
from shared.domain.slot_rules import SlotRules
from shared.usecases.booking.conflicts import ConflictCheck
from shared.usecases.booking.events import Events
from shared.usecases.booking.views import EventView
from shared.usecases.finding.calendars import Calendars
from shared.usecases.finding.days import DayList
from shared.usecases.finding.participants import Participants
from shared.usecases.finding.slots import SlotDay, SlotQuery, Slots
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.people.availability import Availability
from shared.usecases.people.holidays import Holidays
from shared.usecases.people.limits import NO_LIMITS
from tests.support.faulty_calendar import FaultyCalendar, MemoryProviders, MemoryVault
from tests.support.memory import (
    Memory,
    MemoryBookings,
    MemoryEvents,
    MemoryInvites,
    MemoryPeople,
)
from tests.support.meter import FakeMeter
from tests.support.token_fakes import tokens_of

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DEADLINE = timedelta(seconds=20)
"""How long a calendar may take by default: never reached, not even on a busy machine."""
SHORT_DEADLINE = timedelta(milliseconds=200)
"""For tests in which a calendar hangs."""

COACH = Caller(user_id="coach-1", roles=frozenset({Role.COACH}), email="c@example.com")
COACH_2 = Caller(user_id="coach-2", roles=frozenset({Role.COACH}))
LEARNER = Caller(user_id="learner-1", roles=frozenset({Role.LEARNER}))
ADMIN = Caller(user_id="admin-1", roles=frozenset({Role.ADMIN}))
STRANGER = Caller(user_id="stranger", roles=frozenset({Role.COACH}))
SERVICE = Caller(user_id="platform", scopes=frozenset({EVENTS_SCOPE}))
OFFICE = Organization(zone="UTC", hours=tuple((n, 9 * 60, 17 * 60) for n in range(5)))
HOUR = timedelta(hours=1)


def hours(start: float, length: float = 1, *, day: date = DAY) -> Interval:
    """Return the interval that starts so many hours into the UTC day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Interval(midnight + timedelta(hours=start), midnight + timedelta(hours=start + length))


def draft(
    session_id: str = "s1", start: float = 9, length: float = 1, **changes: Any
) -> EventDraft:
    """Return the coach's request for a session with the learner."""
    interval = hours(start, length)
    fields: dict[str, Any] = {
        "session_id": session_id,
        "title": "Coaching",
        "start": interval.start,
        "end": interval.end,
        "zone": "UTC",
        "owner": Owner.COACH,
        "coach_ids": (COACH.user_id,),
        "learner_ids": (LEARNER.user_id,),
        "admin_id": None,
        "auto_approval": True,
    }
    return EventDraft(**{**fields, **changes})


def moved(start: float, session_id: str = "s1", length: float = 1, **changes: Any) -> EventChange:
    """Return the coach's request to move a session."""
    interval = hours(start, length)
    fields = {
        "owner": Owner.COACH,
        "coach_ids": (COACH.user_id,),
        "learner_ids": (LEARNER.user_id,),
    }
    return EventChange(
        session_id=session_id, fields=fields, start=interval.start, end=interval.end, **changes
    )


def messages(view: EventView) -> tuple[str, ...]:
    """Return the messages of the warnings of a booking."""
    return tuple(each.message for each in view.warnings)


class Platform:
    """The use-cases; `pauses` collects the numbers of attempts that a pause followed.

    With `has_mail` the service sends mail. Other arguments replace slot rules.
    """

    def __init__(
        self, *, deadline: timedelta = DEADLINE, has_mail: Any = False, **rules: Any
    ) -> None:
        self.memory = Memory()
        self.people = MemoryPeople(self.memory)
        self.store = MemoryEvents(self.memory)
        self.bookings = MemoryBookings(self.memory)
        self.invites = MemoryInvites(self.memory)
        self.policy = Policy(PolicySettings())
        self.audiences = AudienceReader(
            events=self.store, people=self.people, invites=self.invites, has_mail=has_mail
        )
        self.vault = MemoryVault()
        self.calendar = FaultyCalendar(now=lambda: NOW)
        self.pauses: list[int] = []
        self.meter = FakeMeter()
        shape = {"length": HOUR, "step": timedelta(minutes=30), **rules}
        self.rules = SlotRules(**shape)
        self.calendars = Calendars(
            providers=MemoryProviders({Provider.APPLE: self.calendar}),
            tokens=tokens_of(self.people, self.vault),
            meter=self.meter,
            deadline=deadline,
        )
        self.participants = Participants(
            people=self.people, calendars=self.calendars, organization=OFFICE
        )
        self.check = ConflictCheck(
            calendars=self.calendars, participants=self.participants, rules=self.rules
        )
        self.events = self.events_with()
        self.slots = Slots(
            participants=self.participants,
            events=self.store,
            policy=self.policy,
            organization=OFFICE,
            rules=self.rules,
            meter=self.meter,
        )
        self.availability = Availability(people=self.people, organization=OFFICE)
        self.holidays = Holidays(people=self.people, organization=OFFICE, limits=NO_LIMITS)
        self.days = self.days_with(public_details=False)

    def events_with(self, **others: Any) -> Events:
        """Return the operations on events, with these parts replaced."""
        parts: dict[str, Any] = {
            "events": self.store,
            "bookings": self.bookings,
            "people": self.people,
            "check": self.check,
            "policy": self.policy,
            "limits": NO_LIMITS,
            "audiences": self.audiences,
            "pause": self.pauses.append,
            "meter": self.meter,
        }
        return Events(**{**parts, **others})

    def days_with(self, *, public_details: bool) -> DayList:
        """Return the day list, with or without public details."""
        return DayList(
            people=self.people,
            events=self.store,
            calendars=self.calendars,
            public_details=public_details,
        )

    def connect(
        self,
        name: str = "c1",
        user: str = COACH.user_id,
        *,
        provider: Provider = Provider.APPLE,
        status: ConnectionStatus = ConnectionStatus.ACTIVE,
    ) -> Connection:
        """Connect a calendar whose account has the connection's name."""
        connection = Connection(
            id=name,
            user_id=user,
            provider=provider,
            account=name,
            email=f"{user}@example.com",
            calendar_id=name,
            calendar_name="Work",
            zone=None,
            status=status,
            credential=self.vault.seal(name, user_id=user, connection_id=name),
            created_at=NOW,
        )
        self.people.save_connection(connection)
        return connection

    def add_entry(self, name: str, interval: Interval, **changes: Any) -> None:
        """Put a foreign entry into a calendar."""
        fields: dict[str, Any] = {
            "external_id": f"{name}-{interval.start:%d%H%M}",
            "title": "Dentist",
            "interval": interval,
            "all_day": False,
            "busy": True,
        }
        self.calendar.foreign[name].append(CalendarEntry(**{**fields, **changes}))

    def book(
        self, session_id: str = "s1", start: float = 9, *, caller: Caller = COACH, **changes: Any
    ) -> EventView:
        """Book a session of the coach with the learner."""
        return self.events.create(caller, draft(session_id, start, **changes), now=NOW)

    def agenda(self, user: str = COACH.user_id) -> dict[str, Interval]:
        """Return the intervals on a user's agenda by session."""
        days = [each for each in self.memory.agendas.values() if each.user_id == user]
        return {session: time for day in days for session, time in day.sessions.items()}

    def query(self, **changes: Any) -> SlotQuery:
        """Return a slot query for the coach and the learner."""
        fields: dict[str, Any] = {
            "day": DAY,
            "role": Role.COACH,
            "coach_ids": (COACH.user_id,),
            "learner_ids": (LEARNER.user_id,),
        }
        return SlotQuery(**{**fields, **changes})

    def find_slots(self, caller: Caller = COACH, **changes: Any) -> SlotDay:
        """Return the slots of the coach and the learner as the caller gets them."""
        return self.slots.on(caller, self.query(**changes), now=NOW)

    def statuses(self, **changes: Any) -> dict[str, str]:
        """Return the status of each slot by its start in the viewer's zone."""
        view = self.find_slots(**changes)
        return {f"{each.local_start:%H:%M}": each.status.value for each in view.slots}
