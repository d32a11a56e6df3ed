"""Composition of `shared.usecases.accounts`: calendar accounts and their tokens."""

from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters
from shared.wiring.clock import now, pause
from shared.wiring.limits import account_limits
from shared.wiring.providers import LazyOAuth, caldav

if TYPE_CHECKING:
    from shared.usecases.accounts.connections import Connections
    from shared.usecases.accounts.oauth import OAuthConnect
    from shared.usecases.accounts.provisioning import Provisioning
    from shared.usecases.accounts.tokens import Tokens


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
def connections() -> "Connections":
    """Connecting, listing and disconnecting calendar accounts."""
    from shared.usecases.accounts.connections import Connections

    return Connections(
        people=adapters.people_store(),
        tokens=adapters.token_store(),
        vault=adapters.vault(),
        oauth=LazyOAuth(),
        discovery=caldav,
        limits=account_limits(),
        redirects=settings().redirect_allow_list,
    )


@cache
def provisioning() -> "Provisioning":
    """Connections created by the auth service at sign-in."""
    from shared.usecases.accounts.provisioning import Provisioning

    return Provisioning(
        people=adapters.people_store(), oauth=LazyOAuth(), connections=connections()
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
        public_base_url=settings().public_base_url,
        binds_browser=settings().oauth_binding == "cookie",
    )
