"""Read everything that decides who gets calendar copies and who gets mail."""

from collections.abc import Mapping
from functools import partial

from shared.domain.event import Event
from shared.domain.person import Person
from shared.domain.recipients import Audience
from shared.parallel import together
from shared.ports import EventStore, InviteStore, PeopleStore


class AudienceReader:
    """Reads the audience of events.

    If `has_mail` is false, no participant gets mail, only copies.
    """

    def __init__(
        self, *, events: EventStore, people: PeopleStore, invites: InviteStore, has_mail: bool
    ) -> None:
        self._events = events
        self._people = people
        self._invites = invites
        self._has_mail = has_mail

    def of(self, event_id: str) -> Audience | None:
        """Return the current audience of an event, or None when there is no event with that id."""
        [(event, copies)], [invites], [guest_list] = together(
            [partial(self._events.find_with_copies, event_id)],
            [partial(self._invites.invites, event_id)],
            [partial(self._invites.guest_list, event_id)],
        )
        if event is None:
            return None
        users = dict.fromkeys((*event.participants, *(copy.user_id for copy in copies)))
        persons = together([partial(self._people.person, user) for user in users])
        return Audience(
            event=event,
            persons={person.user_id: person for person in persons},
            copies=copies,
            invites=invites,
            guest_list=guest_list,
            has_mail=self._has_mail,
        )

    def unreachable(self, event: Event, persons: Mapping[str, Person]) -> tuple[str, ...]:
        """Return the participants who get neither a copy nor mail, by what is known of them now."""
        return Audience(event=event, persons=persons, has_mail=self._has_mail).unreachable

    def mailed(self, event: Event, persons: Mapping[str, Person]) -> frozenset[str]:
        """Return the participants who have been mailed, and therefore get no copies any more."""
        if not self._has_mail:
            return frozenset()
        invites = self._invites.invites(event.id)
        return Audience(event=event, persons=persons, invites=invites).mailed
