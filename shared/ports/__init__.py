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
from shared.ports.mail import (
    InviteMail,
    InviteStore,
    InviteWriter,
    Mailer,
    RecordRejected,
    SuppressionStore,
)
from shared.ports.metrics import NAMESPACE, SERVICE, Meter, Metric
from shared.ports.oauth import (
    Grant,
    OAuthProvider,
    OAuthProviders,
    OAuthState,
    ParkedGrant,
    ParkedGrantStore,
    SignIn,
    StateStore,
    TokenStore,
)
from shared.ports.platform import CountUnavailable, RequestCounts, SyncQueue, Vault
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
    "CountUnavailable",
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
    "ParkedGrant",
    "ParkedGrantStore",
    "PeopleStore",
    "RecordRejected",
    "RequestCounts",
    "SignIn",
    "StateStore",
    "SuppressionStore",
    "SyncQueue",
    "TokenStore",
    "UnsyncedEvents",
    "Vault",
    "WriteLockStore",
]
