"""The organization's defaults: windows and zone."""

from dataclasses import dataclass, replace

from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window, whole_week


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """The default zone and default weekly hours.

    `hours` are (weekday from Monday = 0, start, end) in wall-clock minutes, interpreted in the time
    zone of the person they are a default for. `unset_learner_is_free` says that a learner who has
    set no availability does not limit the slots of a coach.
    """

    zone: str
    hours: tuple[tuple[int, int, int], ...]
    unset_learner_is_free: bool = True

    def windows(self, zone: str) -> tuple[Window, ...]:
        """Return the default windows in `zone`."""
        return tuple(Window(weekday, start, end, zone) for weekday, start, end in self.hours)

    def availability(self, person: Person, role: Role) -> RoleAvailability:
        """Return the availability a person set for a role, else the defaults in their zone."""
        stored = person.availability.get(role)
        if stored and not stored.use_default:
            return stored
        zone = person.zone(role, self.zone)
        return RoleAvailability(
            role=role,
            zone=zone,
            use_default=True,
            windows=self.windows(zone),
            changed_by=stored.changed_by if stored else None,
            changed_at=stored.changed_at if stored else None,
        )

    def limiting(self, person: Person, role: Role, *, is_alone: bool) -> RoleAvailability:
        """Return the availability that limits slots of a person consulted alone or with another.

        A learner who has set none is available all week, unless no one else limits the slots.
        """
        availability = self.availability(person, role)
        is_free = self.unset_learner_is_free and role is Role.LEARNER and not is_alone
        if is_free and not person.has_availability(role):
            return replace(availability, windows=whole_week(availability.zone))
        return availability
