"""The composition root: cached functions that build the use cases of this process.

Each function imports what it builds on its first call, so that a Lambda function loads only the
modules of its own use cases. A handler passes its builders to `warm`, which runs them at start-up.
"""

from collections.abc import Callable

from shared.settings import is_lambda
from shared.wiring.accounts import (
    addresses,
    availability,
    connections,
    first_addresses,
    holidays,
    oauth_connect,
    onboarding,
    provisioning,
    scheduled_tokens,
    tokens,
)
from shared.wiring.adapters import (
    bookings,
    change_list,
    event_store,
    invite_store,
    meter,
    organization,
    people_store,
    secrets,
    slot_rules,
    sync_queue,
    tables,
    token_store,
    vault,
)
from shared.wiring.booking import events, pending_expiry
from shared.wiring.clock import now, real_now, set_clock
from shared.wiring.copies import copy_sync, erasure_worker, erasures, sweeper, user_exports
from shared.wiring.domain_events import (
    change_feed,
    publisher,
    webhook_deliverer,
    webhook_fan_out,
    webhook_queue,
    webhook_replayer,
    webhooks,
)
from shared.wiring.finding import day_list, explanations, legacy, months, session_list, slots
from shared.wiring.invitations import delivery, guests, invite_reports, invite_sync, replies
from shared.wiring.limits import address_limits, callback_limits, day_list_limits
from shared.wiring.mail import (
    incoming_mails,
    set_certificates,
    sns_topics,
    sns_verifier,
    subscriptions,
)

__all__ = [
    "address_limits",
    "addresses",
    "availability",
    "bookings",
    "callback_limits",
    "change_feed",
    "change_list",
    "connections",
    "copy_sync",
    "day_list",
    "day_list_limits",
    "delivery",
    "erasure_worker",
    "erasures",
    "event_store",
    "events",
    "explanations",
    "first_addresses",
    "guests",
    "holidays",
    "incoming_mails",
    "invite_reports",
    "invite_store",
    "invite_sync",
    "legacy",
    "meter",
    "months",
    "now",
    "oauth_connect",
    "onboarding",
    "organization",
    "pending_expiry",
    "people_store",
    "provisioning",
    "publisher",
    "real_now",
    "replies",
    "scheduled_tokens",
    "secrets",
    "session_list",
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
    "user_exports",
    "vault",
    "warm",
    "webhook_deliverer",
    "webhook_fan_out",
    "webhook_queue",
    "webhook_replayer",
    "webhooks",
]


def warm(*builders: Callable[[], object]) -> None:
    """Build what a function needs for every request, if this process is a Lambda function.

    Lambda gives a function a full CPU while it starts and only a share of one afterwards. With
    SnapStart, what is built here is part of the snapshot.
    """
    if is_lambda():
        for build in builders:
            build()
