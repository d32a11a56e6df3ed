"""The organization's defaults: windows and zone."""

from dataclasses import dataclass

from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """The default zone and default weekly hours.

    `hours` are (weekday from Monday = 0, start, end) in wall-clock minutes, interpreted in the time
    zone of the person they are a default for.
    """

    zone: str
    hours: tuple[tuple[int, int, int], ...]

    def windows(self, zone: str) -> tuple[Window, ...]:
        """Return the default windows in `zone`."""
        return tuple(Window(weekday, start, end, zone) for weekday, start, end in self.hours)

    def availability(self, person: Person, role: Role) -> RoleAvailability:
        """Return the availability a person set for a role, else the defaults in their zone."""
        stored = person.availability.get(role)
        if stored and not stored.use_default:
            return stored
        zone = person.zone(role, self.zone)
        return RoleAvailability(role=role, zone=zone, use_default=True, windows=self.windows(zone))
