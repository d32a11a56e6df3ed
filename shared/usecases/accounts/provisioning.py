"""Connect calendars with the tokens that the platform's own sign-in obtained."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.connection import (
    Connection,
    ConnectionProblem,
    Provider,
    unverified_account,
)
from shared.domain.errors import Disconnected, InvalidRequest
from shared.ports import (
    CalendarInfo,
    Grant,
    OAuthProviders,
    PeopleStore,
    SignIn,
    TokenStore,
)
from shared.usecases.accounts.connection_writer import ConnectionWriter, StoredConnection
from shared.usecases.accounts.hand_over import CheckedHandOver, HandOvers
from shared.usecases.accounts.linking import by_address, same_account, was_disconnected


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """The data that the auth service sends; `calendar` is None for the primary calendar.

    `reconnect`: the user has asked to connect an account that the user disconnected before.
    """

    user_id: str
    provider: Provider
    email: str
    grant: Grant
    calendar: CalendarInfo | None
    reconnect: bool = False


class Provisioning:
    """Stores connections without an authorization flow of this service."""

    def __init__(
        self,
        *,
        people: PeopleStore,
        tokens: TokenStore,
        oauth: OAuthProviders,
        writer: ConnectionWriter,
        hand_overs: HandOvers,
    ) -> None:
        self._people = people
        self._tokens = tokens
        self._oauth = oauth
        self._writer = writer
        self._hand_overs = hand_overs

    def store(self, provision: Provision, *, now: datetime) -> StoredConnection:
        """Store a connection, or update the one of the same account.

        The tokens are checked with the provider. They replace those of a connection only if they
        can do at least as much.

        Raises:
            ProviderNotConfigured: when this stack has no client id for the provider.
            InvalidRequest: when the provider rejects the access token or the calendar.
            NoCalendar: when the account has no calendar.
            Disconnected: when the user has disconnected the account.
            ProviderUnreachable: when the provider could not be asked.
        """
        # The configuration is checked even if no request is sent: without it this stack could not
        # refresh the tokens.
        self._oauth.get(provision.provider)
        handed = self._hand_overs.renewed(provision.provider, provision.grant, now=now)
        before = self._before(provision, handed)
        self._check_not_disconnected(provision, handed, before)
        handed = self._hand_overs.with_calendar(
            provision.provider, handed, chosen=provision.calendar, stored=before
        )
        if before is None:
            before = self._before(provision, handed)
        if before is not None and not self._is_better(provision, handed, before):
            self._tokens.mark_sign_in(before)
            return StoredConnection(before, is_new=False)
        return self._save(provision, handed, before, now=now)

    def _save(
        self,
        provision: Provision,
        handed: CheckedHandOver,
        before: Connection | None,
        *,
        now: datetime,
    ) -> StoredConnection:
        stored = self._writer.save_tokens(
            provision.user_id,
            provision.provider,
            _sign_in(provision, handed, before),
            handed.calendar or CalendarInfo(calendar_id="", name=None, zone=None),
            before=before,
            now=now,
            problem=_dated(handed.problem, now=now),
        )
        self._tokens.mark_sign_in(stored.connection)
        return stored

    def _before(self, provision: Provision, handed: CheckedHandOver) -> Connection | None:
        """Return the connection of the account that the tokens belong to."""
        connections = [
            each
            for each in self._people.person(provision.user_id).connections
            if each.provider is provision.provider
        ]
        calendar_id = handed.calendar.calendar_id if handed.calendar else ""

        def opens(connection: Connection) -> bool:
            return handed.problem is not None or self._hand_overs.opens(handed, connection)

        if handed.identity:
            return same_account(
                connections,
                account=handed.identity.account,
                email=handed.identity.email or provision.email,
                calendar_id=calendar_id,
                opens=opens,
            )
        same = by_address(connections, email=provision.email, calendar_id=calendar_id, opens=opens)
        if len(same) > 1 and handed.problem is None:
            raise InvalidRequest(
                "Several accounts of the user have this address, and the provider does not say to "
                "which of them the tokens belong. Send a refresh token."
            )
        return same[0] if same else None

    def _check_not_disconnected(
        self, provision: Provision, handed: CheckedHandOver, before: Connection | None
    ) -> None:
        if provision.reconnect or before is not None:
            return
        accounts = self._tokens.disconnected(provision.user_id, provision.provider)
        account = handed.identity.account if handed.identity else None
        if was_disconnected(accounts, account=account, email=provision.email):
            raise Disconnected(
                "The user has disconnected this account. Send reconnect: true when the user asks "
                "to connect it again."
            )

    def _is_better(self, provision: Provision, handed: CheckedHandOver, before: Connection) -> bool:
        """Return whether the new tokens can do at least as much as the stored ones."""
        if handed.problem is not None:
            return False
        if not before.is_active:
            return True
        old = self._writer.credential(before)
        if old.refresh_token and not handed.grant.refresh_token:
            return False
        used = self._oauth.get(provision.provider).scopes
        return not handed.grant.scopes or handed.grant.scopes >= old.scopes & used


def _sign_in(provision: Provision, handed: CheckedHandOver, before: Connection | None) -> SignIn:
    """Return the identity to store: the provider's, else the stored one, else the address."""
    who, email = handed.identity, provision.email
    if who is not None and who.email is not None:
        return SignIn(
            grant=handed.grant,
            account=who.account,
            email=who.email,
            is_email_verified=who.is_email_verified,
        )
    stored = before.account if before else unverified_account(email)
    proven = (before.proven_email if before else None) or ""
    return SignIn(
        grant=handed.grant,
        account=who.account if who else stored,
        email=email,
        is_email_verified=proven.lower() == email.lower(),
    )


def _dated(problem: ConnectionProblem | None, *, now: datetime) -> ConnectionProblem | None:
    return replace(problem, since=now) if problem else None
