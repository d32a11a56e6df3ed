"""A session of three participants, each with a calendar at a different provider."""

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
from shared.domain.copy_content import copy_content
from shared.domain.event import Event, EventStatus
from shared.domain.interval import Interval
from shared.ports import PeopleStore
from shared.providers.own_text import delimited
from shared.usecases.accounts.tokens import Tokens
from shared.usecases.copies.copy_sync import CopySync
from shared.usecases.copies.write_lock import WriteLock
from tests.support.call_hooks import CallHook
from tests.support.faulty_calendar import MemoryProviders
from tests.support.provider_servers import EveryProvider, OAuthServers, ProviderServers
from tests.support.request_faults import ProcessKilled
from tests.support.sync_harness import SyncHarness
from tests.support.token_fakes import MemoryTokens, MemoryWriteLocks

USERS: Mapping[Provider, str] = {
    Provider.GOOGLE: "coach",
    Provider.OUTLOOK: "learner",
    Provider.APPLE: "other",
}
ALL_PARTICIPANTS: Mapping[str, Any] = {"coach_ids": ("coach",), "learner_ids": ("learner", "other")}
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class VisibleEntry:
    """An entry as a calendar shows it, for any provider."""

    title: str
    interval: Interval
    text: str
    location: str


class ThreeProviders(SyncHarness):
    """Stores in memory and real clients; the id of a connection is its provider's name."""

    def __init__(self, provider_servers: ProviderServers) -> None:
        self.servers = provider_servers
        super().__init__()
        self.calendar: Any = EveryProvider(provider_servers.clients)
        self.providers = MemoryProviders(dict.fromkeys(USERS, self.calendar))
        self.write_lock = self.write_lock_over(self.lock_store)
        self.sync = self.worker()
        for each in USERS:
            self.join(each)

    @cached_property
    def token_store(self) -> MemoryTokens:
        """The token store shared by all workers."""
        return MemoryTokens(self.memory, self.people)

    @cached_property
    def lock_store(self) -> MemoryWriteLocks:
        """The write locks shared by all workers."""
        return MemoryWriteLocks()

    def write_lock_over(self, store: Any) -> WriteLock:
        """Return a write lock over that store that does not wait between attempts."""
        return WriteLock(store=store, now=lambda: self.at, pause=lambda _: None)

    def worker(self, **others: Any) -> CopySync:
        """Return a new worker that really refreshes tokens."""
        tokens = self.tokens_over(others.get("people", self.people))
        return super().worker(**{"tokens": tokens, **others})

    def tokens_over(
        self, people: PeopleStore, *, pause: Callable[[int], None] = lambda _: None
    ) -> Tokens:
        """Return tokens over that store; without `pause` no one waits for another's refresh."""
        return Tokens(
            people=people,
            tokens=self.token_store,
            vault=self.vault,
            oauth=OAuthServers(self.servers.oauth),
            now=lambda: self.at,
            pause=pause,
            meter=self.meter,
        )

    def join(self, provider: Provider, *, credential: str | None = None) -> Connection:
        """Connect or reconnect the calendar at that provider with a new grant."""
        user, expires_at = USERS[provider], self.at + LIFETIME
        stored = self.connect(user, provider, provider=provider)
        secret = credential or self.servers.credential(provider, expires_at=expires_at)
        connection = replace(
            stored,
            calendar_id=self.servers.calendar_id(provider),
            credential=self.vault.seal(secret, user_id=user, connection_id=provider),
            token_expires_at=None if provider is Provider.APPLE else expires_at,
        )
        self.people.save_connection(connection)
        return connection

    def advance(self, wait: timedelta) -> None:
        """Advance the clock; real servers need no help to finish their work."""
        self.at += wait

    def meet(self, event_id: str = "s1", **changes: Any) -> Event:
        """Book a session of all participants."""
        fields = {
            "location": "Room 4",
            "session_link": "https://meet.example/a?b=1",
            **ALL_PARTICIPANTS,
        }
        return self.book(event_id, **{**fields, **changes})

    def visible_entries(self, provider: Provider) -> list[VisibleEntry]:
        """Return everything the provider's calendar shows, read without our clients."""
        read = _READ[provider]
        return [read(each) for each in self.servers.test_servers[provider].items().values()]

    def assert_in_sync(self, *, leaving_out: Provider | None = None) -> None:
        """Assert that each calendar shows the session once, or not at all if it should not."""
        event = self.event()
        for provider, user in USERS.items():
            if provider is not leaving_out:
                is_wanted = event.status is EventStatus.SCHEDULED and user in event.participants
                assert (
                    [_expected_entry(event, provider)] if is_wanted else []
                ) == self.visible_entries(provider)
                assert self._expected_states(is_wanted=is_wanted) >= {self._state(provider)}
        assert [] == self.servers.mails

    def _state(self, provider: Provider) -> CopyState | None:
        record = self.memory.copies.get(("s1", provider))
        return record.state_for(self.event().version) if record else None

    def _expected_states(self, *, is_wanted: bool) -> set[CopyState | None]:
        return {CopyState.SYNCED} if is_wanted else {CopyState.REMOVED, None}


