"""A session of three people, each with a calendar at another provider, and what those show."""

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar

from icalendar import Calendar

from shared.domain.connection import Connection, Provider
from shared.domain.copy import CopyState
from shared.domain.copy_content import content_of
from shared.domain.event import Event, EventStatus
from shared.domain.interval import Interval
from shared.ports import PeopleStore
from shared.usecases.accounts.tokens import Tokens
from shared.usecases.copies.copy_sync import CopySync
from shared.usecases.copies.write_lock import WriteLock
from tests.support.calendars import MemoryProviders
from tests.support.faults import Killed
from tests.support.provider_servers import Elsewhere, EveryProvider, OAuthServers
from tests.support.sync_world import SyncWorld
from tests.support.token_fakes import MemoryTokens, MemoryTurns
from tests.support.traps import Trap

USERS: Mapping[Provider, str] = {
    Provider.GOOGLE: "coach",
    Provider.OUTLOOK: "learner",
    Provider.APPLE: "other",
}
EVERYBODY: Mapping[str, Any] = {"coach_ids": ("coach",), "learner_ids": ("learner", "other")}
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a calendar shows of a session, whoever keeps it."""

    title: str
    interval: Interval
    text: str
    location: str


class ThreeCalendars(SyncWorld):
    """Stores in memory, everything else real; a connection bears its provider's name."""

    def __init__(self, elsewhere: Elsewhere) -> None:
        self.elsewhere = elsewhere
        super().__init__()
        self.calendar: Any = EveryProvider(elsewhere.clients)
        self.providers = MemoryProviders(dict.fromkeys(USERS, self.calendar))
        self.turns = self.turns_over(self.turn_store)
        self.sync = self.syncing()
        for each in USERS:
            self.join(each)

    @cached_property
    def token_store(self) -> MemoryTokens:
        """The tokens all workers share."""
        return MemoryTokens(self.memory, self.people)

    @cached_property
    def turn_store(self) -> MemoryTurns:
        """The turns all workers share."""
        return MemoryTurns()

    def turns_over(self, store: Any) -> WriteLock:
        """Return turns over that store; who finds one taken gives up soon."""
        return WriteLock(turns=store, now=lambda: self.at, pause=lambda _: None)

    def syncing(self, **others: Any) -> CopySync:
        """Return a worker of its own, with tokens that are really refreshed."""
        tokens = self.tokens_over(others.get("people", self.people))
        return super().syncing(**{"tokens": tokens, **others})

    def tokens_over(
        self, people: PeopleStore, *, pause: Callable[[int], None] = lambda _: None
    ) -> Tokens:
        """Return accounts over that store; without a pause nobody waits long for a refresh."""
        return Tokens(
            people=people,
            tokens=self.token_store,
            vault=self.vault,
            oauth=OAuthServers(self.elsewhere.oauth),
            now=lambda: self.at,
            pause=pause,
            meter=self.meter,
        )

    def join(self, provider: Provider, *, credential: str | None = None) -> Connection:
        """Connect the calendar there, or connect it anew, granting access afresh."""
        user, expires_at = USERS[provider], self.at + LIFETIME
        made = self.connect(user, provider, provider=provider)
        secret = credential or self.elsewhere.credential(provider, expires_at=expires_at)
        connection = replace(
            made,
            calendar_id=self.elsewhere.calendar_id(provider),
            credential=self.vault.seal(secret, user_id=user, connection_id=provider),
            token_expires_at=None if provider is Provider.APPLE else expires_at,
        )
        self.people.save_connection(connection)
        return connection

    def advance(self, wait: timedelta) -> None:
        """Move on in time; what a real server was asked to do it does by itself."""
        self.at += wait

    def meet(self, event_id: str = "s1", **changes: Any) -> Event:
        """Book a session of everybody."""
        told = {"location": "Room 4", "session_link": "https://meet.example/a?b=1", **EVERYBODY}
        return self.book(event_id, **{**told, **changes})

    def shown(self, provider: Provider) -> list[Shown]:
        """Return everything the calendar there shows, read without our clients."""
        read = _READ[provider]
        return [read(each) for each in self.elsewhere.peers[provider].items().values()]

    def assert_right(self, *, leaving_out: Provider | None = None) -> None:
        """Assert that each calendar shows the session once, or not at all if it should not."""
        event = self.event()
        for provider, user in USERS.items():
            if provider is not leaving_out:
                is_wanted = event.status is EventStatus.SCHEDULED and user in event.participants
                assert ([_wanted(event, provider)] if is_wanted else []) == self.shown(provider)
                assert self._ends(is_wanted=is_wanted) >= {self._state(provider)}
        assert [] == self.elsewhere.mails

    def _state(self, provider: Provider) -> CopyState | None:
        record = self.memory.copies.get(("s1", provider))
        return record.state_for(self.event().version) if record else None

    def _ends(self, *, is_wanted: bool) -> set[CopyState | None]:
        return {CopyState.SYNCED} if is_wanted else {CopyState.REMOVED, None}


class Death(Trap):
    """Ends the process at its n-th call, before or after it: from then on nothing runs."""

    _message: ClassVar[str] = "the process has ended"

    def __init__(self, at: int, *, after: bool) -> None:
        super().__init__(at, self._die, after=after)

    def call(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Call the method while there is a process."""
        if self.has_sprung:
            self._die()
        return super().call(method, *args, **named)

    def _die(self) -> None:
        raise Killed(self._message)


def mortal(world: ThreeCalendars, death: Death) -> CopySync:
    """Return a worker that may die at every call to the outside; a turn it holds stays held."""
    calendar = death.around(world.calendar)
    return world.syncing(
        events=death.around(world.events),
        bookings=death.around(world.bookings),
        people=death.around(world.people),
        providers=MemoryProviders(dict.fromkeys(USERS, calendar)),
        turns=world.turns_over(death.around(world.turn_store)),
    )


def _wanted(event: Event, provider: Provider) -> Shown:
    content = content_of(event, provider)
    return Shown(content.title, content.interval, content.description, content.location or "")


def _google(raw: str) -> Shown:
    told = json.loads(raw)
    return Shown(
        told["summary"],
        Interval(*(datetime.fromisoformat(told[each]["dateTime"]) for each in ("start", "end"))),
        html.unescape(told["description"]),
        told.get("location", ""),
    )


def _outlook(raw: str) -> Shown:
    told = json.loads(raw)["fields"]
    times = [datetime.fromisoformat(told[each]["dateTime"]) for each in ("start", "end")]
    text = re.sub(r"<[^>]*>", "", told["body"]["content"].replace("<br>\r\n", "\n"))
    return Shown(
        told["subject"],
        Interval(*(each.replace(tzinfo=UTC) for each in times)),
        html.unescape(text).strip(),
        told["location"]["displayName"],
    )


def _icloud(raw: str) -> Shown:
    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    return Shown(
        str(event["SUMMARY"]),
        Interval(*(event.decoded(each).astimezone(UTC) for each in ("DTSTART", "DTEND"))),
        str(event["DESCRIPTION"]),
        str(event.get("LOCATION", "")),
    )


_READ: Mapping[Provider, Callable[[str], Shown]] = {
    Provider.GOOGLE: _google,
    Provider.OUTLOOK: _outlook,
    Provider.APPLE: _icloud,
}
