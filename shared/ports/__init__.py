"""The ports: Protocols that use-cases depend on and adapters subclass."""

from shared.ports.calendars import (
    Account,
    CaldavDiscovery,
    CalendarInfo,
    CalendarProvider,
    CalendarProviders,
    FoundCalendar,
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
from shared.ports.platform import RequestCounts, SyncQueue, Vault
from shared.ports.stores import Bookings, EventStore, PeopleStore, UnsyncedEvents

__all__ = [
    "NAMESPACE",
    "SERVICE",
    "Account",
    "Bookings",
    "CaldavDiscovery",
    "CalendarInfo",
    "CalendarProvider",
    "CalendarProviders",
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
    "RequestCounts",
    "SignIn",
    "StateStore",
    "SyncQueue",
    "TokenStore",
    "UnsyncedEvents",
    "Vault",
    "WriteLockStore",
]
