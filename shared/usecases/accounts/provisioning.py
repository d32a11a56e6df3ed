"""Connect calendars with the tokens that the platform's own sign-in obtained."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.connection import Provider, unverified_account
from shared.domain.errors import (
    AccessExpired,
    CredentialInvalid,
    FieldProblem,
    InvalidRequest,
    ProviderFailure,
    ProviderUnreachable,
)
from shared.ports import CalendarInfo, Grant, OAuthProvider, OAuthProviders, PeopleStore, SignIn
from shared.usecases.accounts.connections import LOOKUP_TIMEOUT, Connections, StoredConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """The data that the auth service sends; `calendar` is None for the primary calendar."""

    user_id: str
    provider: Provider
    email: str
    grant: Grant
    calendar: CalendarInfo | None


class Provisioning:
    """Stores connections without an authorization flow of this service."""

    def __init__(
        self, *, people: PeopleStore, oauth: OAuthProviders, connections: Connections
    ) -> None:
        self._people = people
        self._oauth = oauth
        self._connections = connections

    def store(self, provision: Provision, *, now: datetime) -> StoredConnection:
        """Store a connection. The same user, provider and address update the existing one.

        Raises:
            ProviderNotConfigured: when this stack has no client id for the provider.
        """
        # Check the configuration even if the client is not used: without it this stack could not
        # refresh the tokens.
        oauth = self._oauth.get(provision.provider)
        connections = self._people.person(provision.user_id).connections
        same = [
            each
            for each in connections
            if each.provider is provision.provider and each.email.lower() == provision.email.lower()
        ]
        sign_in = SignIn(
            grant=provision.grant,
            account=same[0].account if same else unverified_account(provision.email),
            email=provision.email,
            is_email_verified=bool(same) and same[0].proven_email is not None,
        )
        return self._connections.connect_oauth(
            provision.user_id,
            provision.provider,
            sign_in,
            provision.calendar or _primary(oauth, provision.grant),
            now=now,
        )


def _primary(oauth: OAuthProvider, grant: Grant) -> CalendarInfo:
    try:
        return oauth.primary_calendar(grant.access_token, timeout=LOOKUP_TIMEOUT)
    except (AccessExpired, CredentialInvalid) as error:
        problem = FieldProblem("accessToken", "is not accepted by the provider")
        raise InvalidRequest("The provider rejects accessToken.", [problem]) from error
    except ProviderFailure as error:
        raise ProviderUnreachable(
            "The primary calendar could not be read from the provider. Retry, or send calendarId."
        ) from error
