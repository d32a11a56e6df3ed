"""Store, list and disconnect the calendar accounts of users."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from shared.domain.caller import Caller
from shared.domain.connection import Connection, Provider
from shared.domain.errors import (
    FieldProblem,
    InvalidRequest,
    ProviderFailure,
    ProviderUnreachable,
)
from shared.ports import (
    CaldavDiscovery,
    CalendarInfo,
    FoundCalendar,
    Meter,
    OAuthProviders,
    PeopleStore,
    SignIn,
    TokenStore,
)
from shared.usecases.accounts.caldav_attempts import CaldavAttempts
from shared.usecases.accounts.connection_writer import (
    ConnectionWriter,
    StoredConnection,
    connection_id,
)
from shared.usecases.accounts.faults import reported_as_unreachable
from shared.usecases.accounts.linking import same_account
from shared.usecases.accounts.revocation import Revocation
from shared.usecases.people.limits import Limits

DISCOVERY_TIMEOUT = timedelta(seconds=20)
LOOKUP_TIMEOUT = timedelta(seconds=5)
APPLE_CONNECT_PATH = "/api/v1/auth/apple/connect"
APPLE_INSTRUCTIONS = (
    "Create an app-specific password at account.apple.com under Sign-In and Security, then POST "
    f"{{username, password}} to {APPLE_CONNECT_PATH}; for another CalDAV server add serverUrl."
)


class Connections:
    """The calendar accounts of users.

    `discovery` is called when it is first needed, so that other operations load no CalDAV library.
    """

    def __init__(
        self,
        *,
        people: PeopleStore,
        tokens: TokenStore,
        oauth: OAuthProviders,
        discovery: Callable[[], CaldavDiscovery],
        limits: Limits,
        writer: ConnectionWriter,
        revocation: Revocation,
        meter: Meter,
        redirects: Sequence[str] = (),
    ) -> None:
        self._people = people
        self._tokens = tokens
        self._oauth = oauth
        self._discovery = discovery
        self._writer = writer
        self._revocation = revocation
        self._meter = meter
        self._caldav_attempts = CaldavAttempts(limits)
        self._redirects = frozenset(redirects)

    def check_redirect(self, redirect_uri: str | None) -> None:
        """Check that the return address equals an entry of this stack's allow-list.

        Raises:
            InvalidRequest: when it does not.
        """
        if redirect_uri is not None and redirect_uri not in self._redirects:
            problem = FieldProblem("redirectUri", "is not on this stack's allow-list")
            raise InvalidRequest("redirectUri is not on this stack's allow-list.", [problem])

    def connect_apple(
        self, caller: Caller, *, server_url: str, username: str, password: str, now: datetime
    ) -> StoredConnection:
        """Log in to a CalDAV account and store it; the same account keeps its connection id.

        Raises:
            ServerUrlNotAllowed, CredentialsRejected, NoCalendar, ProviderUnreachable.
            TooManyRequests: when the user, or the account, has had too many attempts, or the user
                has too many connections.
        """
        with self._caldav_attempts.attempt(
            caller.user_id, server_url=server_url, username=username, now=now
        ):
            discovery = self._discovery()
            with reported_as_unreachable(Provider.APPLE, meter=self._meter):
                calendar = discovery.discover(
                    server_url, username, password, timeout=DISCOVERY_TIMEOUT
                )
        before = self._with_calendar(caller.user_id, calendar)
        stored = self._writer.store(
            Connection(
                id=before.id
                if before
                else connection_id(caller.user_id, Provider.APPLE, calendar.account),
                user_id=caller.user_id,
                provider=Provider.APPLE,
                account=calendar.account,
                email=calendar.email,
                calendar_id=calendar.calendar_id,
                calendar_name=calendar.calendar_name,
                zone=calendar.zone,
                credential=b"",
                created_at=now,
            ),
            calendar.credential,
            now=now,
        )
        self._people.save_profile(caller.user_id, email=caller.email, roles=caller.roles)
        return stored

    def connect_oauth(
        self,
        user_id: str,
        provider: Provider,
        sign_in: SignIn,
        calendar: CalendarInfo,
        *,
        now: datetime,
    ) -> StoredConnection:
        """Store the calendar of a Google or Microsoft account after the user granted access.

        The same account keeps its connection id, and its refresh token if the provider sent no new
        one. An account without any is stored with a problem, because its access ends.

        Raises:
            TooManyRequests: when the user has too many connections.
        """
        before = self._existing(user_id, provider, sign_in, calendar)
        return self._writer.save_tokens(
            user_id, provider, sign_in, calendar, before=before, now=now
        )

    def of(self, caller: Caller) -> tuple[Connection, ...]:
        """Return the caller's connections, oldest first."""
        connections = self._people.person(caller.user_id).connections
        return tuple(
            sorted(connections, key=lambda connection: (connection.created_at, connection.id))
        )

    def disconnect(self, caller: Caller, connection_id: str) -> bool:
        """Delete a connection and its tokens, then revoke the grant; return whether it was revoked.

        The grant is not revoked while another connection uses the same account, because they share
        it, nor while the platform's sign-in does. A CalDAV password can be revoked by its owner
        only. Calendar entries stay as they are. The account is recorded as disconnected, so that
        the next sign-in does not connect it again.

        Raises:
            NotFound: when the caller has no connection with that id.
        """
        connection = self._tokens.connection(caller.user_id, connection_id)
        if connection is not None and connection.provider is not Provider.APPLE:
            self._tokens.record_disconnected(connection)
        self._people.remove_connection(caller.user_id, connection_id)
        return connection is not None and self._revocation.revoke(connection)

    def _with_calendar(self, user_id: str, calendar: FoundCalendar) -> Connection | None:
        """Return the user's connection of this CalDAV account.

        A server may accept several names for one account; then the calendar is the same.
        """
        connections = self._people.person(user_id).connections
        known = [each for each in connections if each.provider is Provider.APPLE]
        by_account = (each for each in known if each.account == calendar.account)
        by_calendar = (each for each in known if each.calendar_id == calendar.calendar_id)
        return next(by_account, None) or next(by_calendar, None)

    def _existing(
        self, user_id: str, provider: Provider, sign_in: SignIn, calendar: CalendarInfo
    ) -> Connection | None:
        def opens(connection: Connection) -> bool:
            token = sign_in.grant.access_token
            oauth = self._oauth.get(provider)
            try:
                with reported_as_unreachable(provider, meter=self._meter):
                    oauth.calendar(token, connection.calendar_id, timeout=LOOKUP_TIMEOUT)
            except (ProviderFailure, ProviderUnreachable):
                return False
            return True

        connections = self._people.person(user_id).connections
        return same_account(
            (each for each in connections if each.provider is provider),
            account=sign_in.account,
            email=sign_in.email,
            calendar_id=calendar.calendar_id,
            opens=opens,
        )
