"""Composition of `shared.usecases.people`: availability, holidays, onboarding, limits."""

from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters

if TYPE_CHECKING:
    from shared.usecases.people.availability import Availability
    from shared.usecases.people.holidays import Holidays
    from shared.usecases.people.limits import AddressLimit
    from shared.usecases.people.onboarding import Onboarding


@cache
def availability() -> "Availability":
    """Weekly windows."""
    from shared.usecases.people.availability import Availability

    return Availability(people=adapters.people_store(), organization=adapters.organization())


@cache
def holidays() -> "Holidays":
    """Holidays."""
    from shared.usecases.people.holidays import Holidays

    return Holidays(people=adapters.people_store(), organization=adapters.organization())


@cache
def onboarding() -> "Onboarding":
    """A user's onboarding."""
    from shared.usecases.people.onboarding import Onboarding

    return Onboarding(people=adapters.people_store())


@cache
def address_limit() -> "AddressLimit":
    """The limit on requests per IP address without a token."""
    from shared.stores.limits import DynamoRequestCounts
    from shared.usecases.people.limits import AddressLimit

    return AddressLimit(
        counts=DynamoRequestCounts(adapters.tables()),
        per_minute=settings().public_requests_per_minute,
    )
