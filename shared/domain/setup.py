"""How far somebody's calendar setup is."""

from dataclasses import dataclass

from shared.domain.person import Person
from shared.domain.role import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """The steps of one role's setup.

    A connection counts for every role and whatever its state: `reconnect_required` tells, beside
    it, that one of them has stopped working.
    """

    role: Role
    has_connection: bool
    has_availability: bool
    has_timezone: bool
    reconnect_required: bool

    @property
    def is_complete(self) -> bool:
        """Whether no step is left."""
        return self.has_connection and self.has_availability and self.has_timezone


def setup_of(person: Person, role: Role) -> Setup:
    """Return how far a person's setup for one role is.

    The role has availability when they set a window for it or chose the default ones; a week
    without any window, or the zone alone, is none.
    """
    stored = person.availability.get(role)
    return Setup(
        role=role,
        has_connection=bool(person.connections),
        has_availability=stored is not None
        and (bool(stored.windows) or (stored.use_default and not stored.zone_only)),
        has_timezone=stored is not None,
        reconnect_required=any(not each.is_active for each in person.connections),
    )
