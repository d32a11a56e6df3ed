"""How a caller is related to a session, by id and by the roles in the token."""

from enum import StrEnum

from shared.domain.caller import Caller
from shared.domain.event import Event
from shared.domain.role import Role


class Relation(StrEnum):
    """How a caller is related to a session."""

    ADMIN = "admin"
    """Role Admin, or a service token with the scope `events:write`."""

    COACH = "coach"
    """Role Coach, and one of the coaches."""

    LEARNER = "learner"
    """Role Learner, and the learner of a 1:1 session."""

    GROUP_LEARNER = "group learner"
    """Role Learner, and a learner of a session with several coaches or several learners."""

    READER = "reader"
    """A learner of the session whose token does not carry the role Learner."""

    OTHER = "other"
    """Everyone else, also the user in adminId whose token does not carry the role Admin."""


def relation_of(caller: Caller, event: Event) -> Relation:
    """Return how the caller is related to the session."""
    if caller.manages_events:
        return Relation.ADMIN
    if caller.user_id in event.coach_ids and Role.COACH in caller.roles:
        return Relation.COACH
    if caller.user_id not in event.learner_ids:
        return Relation.OTHER
    if Role.LEARNER not in caller.roles:
        return Relation.READER
    return Relation.GROUP_LEARNER if event.is_group else Relation.LEARNER


def role_of(relation: Relation) -> Role | None:
    """Return the role in which a caller with that relation acts; None for an outsider."""
    return {
        Relation.ADMIN: Role.ADMIN,
        Relation.COACH: Role.COACH,
        Relation.LEARNER: Role.LEARNER,
        Relation.GROUP_LEARNER: Role.LEARNER,
        Relation.READER: Role.LEARNER,
    }.get(relation)
