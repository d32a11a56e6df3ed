"""What the use-cases need of the world, as Protocols; stores, providers and aws fill them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from shared.domain.agenda import AgendaDay
from shared.domain.connection import Connection, ConnectionStatus, Provider
from shared.domain.copy import CalendarEntry, Copy, CopyContent, CopyRef
from shared.domain.event import Event
from shared.domain.holiday import Holiday
from shared.domain.interval import Interval
from shared.domain.invite import Externals, Invite, Told
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class Vault(Protocol):
    """Encrypts credentials, bound to the user and the connection they belong to."""

    def seal(self, plaintext: str, *, user_id: str, connection_id: str) -> bytes:
        """Return ciphertext that opens only for the same user and connection."""
        ...

    def open(self, ciphertext: bytes, *, user_id: str, connection_id: str) -> str:
        """Return the plaintext; it must not be logged or stored.

        Raises:
            CalendarServiceError: when the ciphertext does not belong to this user and connection.
        """
        ...


class PeopleStore(Protocol):
    """Users: availability, holidays and connections. Every read is consistent."""

    def person(self, user_id: str) -> Person:
        """Return all that is kept of a user but the agenda, in one request; unknown is empty."""
        ...

    def agenda(self, user_id: str, first: date, last: date) -> tuple[AgendaDay, ...]:
        """Return the agenda of the UTC dates `first` to `last`, both included, in one request."""
        ...

    def remember(self, user_id: str, *, email: str | None, roles: frozenset[Role]) -> None:
        """Keep the address and the roles somebody was seen with; None forgets nothing."""
        ...

    def save_availability(self, user_id: str, availability: RoleAvailability) -> None:
        """Replace what is kept for that role."""
        ...

    def add_holiday(self, user_id: str, holiday: Holiday) -> None:
        """Keep one more holiday."""
        ...

    def remove_holiday(self, user_id: str, holiday_id: str) -> None:
        """Forget a holiday of this user.

        Raises:
            NotFound: when this user has none with that id.
        """
        ...

    def save_connection(self, connection: Connection) -> None:
        """Keep a connection, new or anew, whatever was there."""
        ...

    def remove_connection(self, user_id: str, connection_id: str) -> None:
        """Forget a connection and its credential.

        Raises:
            NotFound: when this user has none with that id.
        """
        ...

    def mark_connection(
        self,
        connection: Connection,
        status: ConnectionStatus,
        *,
        error: str | None,
    ) -> bool:
        """Set the status, unless the connection was reconnected or removed since it was read.

        Returns whether it was set by this call; setting it again is not an error.
        """
        ...


class EventStore(Protocol):
    """Events and their copies. Every read is consistent."""

    def find(self, event_id: str) -> Event | None:
        """Return the event, or None."""
        ...

    def find_all(self, event_ids: Iterable[str]) -> dict[str, Event]:
        """Return those that exist, by id, in as few requests as the table allows."""
        ...

    def with_copies(self, event_id: str) -> tuple[Event | None, tuple[Copy, ...]]:
        """Return the event and the record of every copy of it, in one request."""
        ...

    def save_copy(self, copy: Copy) -> Copy:
        """Keep the record and return it with its next `row_version`.

        Raises:
            LostRace: when the record has changed since `copy.row_version` was read.
        """
        ...


class Bookings(Protocol):
    """The one transaction that decides who holds which time."""

    def agendas(self, user_ids: Sequence[str], interval: Interval) -> tuple[AgendaDay, ...]:
        """Return every agenda day of these users that `days_touching(interval)` names.

        Consistent, in as few parallel requests as the table allows; days never written come with
        version 0.
        """
        ...

    def commit(
        self,
        event: Event,
        *,
        previous: Event | None,
        guarded: Sequence[str] = (),
        seen: Sequence[AgendaDay] = (),
    ) -> None:
        """Write the event and every participant's agenda, all or nothing.

        `previous` is the event this one was decided on (None: there was none). `seen` are agenda
        days the decision rests on: those of `guarded` users must still have the version seen.

        Raises:
            LostRace: when the event, or a guarded agenda day, has changed; nothing is written.
        """
        ...

    def settle_holds(self, event_id: str) -> None:
        """Free the agenda days a large move has left but not yet cleared; mostly there are none.

        Until then those days block more than they must. May be repeated by anybody at any time.

        Raises:
            LostRace: when others keep writing the same days; ask again later.
        """
        ...


class SyncQueue(Protocol):
    """Carries ids of events whose calendars may be behind, first in first out per event."""

    def send(self, event_ids: Mapping[str, str]) -> None:
        """Put each event id on the queue; the value tells repeats of one change apart."""
        ...

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        """Hide a received message for that long before it is delivered again."""
        ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token endpoint answered; the tokens must not be logged or stored in the clear.

    `refresh_token` is None when the answer had none: the one stored before stays good.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A grant with the identity it is for.

    `account` never changes and is nobody else's (Google: sub; Microsoft: tid and oid).
    """

    grant: Grant
    account: str
    email: str


