"""Views of events for a caller who may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from shared.domain.audit import AuditEntry
from shared.domain.caller import Caller
from shared.domain.copy import Copy
from shared.domain.copy_content import CopyView, copy_views
from shared.domain.event import Event
from shared.domain.person import Person
from shared.domain.policy import Policy, Right
from shared.domain.role import Role
from shared.domain.warning import BookingWarning, unreachable_warning
from shared.parallel import together
from shared.ports import EventStore, PeopleStore
from shared.usecases.invitations.audience import AudienceReader


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event, its copies, and warnings about conflicts that did not prevent the booking.

    `audit` is None for callers who may not see it.
    """

    event: Event
    copies: tuple[CopyView, ...] = ()
    warnings: tuple[BookingWarning, ...] = ()
    created: bool = False
    audit: tuple[AuditEntry, ...] | None = None


class EventViews:
    """Builds event views with the state of each copy, as far as the caller may see it."""

    def __init__(
        self, *, events: EventStore, people: PeopleStore, audiences: AudienceReader, policy: Policy
    ) -> None:
        self._events = events
        self._people = people
        self._audiences = audiences
        self._policy = policy

    def of(self, caller: Caller, event: Event) -> EventView:
        """Return a view of this version of the event, with its copies as stored now."""
        users = [partial(self._people.person, user) for user in event.participants]
        [(_, copies)], persons = together([partial(self._events.find_with_copies, event.id)], users)
        return self._view(caller, event, copies, {person.user_id: person for person in persons})

    def with_persons(
        self, caller: Caller, event: Event, persons: Mapping[str, Person]
    ) -> EventView:
        """Return the same view when the participants have already been read."""
        _, copies = self._events.find_with_copies(event.id)
        return self._view(caller, event, copies, persons)

    def unreachable(self, event: Event, persons: Mapping[str, Person]) -> list[BookingWarning]:
        """Return a warning about each participant who gets neither a copy nor mail."""
        roles = dict(event.attendees)
        return [
            unreachable_warning(user, roles.get(user, Role.ADMIN))
            for user in self._audiences.unreachable(event, persons)
        ]

    def for_caller(self, caller: Caller, event: Event, copies: Sequence[CopyView]) -> EventView:
        """Return the view of these copies; those of other users are reduced to their state."""
        sees_all = self._policy.allowed(Right.READ_COPIES, caller, event)
        sees_audit = self._policy.allowed(Right.READ_AUDIT, caller, event)
        return EventView(
            event=event,
            copies=tuple(
                each if sees_all or each.user_id == caller.user_id else each.state_only
                for each in copies
            ),
            audit=event.audit if sees_audit else None,
        )

    def _view(
        self, caller: Caller, event: Event, copies: Sequence[Copy], persons: Mapping[str, Person]
    ) -> EventView:
        on_mail = self._audiences.mailed(event, persons)
        return self.for_caller(caller, event, copy_views(event, copies, persons, on_mail=on_mail))
