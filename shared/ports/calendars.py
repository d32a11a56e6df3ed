"""Connected calendars: reading them, writing copies, CalDAV discovery and write locks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.connection import Connection, Provider
from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.interval import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A connection with its decrypted credential. It is never stored."""

    connection: Connection
    credential: str

    def __repr__(self) -> str:
        """Show the connection and never the credential."""
        return f"Account({self.connection.id})"


class CalendarProvider(Protocol):
    """The calendar API of one provider. Every method raises a `ProviderFailure` when it fails.

    `timeout` bounds the whole call. CredentialInvalid: the user must reconnect.
    ProviderUnavailable: worth a retry. ProviderRejected: retrying is pointless. Implementations do
    not retry, sleep or store anything.
    """

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return every entry that overlaps `within`: recurrences expanded, own copies marked.

        Raises:
            CalendarTooLarge: over 5,000 occurrences, 5 MB or a limit on the work; the calendar is
                then unreadable.
        """
        ...

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        """Create the entry with the key `content.key`; repeated calls create it only once."""
        ...

    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        """Set the fields of the copy that this service writes; the user's own additions stay.

        Raises:
            CopyGone: when the calendar no longer contains the copy.
        """
        ...

    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        """Delete the copy; `ref` is None after a create whose outcome is unknown.

        Raises:
            CopyGone: when there was none.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarInfo:
    """A calendar of an account: its id, its name, and its time zone if the provider sends one."""

    calendar_id: str
    name: str | None
    zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCalendar:
    """The result of discovery: the fields of a `Connection` that the server decides.

    `credential` is the plaintext to encrypt for the connection.
    """

    account: str
    email: str
    calendar_id: str
    calendar_name: str | None
    zone: str | None
    credential: str = field(repr=False)


class CaldavDiscovery(Protocol):
    """Discovery of the calendar to use, from a CalDAV URL, user name and password."""

    def discover(
        self, server_url: str, username: str, password: str, *, timeout: timedelta
    ) -> FoundCalendar:
        """Return a calendar of the account that accepts events.

        Raises:
            ServerUrlNotAllowed: the URL, or one it leads to, is not on the allow list.
            CredentialsRejected: the server rejected the user name and password.
            NoCalendar: no calendar of the account accepts events.
            ProviderUnreachable: the server did not respond, or not with CalDAV.
        """
        ...


class CalendarProviders(Protocol):
    """The calendar client of each provider, loaded on first use."""

    def get(self, provider: Provider) -> CalendarProvider:
        """Return the client.

        Raises:
            ProviderNotConfigured: when this stack does not know the provider.
        """
        ...


class WriteLockStore(Protocol):
    """Write locks: one writer at a time per `write_lane` of a user's connections."""

    def acquire(
        self, connection: Connection, holder: str, *, until: datetime, now: datetime
    ) -> bool:
        """Acquire the lock until `until`; return False while another holder has it."""
        ...

    def release(self, connection: Connection, holder: str) -> None:
        """Release the lock if `holder` still has it."""
        ...
