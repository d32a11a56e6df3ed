"""The progress of a user's calendar setup."""

from dataclasses import dataclass

from shared.domain.connection import ConnectionStatus
from shared.domain.person import Person
from shared.domain.role import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """The completed steps of one role's setup.

    A connection counts for every role and in any state, unless its user never gave access to the
    calendar; `reconnect_required` is true if one of the
    connections has stopped working.
    """

    role: Role
    has_connection: bool
    has_availability: bool
    has_timezone: bool
    reconnect_required: bool

    @property
    def is_complete(self) -> bool:
        """Whether all steps are done."""
        return self.has_connection and self.has_availability and self.has_timezone


def setup_of(person: Person, role: Role) -> Setup:
    """Return the setup of a person for one role.

    The role has availability if the person set at least one window or chose the default windows;
    an empty week, or a zone alone, does not count.
    """
    stored = person.availability.get(role)
    return Setup(
        role=role,
        has_connection=any(not each.needs_consent for each in person.connections),
        has_availability=stored is not None
        and (bool(stored.windows) or (stored.use_default and not stored.zone_only)),
        has_timezone=stored is not None,
        reconnect_required=any(
            each.status is ConnectionStatus.RECONNECT_REQUIRED for each in person.connections
        ),
    )
