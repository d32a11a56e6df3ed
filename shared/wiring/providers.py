"""The clients of calendar providers, each with its libraries loaded when first asked for."""

from functools import cache, partial
from typing import TYPE_CHECKING

from shared.domain.connection import Provider
from shared.domain.errors import ProviderNotConfigured
from shared.ports import CalendarProvider, OAuthProvider
from shared.settings import settings
from shared.wiring.adapters import secrets

if TYPE_CHECKING:
    from shared.providers.apple.client import CaldavProvider


class LazyCalendars:
    """Fills `Providers`."""

    def get(self, provider: Provider) -> CalendarProvider:
        """Return the client of a provider's calendars."""
        match provider:
            case Provider.APPLE:
                return caldav()
            case Provider.GOOGLE:
                return _google_calendar()
            case Provider.OUTLOOK:
                return _microsoft_calendar()


class LazyOAuth:
    """Fills `OAuthProviders`."""

    def get(self, provider: Provider) -> OAuthProvider:
        """Return a provider's authorization server.

        Raises:
            ProviderNotConfigured: when this stack has no client id for it.
        """
        if provider is Provider.GOOGLE and settings().google_client_id:
            return _google_oauth()
        if provider is Provider.OUTLOOK and settings().microsoft_client_id:
            return _microsoft_oauth()
        raise ProviderNotConfigured(
            f"This stack has no client id for {provider}; set one, or choose another provider."
        )


@cache
def caldav() -> "CaldavProvider":
    """Return the client of every CalDAV server."""
    from shared.providers.apple.client import CaldavProvider

    return CaldavProvider(
        settings().caldav_allowed_hosts, traffic_dump=settings().python_caldav_commdump
    )


@cache
def _google_calendar() -> CalendarProvider:
    from shared.providers.google.calendar import GoogleCalendar

    return GoogleCalendar(settings().google_calendar_url)


@cache
def _google_oauth() -> OAuthProvider:
    from shared.providers.google import oauth

    these = settings()
    return oauth.GoogleOAuth(
        oauth.GoogleClient(
            client_id=these.google_client_id,
            client_secret=partial(secrets().get, these.google_client_secret_id),
        ),
        oauth.GoogleUrls(
            authorize=these.google_authorize_url,
            token=these.google_token_url,
            revoke=these.google_revoke_url,
            calendar=these.google_calendar_url,
        ),
    )


@cache
def _microsoft_calendar() -> CalendarProvider:
    from shared.providers.microsoft.calendar import (
        MicrosoftCalendar,
    )

    return MicrosoftCalendar(settings().microsoft_graph_url)


@cache
def _microsoft_oauth() -> OAuthProvider:
    from shared.providers.microsoft.oauth import MicrosoftOAuth

    these = settings()
    return MicrosoftOAuth(
        these.microsoft_client_id,
        partial(secrets().get, these.microsoft_client_secret_id),
        authority=these.microsoft_authority,
        graph_url=these.microsoft_graph_url,
    )
