"""What people meet before they use the service: first steps, and questions without a token."""

from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters
from shared.wiring.finding import consultation

if TYPE_CHECKING:
    from shared.usecases.finding.legacy import Legacy
    from shared.usecases.people.limits import AddressLimit
    from shared.usecases.people.onboarding import Onboarding


@cache
def onboarding() -> "Onboarding":
    """The first steps of a user."""
    from shared.usecases.people.onboarding import Onboarding

    return Onboarding(people=adapters.people())


@cache
def legacy() -> "Legacy":
    """What older servers ask of users."""
    from shared.usecases.finding.legacy import Legacy

    return Legacy(
        people=adapters.people(), consultation=consultation(), rules=adapters.slot_rules()
    )


@cache
def address_limit() -> "AddressLimit":
    """How often one address may ask without a token."""
    from shared.stores.limits import DynamoRequestCounts
    from shared.usecases.people.limits import AddressLimit

    return AddressLimit(
        counts=DynamoRequestCounts(adapters.tables()),
        per_minute=settings().public_requests_per_minute,
    )
