"""What the use-cases need of the world, as Protocols; stores, providers, mail and aws fill them."""

from shared.ports.calendars import (
    Account,
    CaldavDiscovery,
    CalendarInfo,
    CalendarProvider,
    FoundCalendar,
    Providers,
    WriteLockStore,
)
from shared.ports.mail import InviteMail, InviteStore, InviteWriter, Mailer
from shared.ports.metrics import NAMESPACE, SERVICE, Meter, Metric
from shared.ports.oauth import (
    Grant,
    OAuthProvider,
    OAuthProviders,
    OAuthState,
    SignIn,
    StateStore,
    TokenStore,
)
from shared.ports.platform import Clock, RequestCounts, SyncQueue, Vault
from shared.ports.stores import Bookings, EventStore, PeopleStore, UnsyncedEvents

__all__ = [
    "NAMESPACE",
    "SERVICE",
    "Account",
    "Bookings",
    "CaldavDiscovery",
    "CalendarInfo",
    "CalendarProvider",
    "Clock",
    "EventStore",
    "FoundCalendar",
    "Grant",
    "InviteMail",
    "InviteStore",
    "InviteWriter",
    "Mailer",
    "Meter",
    "Metric",
    "OAuthProvider",
    "OAuthProviders",
    "OAuthState",
    "PeopleStore",
    "Providers",
    "RequestCounts",
    "SignIn",
    "StateStore",
    "SyncQueue",
    "TokenStore",
    "UnsyncedEvents",
    "Vault",
    "WriteLockStore",
]
