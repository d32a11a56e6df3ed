"""The composition root: cached functions that build the use cases of this process.

Each function imports what it builds on its first call, so that a Lambda function loads only the
modules of its own use cases. A handler passes its builders to `warm`, which runs them at start-up.
"""

from collections.abc import Callable

from shared.settings import is_lambda
from shared.wiring.accounts import connections, oauth_connect, provisioning, tokens
from shared.wiring.adapters import (
    bookings,
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
from shared.wiring.booking import events
from shared.wiring.clock import now, real_now, set_clock
from shared.wiring.copies import copy_sync, sweeper
from shared.wiring.finding import day_list, legacy, months, slots
from shared.wiring.invitations import delivery, guests, invite_reports, invite_sync
from shared.wiring.limits import address_limits, callback_limits, day_list_limits
from shared.wiring.mail import set_certificates, sns_topics, sns_verifier, subscriptions
from shared.wiring.people import availability, holidays, onboarding

__all__ = [
    "address_limits",
    "availability",
    "bookings",
    "callback_limits",
    "connections",
    "copy_sync",
    "day_list",
    "day_list_limits",
    "delivery",
    "event_store",
    "events",
    "guests",
    "holidays",
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
    "people_store",
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


def warm(*builders: Callable[[], object]) -> None:
    """Build what a function needs for every request, if this process is a Lambda function.

    Lambda gives a function a full CPU while it starts and only a share of one afterwards. With
    SnapStart, what is built here is part of the snapshot.
    """
    if is_lambda():
        for build in builders:
            build()
