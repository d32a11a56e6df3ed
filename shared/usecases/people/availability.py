"""Weekly windows and time zones of a user, one set per role."""

from dataclasses import replace
from datetime import date, datetime

from shared.domain.agenda import MAX_SESSION
from shared.domain.caller import Caller
from shared.domain.obstacles import covers
from shared.domain.organization import Organization
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window, merge_windows, windows_in_zone
from shared.ports import PeopleStore


class Availability:
    """The operations on the weekly availability of the caller, or whom an Admin acts for."""

    def __init__(self, *, people: PeopleStore, organization: Organization) -> None:
        self._people = people
        self._organization = organization

    def of(self, caller: Caller) -> tuple[RoleAvailability, ...]:
        """Return the availability for each role of the caller: Coach, Learner, Admin."""
        person = self._people.person(caller.user_id)
        return tuple(
            self._organization.availability(person, role) for role in Role if role in caller.roles
        )

    def replace(
        self,
        caller: Caller,
        *,
        role: Role,
        zone: str,
        windows: tuple[Window, ...] | None,
        now: datetime,
    ) -> RoleAvailability:
        """Store new windows for a role; None selects the organization's default windows.

        Raises:
            Forbidden: when the caller does not have the role.
        """
        caller.require(role)
        stored = RoleAvailability(
            role=role, zone=zone, use_default=windows is None, windows=merge_windows(windows or ())
        )
        return self._save(caller, stored, now=now)

    def set_zone(self, caller: Caller, *, role: Role, zone: str, now: datetime) -> RoleAvailability:
        """Set the zone of a role. Windows in its old zone follow, at the same local times.

        Raises:
            Forbidden: when the caller does not have the role.
        """
        caller.require(role)
        stored = self._people.person(caller.user_id).availability.get(role)
        return self._save(
            caller,
            RoleAvailability(
                role=role,
                zone=zone,
                use_default=stored is None or stored.use_default,
                windows=windows_in_zone(stored.windows, stored.zone, zone) if stored else (),
                zone_only=stored is None or stored.zone_only,
            ),
            now=now,
        )

    def conflicting_sessions(
        self, caller: Caller, availability: RoleAvailability, *, now: datetime
    ) -> tuple[str, ...]:
        """Return the ids of the caller's coming sessions outside these windows, in order of start.

        As with holidays, the sessions are not changed, and the role in which the caller takes part
        does not matter.
        """
        agenda = self._people.agenda(caller.user_id, (now - MAX_SESSION).date(), date.max)
        sessions = [
            (interval.start, session)
            for day in agenda
            for session, interval in day.at(now).sessions.items()
            if interval.end > now and not covers(availability.windows, interval)
        ]
        return tuple(session for _, session in sorted(sessions))

    def _save(
        self, caller: Caller, availability: RoleAvailability, *, now: datetime
    ) -> RoleAvailability:
        stored = replace(availability, changed_by=caller.actor_id, changed_at=now)
        self._people.save_availability(caller.user_id, stored)
        if not caller.acting_admin:
            self._people.save_profile(caller.user_id, email=caller.email, roles=caller.roles)
        if not stored.use_default:
            return stored
        windows = self._organization.windows(stored.zone)
        return replace(stored, windows=windows, zone_only=False)
