"""Warnings about one participant of a session, in the response to a booking that succeeded."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.role import Role
from shared.domain.slot_rules import Obstacle


class WarningCode(StrEnum):
    """What a warning is about."""

    OUTSIDE_WINDOWS = "OUTSIDE_WINDOWS"
    HOLIDAY = "HOLIDAY"
    SESSION = "SESSION"
    CALENDAR = "CALENDAR"
    BUFFER = "BUFFER"
    NOTICE = "NOTICE"
    UNVERIFIED = "UNVERIFIED"
    UNREACHABLE = "UNREACHABLE"


@dataclass(frozen=True, slots=True)
class BookingWarning:
    """One warning; `message` is a sentence for people."""

    code: WarningCode
    user_id: str
    role: Role
    message: str


def unreachable_warning(user_id: str, role: Role) -> BookingWarning:
    """Return the warning that a participant gets neither a calendar copy nor mail."""
    message = (
        f"{role} {user_id} has no connected calendar that works and no known e-mail address, so "
        "the session is in no calendar of theirs and no invitation is sent to them."
    )
    return BookingWarning(WarningCode.UNREACHABLE, user_id, role, message)


_MESSAGES = {
    Obstacle.OUTSIDE_WINDOWS: "The time is outside the availability of {role} {user}.",
    Obstacle.HOLIDAY: "{role} {user} is on holiday at that time.",
    Obstacle.SESSION: "{role} {user} has another session at that time.",
    Obstacle.CALENDAR: "A calendar of {user} is busy at that time.",
    Obstacle.BUFFER: "The time is too close to another session or entry of {role} {user}.",
    Obstacle.NOTICE: "The start is sooner than the minimum notice of {role} {user}.",
    Obstacle.UNVERIFIED: "A calendar of {user} could not be read.",
}


def obstacle_warning(obstacle: Obstacle, user_id: str, role: Role) -> BookingWarning:
    """Return the warning about an obstacle of a participant.

    It names neither titles nor providers: those are for the user and Admins only.
    """
    message = _MESSAGES[obstacle].format(role=role, user=user_id)
    return BookingWarning(WarningCode[obstacle.name], user_id, role, message)
