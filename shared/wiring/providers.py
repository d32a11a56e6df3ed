"""The clients of calendar providers. Each loads its libraries on first use."""

from functools import cache, partial
from typing import TYPE_CHECKING

from typing_extensions import override

from shared.domain.connection import Provider
from shared.domain.errors import ProviderNotConfigured
from shared.ports import CalendarProvider, CalendarProviders, OAuthProvider, OAuthProviders
from shared.settings import settings
from shared.wiring.adapters import secrets

if TYPE_CHECKING:
    from shared.providers.apple.client import CaldavProvider


class LazyCalendars(CalendarProviders):
    """The calendar clients, each loaded on first use."""

    @override
    def get(self, provider: Provider) -> CalendarProvider:
        match provider:
            case Provider.APPLE:
                return caldav()
            case Provider.GOOGLE:
                return _google_calendar()
            case Provider.OUTLOOK:
                return _microsoft_calendar()
            case Provider.UNKNOWN:
                raise ProviderNotConfigured(
                    "A newer version of this service stored the connection; deploy that version."
                )


class LazyOAuth(OAuthProviders):
    """The clients of authorization servers, each loaded on first use."""

    @override
    def get(self, provider: Provider) -> OAuthProvider:
        if provider is Provider.GOOGLE and settings().google_client_id:
            return _google_oauth()
        if provider is Provider.OUTLOOK and settings().microsoft_client_id:
            return _microsoft_oauth()
        raise ProviderNotConfigured(
            f"This stack has no client id for {provider}; configure one or use another provider."
        )


@cache
def caldav() -> "CaldavProvider":
    """Return the client of CalDAV servers."""
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

    config = settings()
    return oauth.GoogleOAuth(
        oauth.GoogleOAuthClient(
            client_id=config.google_client_id,
            client_secret=partial(secrets().get, config.google_client_secret_id),
        ),
        oauth.GoogleUrls(
            authorize=config.google_authorize_url,
            token=config.google_token_url,
            revoke=config.google_revoke_url,
            userinfo=config.google_userinfo_url,
            calendar=config.google_calendar_url,
        ),
    )


@cache
def _microsoft_calendar() -> CalendarProvider:
    from shared.providers.microsoft.calendar import MicrosoftCalendar

    return MicrosoftCalendar(settings().microsoft_graph_url)


@cache
def _microsoft_oauth() -> OAuthProvider:
    from shared.providers.microsoft.oauth import MicrosoftOAuth

    config = settings()
    return MicrosoftOAuth(
        config.microsoft_client_id,
        partial(secrets().get, config.microsoft_client_secret_id),
        authority=config.microsoft_authority,
        graph_url=config.microsoft_graph_url,
    )
