"""Composition of `shared.usecases.people`: availability, holidays, onboarding."""

from functools import cache
from typing import TYPE_CHECKING

from shared.wiring import adapters
from shared.wiring.limits import holiday_limits

if TYPE_CHECKING:
    from shared.usecases.people.availability import Availability
    from shared.usecases.people.holidays import Holidays
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

    return Holidays(
        people=adapters.people_store(),
        organization=adapters.organization(),
        limits=holiday_limits(),
    )


@cache
def onboarding() -> "Onboarding":
    """A user's onboarding."""
    from shared.usecases.people.onboarding import Onboarding

    return Onboarding(people=adapters.people_store())