class ProcessEnd(CallHook):
    """Ends the process before or after its n-th call: later calls do nothing but raise."""

    _message: ClassVar[str] = "the process has ended"

    def __init__(self, at: int, *, after: bool) -> None:
        super().__init__(at, self._end_process, after=after)

    def call(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Call the method, unless the process has ended."""
        if self.has_fired:
            self._end_process()
        return super().call(method, *args, **named)

    def _end_process(self) -> None:
        raise ProcessKilled(self._message)


def ending_worker(harness: ThreeProviders, death: ProcessEnd) -> CopySync:
    """Return a worker whose process can end at any external call; its write lock stays taken."""
    calendar = death.wrap(harness.calendar)
    return harness.worker(
        events=death.wrap(harness.events),
        bookings=death.wrap(harness.bookings),
        people=death.wrap(harness.people),
        providers=MemoryProviders(dict.fromkeys(USERS, calendar)),
        write_lock=harness.write_lock_over(death.wrap(harness.lock_store)),
    )


def _expected_entry(event: Event, provider: Provider) -> VisibleEntry:
    content = copy_content(event, provider)
    text = delimited(content.description)
    return VisibleEntry(content.title, content.interval, text, content.location or "")


def _google(raw: str) -> VisibleEntry:
    fields = json.loads(raw)
    return VisibleEntry(
        fields["summary"],
        Interval(*(datetime.fromisoformat(fields[each]["dateTime"]) for each in ("start", "end"))),
        html.unescape(fields["description"]),
        fields.get("location", ""),
    )


def _outlook(raw: str) -> VisibleEntry:
    fields = json.loads(raw)["fields"]
    times = [datetime.fromisoformat(fields[each]["dateTime"]) for each in ("start", "end")]
    lines = re.sub(r"<br>\r?\n?", "\n", fields["body"]["content"])
    text = re.sub(r"<[^>]*>", "", lines)
    return VisibleEntry(
        fields["subject"],
        Interval(*(each.replace(tzinfo=UTC) for each in times)),
        html.unescape(text).strip(),
        fields["location"]["displayName"],
    )


def _icloud(raw: str) -> VisibleEntry:
    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    return VisibleEntry(
        str(event["SUMMARY"]),
        Interval(*(event.decoded(each).astimezone(UTC) for each in ("DTSTART", "DTEND"))),
        str(event["DESCRIPTION"]),
        str(event.get("LOCATION", "")),
    )


_READ: Mapping[Provider, Callable[[str], VisibleEntry]] = {
    Provider.GOOGLE: _google,
    Provider.OUTLOOK: _outlook,
    Provider.APPLE: _icloud,
}
