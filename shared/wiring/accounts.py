"""Composition of `shared.usecases.accounts` and `shared.usecases.people`."""

from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters
from shared.wiring.clock import now, pause
from shared.wiring.limits import account_limits, holiday_limits
from shared.wiring.providers import LazyOAuth, caldav

if TYPE_CHECKING:
    from shared.usecases.accounts.addresses import Addresses
    from shared.usecases.accounts.connection_writer import ConnectionWriter
    from shared.usecases.accounts.connections import Connections
    from shared.usecases.accounts.healing import Healing
    from shared.usecases.accounts.oauth import OAuthConnect
    from shared.usecases.accounts.provisioning import Provisioning
    from shared.usecases.accounts.revocation import Revocation
    from shared.usecases.accounts.tokens import Tokens
    from shared.usecases.people.availability import Availability
    from shared.usecases.people.holidays import Holidays
    from shared.usecases.people.onboarding import Onboarding


@cache
def tokens() -> "Tokens":
    """Access tokens of connections, refreshed when needed."""
    from shared.usecases.accounts.tokens import Tokens

    return Tokens(
        people=adapters.people_store(),
        tokens=adapters.token_store(),
        vault=adapters.vault(),
        oauth=LazyOAuth(),
        now=now,
        pause=pause,
        meter=adapters.meter(),
    )


@cache
def scheduled_tokens() -> "Tokens":
    """Access tokens refreshed on a schedule, which also queues sessions that were left out."""
    from shared.usecases.accounts.tokens import Tokens

    return Tokens(
        people=adapters.people_store(),
        tokens=adapters.token_store(),
        vault=adapters.vault(),
        oauth=LazyOAuth(),
        now=now,
        pause=pause,
        meter=adapters.meter(),
        heal=lambda connection: healing().heal(connection, now=now()),
    )


@cache
def healing() -> "Healing":
    """Sessions queued when a calendar is connected."""
    from shared.usecases.accounts.healing import Healing

    return Healing(
        people=adapters.people_store(),
        queue=adapters.sync_queue(),
        parked_events=adapters.parked_events(),
    )


@cache
def addresses() -> "Addresses":
    """The addresses of callers' tokens."""
    from shared.usecases.accounts.addresses import Addresses

    return Addresses(people=adapters.people_store(), queue=adapters.sync_queue())


@cache
def first_addresses() -> "Addresses":
    """The addresses of users who connect a calendar."""
    from shared.usecases.accounts.addresses import Addresses

    return Addresses(people=adapters.people_store(), queue=None)


@cache
def connection_writer() -> "ConnectionWriter":
    """Connections with their encrypted tokens."""
    from shared.usecases.accounts.connection_writer import ConnectionWriter

    return ConnectionWriter(
        people=adapters.people_store(),
        tokens=adapters.token_store(),
        vault=adapters.vault(),
        limits=account_limits(),
        healing=healing(),
    )


@cache
def revocation() -> "Revocation":
    """Grants revoked at their providers."""
    from shared.usecases.accounts.revocation import Revocation

    return Revocation(
        tokens=adapters.token_store(),
        vault=adapters.vault(),
        oauth=LazyOAuth(),
        meter=adapters.meter(),
    )


@cache
def connections() -> "Connections":
    """Connecting, listing and disconnecting calendar accounts."""
    from shared.usecases.accounts.connections import Connections

    return Connections(
        people=adapters.people_store(),
        tokens=adapters.token_store(),
        oauth=LazyOAuth(),
        discovery=caldav,
        limits=account_limits(),
        writer=connection_writer(),
        revocation=revocation(),
        meter=adapters.meter(),
        redirects=settings().redirect_allow_list,
    )


@cache
def provisioning() -> "Provisioning":
    """Connections created by the auth service at sign-in."""
    from shared.usecases.accounts.hand_over import HandOvers
    from shared.usecases.accounts.provisioning import Provisioning

    return Provisioning(
        people=adapters.people_store(),
        tokens=adapters.token_store(),
        oauth=LazyOAuth(),
        writer=connection_writer(),
        hand_overs=HandOvers(oauth=LazyOAuth(), meter=adapters.meter()),
    )


@cache
def oauth_connect() -> "OAuthConnect":
    """The OAuth flow that connects Google and Microsoft calendars."""
    from shared.usecases.accounts.oauth import OAuthConnect
    from shared.usecases.accounts.open_states import LimitedStates
    from shared.usecases.accounts.parked_grants import ParkedGrants

    return OAuthConnect(
        states=LimitedStates(adapters.states(), account_limits()),
        parked=ParkedGrants(store=adapters.parked_grants(), vault=adapters.vault()),
        vault=adapters.vault(),
        oauth=LazyOAuth(),
        connections=connections(),
        meter=adapters.meter(),
        public_base_url=settings().public_base_url,
        binds_browser=settings().oauth_binding == "cookie",
    )


@cache
def availability() -> "Availability":
    """Weekly windows."""
    from shared.usecases.people.availability import Availability

    return Availability(people=adapters.people_store(), organization=adapters.organization())


@cache
def holidays() -> "Holidays":
    """Holidays."""
    from shared.usecases.people.holidays import Holidays

    return Holidays(
        people=adapters.people_store(),
        organization=adapters.organization(),
        limits=holiday_limits(),
    )


@cache
def onboarding() -> "Onboarding":
    """A user's onboarding."""
    from shared.usecases.people.onboarding import Onboarding

    return Onboarding(people=adapters.people_store())
