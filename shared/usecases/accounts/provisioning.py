"""Calendars connected by the platform's own sign-in, which hands over the tokens it has."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.connection import Provider, unproven_account
from shared.domain.errors import (
    AccessExpired,
    CredentialDead,
    FieldProblem,
    InvalidRequest,
    ProviderFailure,
    ProviderUnreachable,
)
from shared.ports import CalendarInfo, Grant, OAuthProvider, OAuthProviders, PeopleStore, SignIn
from shared.usecases.accounts.connections import LOOKUP_TIMEOUT, Connections, StoredConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """What the auth service hands over; `calendar` is None for the account's primary one."""

    user_id: str
    provider: Provider
    email: str
    grant: Grant
    calendar: CalendarInfo | None


class Provisioning:
    """Keeps calendars nobody was sent to a provider for."""

    def __init__(
        self, *, people: PeopleStore, oauth: OAuthProviders, connections: Connections
    ) -> None:
        self._people = people
        self._oauth = oauth
        self._connections = connections

    def keep(self, provision: Provision, *, now: datetime) -> StoredConnection:
        """Keep a calendar with tokens the platform's sign-in has obtained already.

        The same user, provider and address again updates the connection.

        Raises:
            ProviderNotConfigured: when this stack has no client id for the provider.
        """
        # Asked even when nothing else is asked of it: tokens nobody can refresh are not kept.
        oauth = self._oauth.get(provision.provider)
        connections = self._people.person(provision.user_id).connections
        same = [
            each
            for each in connections
            if each.provider is provision.provider and each.email.lower() == provision.email.lower()
        ]
        signed_in = SignIn(
            grant=provision.grant,
            account=same[0].account if same else unproven_account(provision.email),
            email=provision.email,
        )
        return self._connections.keep_signed_in(
            provision.user_id,
            provision.provider,
            signed_in,
            provision.calendar or _primary(oauth, provision.grant),
            now=now,
        )


def _primary(oauth: OAuthProvider, grant: Grant) -> CalendarInfo:
    try:
        return oauth.primary_calendar(grant.access_token, timeout=LOOKUP_TIMEOUT)
    except (AccessExpired, CredentialDead) as error:
        problem = FieldProblem("accessToken", "is not accepted by the provider")
        raise InvalidRequest("The provider refuses accessToken.", [problem]) from error
    except ProviderFailure as error:
        raise ProviderUnreachable(
            "The provider did not say which calendar is the primary one; try again, or send "
            "calendarId."
        ) from error
