"""Events as told to somebody who may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from shared.domain.copy import Copy
from shared.domain.copy_content import CopyView, copies_of
from shared.domain.event import Event
from shared.domain.person import Person
from shared.parallel import together
from shared.ports import EventStore, PeopleStore
from shared.usecases.invitations.audience import AudienceReader


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event as told to somebody who may see it."""

    event: Event
    copies: tuple[CopyView, ...] = ()
    warnings: tuple[str, ...] = ()
    created: bool = False


class EventViews:
    """Shows events with the state of each copy."""

    def __init__(
        self, *, events: EventStore, people: PeopleStore, audiences: AudienceReader
    ) -> None:
        self._events = events
        self._people = people
        self._audiences = audiences

    def of(self, event: Event) -> EventView:
        """Return the event as just decided, with its copies as recorded now."""
        users = [partial(self._people.person, user) for user in event.participants]
        [(_, recorded)], persons = together([partial(self._events.with_copies, event.id)], users)
        return self._shown(event, recorded, {each.user_id: each for each in persons})

    def with_persons(self, event: Event, persons: Mapping[str, Person]) -> EventView:
        """Return the same where the participants are known already."""
        _, recorded = self._events.with_copies(event.id)
        return self._shown(event, recorded, persons)

    def _shown(
        self, event: Event, recorded: Sequence[Copy], persons: Mapping[str, Person]
    ) -> EventView:
        on_mail = self._audiences.mailed(event, persons)
        return EventView(event=event, copies=copies_of(event, recorded, persons, on_mail=on_mail))
