"""The composition root: cached functions that build the use-cases of this process.

Each loads what it builds when it is first called, so that a function starts with the modules of its
own use-cases only; `warm` calls them while a Lambda function starts.
"""

from shared.wiring.adapters import (
    bookings,
    event_store,
    invite_store,
    meter,
    organization,
    people,
    secrets,
    slot_rules,
    sync_queue,
    tables,
    token_store,
    vault,
)
from shared.wiring.clock import now, real_now, set_clock
from shared.wiring.finding import (
    availability,
    connections,
    day_list,
    holidays,
    months,
    oauth_connect,
    provisioning,
    slots,
    tokens,
)
from shared.wiring.notifications import set_certificates, sns_topics, sns_verifier, subscriptions
from shared.wiring.outside import address_limit, legacy, onboarding
from shared.wiring.sessions import (
    calendar_sync,
    delivery,
    events,
    external_attendees,
    invitations,
    invites,
    sweeper,
)
from shared.wiring.warming import warm

__all__ = [
    "address_limit",
    "availability",
    "bookings",
    "calendar_sync",
    "connections",
    "day_list",
    "delivery",
    "event_store",
    "events",
    "external_attendees",
    "holidays",
    "invitations",
    "invite_store",
    "invites",
    "legacy",
    "meter",
    "months",
    "now",
    "oauth_connect",
    "onboarding",
    "organization",
    "people",
    "provisioning",
    "real_now",
    "secrets",
    "set_certificates",
    "set_clock",
    "slot_rules",
    "slots",
    "sns_topics",
    "sns_verifier",
    "subscriptions",
    "sweeper",
    "sync_queue",
    "tables",
    "token_store",
    "tokens",
    "vault",
    "warm",
]
