"""Calendars elsewhere: reading, writing copies, and finding one behind a CalDAV address."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.connection import Connection, Provider
from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.interval import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A connection with its credential in the clear, for the length of one piece of work."""

    connection: Connection
    credential: str

    def __repr__(self) -> str:
        """Name the connection and never the credential."""
        return f"Account({self.connection.id})"


class CalendarProvider(Protocol):
    """Somebody's calendar elsewhere. Every method raises a `ProviderFailure` when it fails.

    `timeout` bounds the whole call. CredentialDead: the user must reconnect. ProviderUnavailable:
    worth another try. ProviderRefused: never. Nothing here retries, sleeps or stores.
    """

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return every entry that overlaps `within`, recurrences expanded, own copies marked.

        Raises:
            CalendarTooLarge: over 5,000 occurrences or 5 MB; the calendar is then unreadable.
        """
        ...

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        """Make the calendar hold `content` under `content.key`, once however often it is asked."""
        ...

    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        """Bring our fields of the copy to `content`; what the user added to it stays.

        Raises:
            CopyGone: when the calendar does not hold it any more.
        """
        ...

    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        """Remove the copy; `ref` is None when a create was begun and its outcome is not known.

        Raises:
            CopyGone: when there was none.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarInfo:
    """A calendar of an account: its id, its name and its time zone where the provider tells."""

    calendar_id: str
    name: str | None
    zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCalendar:
    """What discovery chose: the fields of a `Connection` that the server decides.

    `credential` is what to seal for the connection.
    """

    account: str
    email: str
    calendar_id: str
    calendar_name: str | None
    zone: str | None
    credential: str = field(repr=False)


class CaldavDiscovery(Protocol):
    """Finds the calendar to use behind a CalDAV address, user name and password."""

    def discover(
        self, server_url: str, username: str, password: str, *, timeout: timedelta
    ) -> FoundCalendar:
        """Return the calendar that takes events.

        Raises:
            ServerUrlNotAllowed: the address, or one it leads to, is not one we talk to.
            CredentialsRejected: the server refused the user name and password.
            NoCalendar: no calendar of the account takes events.
            ProviderUnreachable: the server did not answer, or not as CalDAV.
        """
        ...


class Providers(Protocol):
    """Hands out the clients of a provider, loaded when first asked for."""

    def get(self, provider: Provider) -> CalendarProvider:
        """Return the client.

        Raises:
            ProviderNotConfigured: when this stack does not know the provider.
        """
        ...


class WriteLockStore(Protocol):
    """Who may write to a connection's calendar just now."""

    def take(self, connection: Connection, holder: str, *, until: datetime, now: datetime) -> bool:
        """Take the turn until then, unless somebody else has it."""
        ...

    def end(self, connection: Connection, holder: str) -> None:
        """Give the turn back, if it is still this holder's."""
        ...