class OAuthProvider(Protocol):
    """The authorization server of a provider.

    Raises of every call that goes out: CredentialDead (invalid_grant and its kin: the user must
    connect anew), ProviderMisconfigured (our client id or secret is wrong: nobody is to blame but
    us), ProviderUnavailable (worth another try).
    """

    scopes: frozenset[str]
    """What is asked for; least first, no more than the service uses."""

    def authorization_url(
        self, *, state: str, code_challenge: str, nonce: str, redirect_uri: str
    ) -> str:
        """Return where the user grants access: PKCE S256, offline access, consent asked."""
        ...

    def exchange(
        self, code: str, *, code_verifier: str, nonce: str, redirect_uri: str, now: datetime
    ) -> SignIn:
        """Turn a code into tokens and the identity behind them.

        Raises:
            CodeRejected: when the provider refuses the code or the identity does not check out.
        """
        ...

    def refresh(self, refresh_token: str, *, now: datetime) -> Grant:
        """Return new tokens."""
        ...

    def revoke(self, refresh_token: str) -> bool:
        """Withdraw the user's grant; return whether that happened. Microsoft has no such call."""
        ...

    def primary_calendar(self, access_token: str, *, timeout: timedelta) -> CalendarInfo:
        """Return the calendar the account writes to by default."""
        ...


class OAuthProviders(Protocol):
    """Hands out the authorization server of a provider, loaded when first asked for."""

    def get(self, provider: Provider) -> OAuthProvider:
        """Return it.

        Raises:
            ProviderNotConfigured: when this stack has no client id for the provider.
        """
        ...


class TokenStore(Protocol):
    """The tokens of connections; the sealed credential itself tells one version from the next."""

    def connection(self, user_id: str, connection_id: str) -> Connection | None:
        """Return the connection as it is now, or None."""
        ...

    def lease(self, connection: Connection, *, until: datetime, now: datetime) -> bool:
        """Take the right to refresh these very tokens until then.

        False when somebody else has it, or the tokens are not those of `connection` any more.
        """
        ...

    def release(self, connection: Connection) -> None:
        """Give the right back after a refresh that failed."""
        ...

    def save(self, before: Connection, after: Connection) -> bool:
        """Keep new tokens and give the right back, unless `before` has been replaced meanwhile."""
        ...

    def due(self, before: datetime) -> tuple[tuple[str, str], ...]:
        """Return (user id, connection id) of active connections whose tokens expire before then."""
        ...

    def mark_account(self, connection: Connection) -> None:
        """Note that this connection uses its account."""
        ...

    def unmark_account(self, connection: Connection) -> bool:
        """Forget that it does; return whether any other connection still uses the account."""
        ...


class TurnStore(Protocol):
    """Who may write to a connection's calendar just now."""

    def take(self, connection: Connection, holder: str, *, until: datetime, now: datetime) -> bool:
        """Take the turn until then, unless somebody else has it."""
        ...

    def end(self, connection: Connection, holder: str) -> None:
        """Give the turn back, if it is still this holder's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthState:
    """What a callback may act on: whose it is and what the code is to be redeemed with."""

    user_id: str
    provider: Provider
    verifier: bytes = field(repr=False)
    """The PKCE verifier and the nonce, sealed."""

    return_to: str | None
    expires_at: datetime


class StateStore(Protocol):
    """OAuth states, kept by the digest of what the browser carries."""

    def put(self, digest: str, state: OAuthState) -> None:
        """Keep a new state."""
        ...

    def take(self, digest: str) -> OAuthState | None:
        """Return the state and forget it in the same step: of many callers one gets it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteMail:
    """What one mail is made from; `stamp` is DTSTAMP, `uid` stays for the life of the session.

    `is_update` tells the reader that they were told something else before.
    """

    event: Event
    told: Told
    uid: str
    address: str
    name: str | None
    stamp: datetime
    is_update: bool = False


class InviteWriter(Protocol):
    """Writes invitations as raw MIME."""

    def write(self, mail: InviteMail) -> bytes:
        """Return the whole message, 7-bit, CRLF.

        Raises:
            ValueError: when a text holds line breaks or control characters, or the address is none.
        """
        ...


class Mailer(Protocol):
    """Hands mail to SES, one recipient at a time."""

    def send(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> str:
        """Return SES's message id.

        Raises:
            MailUnavailable: worth another try, later.
            MailRefused: never, however often it is asked.
        """
        ...


class InviteStore(Protocol):
    """Invites and external attendees, in the partition of their event. Every read is consistent."""

    def invites(self, event_id: str) -> tuple[Invite, ...]:
        """Return the invite of every address of the event, in one request."""
        ...

    def invite(self, event_id: str, invite_id: str) -> Invite | None:
        """Return one, or None."""
        ...

    def save_invite(self, invite: Invite) -> Invite:
        """Keep the record and return it with its next `row_version`.

        Raises:
            LostRace: when the record has changed since `invite.row_version` was read.
        """
        ...

    def by_message(self, message_id: str) -> tuple[str, str] | None:
        """Return (event id, invite id) of the mail SES gave that id, from an index that may lag."""
        ...

    def externals(self, session_id: str) -> Externals | None:
        """Return the ad-hoc attendees of a session, or None when none were ever set."""
        ...

    def save_externals(self, externals: Externals) -> Externals:
        """Replace the whole set at once and return it with its next `row_version`.

        Raises:
            LostRace: when it has changed since `externals.row_version` was read.
        """
        ...
