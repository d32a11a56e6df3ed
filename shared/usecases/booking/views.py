"""Views of events for a caller who may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from shared.domain.copy import Copy
from shared.domain.copy_content import CopyView, copy_views
from shared.domain.event import Event
from shared.domain.person import Person
from shared.parallel import together
from shared.ports import EventStore, PeopleStore
from shared.usecases.invitations.audience import AudienceReader


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event, its copies, and warnings about conflicts that did not prevent the booking."""

    event: Event
    copies: tuple[CopyView, ...] = ()
    warnings: tuple[str, ...] = ()
    created: bool = False


class EventViews:
    """Builds event views with the state of each copy."""

    def __init__(
        self, *, events: EventStore, people: PeopleStore, audiences: AudienceReader
    ) -> None:
        self._events = events
        self._people = people
        self._audiences = audiences

    def of(self, event: Event) -> EventView:
        """Return a view of this version of the event, with its copies as stored now."""
        users = [partial(self._people.person, user) for user in event.participants]
        [(_, copies)], persons = together([partial(self._events.find_with_copies, event.id)], users)
        return self._view(event, copies, {person.user_id: person for person in persons})

    def with_persons(self, event: Event, persons: Mapping[str, Person]) -> EventView:
        """Return the same view when the participants have already been read."""
        _, copies = self._events.find_with_copies(event.id)
        return self._view(event, copies, persons)

    def _view(
        self, event: Event, copies: Sequence[Copy], persons: Mapping[str, Person]
    ) -> EventView:
        on_mail = self._audiences.mailed(event, persons)
        return EventView(event=event, copies=copy_views(event, copies, persons, on_mail=on_mail))
