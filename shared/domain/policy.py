"""Who may do what with a session: the rules as data, and the one class that applies them.

A right follows from the stored event and from the caller's token (id, roles and scopes), never from
the body of a request. For a creation the event is the one to be stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from shared.domain.caller import Caller
from shared.domain.errors import Forbidden, NotFound
from shared.domain.event import Event, Owner
from shared.domain.relation import Relation, relation_of, role_of
from shared.domain.role import Role


class Right(StrEnum):
    """A right to do something with a session; the value is the name of its rule."""

    CREATE_AS_ADMIN = "create.admin"
    CREATE_AS_COACH = "create.coach"
    CREATE_AS_LEARNER = "create.learner"
    AUTO_APPROVE = "autoApproval"
    READ = "read"
    READ_AUDIT = "read.audit"
    READ_ALL_INVITES = "read.invites"
    READ_COPIES = "read.copies"
    EDIT_DETAILS = "edit.details"
    EDIT_CONTACTS = "edit.contacts"
    MANAGE_GUESTS = "guests"
    RESEND = "resend"
    MOVE = "move"
    CHANGE_PARTICIPANTS = "participants"
    CANCEL = "cancel"
    LEAVE = "leave"
    APPROVE = "approve"
    DECLINE = "decline"
    ALLOW_CONFLICTS = "allowConflicts"


class RuleGrant(Enum):
    """What a rule grants to one relation; the last five depend on settings or on the event."""

    YES = "yes"
    NO = "no"
    HIDDEN = "hidden"
    """The caller must not learn that the session exists."""

    IF_OWNER = "owner COACHEE"
    IF_MOVE = "LEARNERS_MAY_MOVE"
    IF_CANCEL = "LEARNERS_MAY_CANCEL"
    IF_AUTO_APPROVAL = "AUTO_APPROVAL_ROLES"
    IF_IN_GROUP = "a learner of a group"


YES, NO, HIDDEN = RuleGrant.YES, RuleGrant.NO, RuleGrant.HIDDEN


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `allowed` completes the sentence "only <allowed> may do this".

    The grants are those of COACH, LEARNER, GROUP_LEARNER, READER and OTHER. An Admin may do
    everything but leave a session as someone else.
    """

    allowed: str
    coach: RuleGrant
    learner: RuleGrant
    group_learner: RuleGrant
    reader: RuleGrant = NO
    other: RuleGrant = HIDDEN
    admin: RuleGrant = YES

    def grant(self, relation: Relation) -> RuleGrant:
        """Return what the rule grants to that relation."""
        return {
            Relation.ADMIN: self.admin,
            Relation.COACH: self.coach,
            Relation.LEARNER: self.learner,
            Relation.GROUP_LEARNER: self.group_learner,
            Relation.READER: self.reader,
            Relation.OTHER: self.other,
        }[relation]

    @property
    def is_for_admins_only(self) -> bool:
        """Whether everyone but an Admin gets the same 403, whatever the session."""
        return {self.grant(each) for each in Relation if each is not Relation.ADMIN} == {NO}


_ADMIN = "an Admin or a service with the scope events:write"
_COACH = f"{_ADMIN}, or a coach of the session"

RULES: Mapping[Right, Rule] = {
    Right.CREATE_AS_ADMIN: Rule(_ADMIN, NO, NO, NO, other=NO),
    Right.CREATE_AS_COACH: Rule(
        f"{_ADMIN}, or a user with the role Coach who is among coachId", YES, NO, NO, other=NO
    ),
    Right.CREATE_AS_LEARNER: Rule(
        f"{_ADMIN}, or a user with the role Learner who is the only learner of a session with "
        "exactly one coach",
        NO,
        YES,
        NO,
        other=NO,
    ),
    Right.AUTO_APPROVE: Rule(
        f"{_ADMIN}, or a user with a role that AUTO_APPROVAL_ROLES names",
        RuleGrant.IF_AUTO_APPROVAL,
        RuleGrant.IF_AUTO_APPROVAL,
        NO,
        other=NO,
    ),
    Right.READ: Rule(f"{_COACH}, or a learner of the session", YES, YES, YES, reader=YES),
    Right.READ_AUDIT: Rule(_ADMIN, NO, NO, NO),
    Right.READ_ALL_INVITES: Rule(_COACH, YES, NO, NO),
    Right.READ_COPIES: Rule(_ADMIN, NO, NO, NO),
    Right.EDIT_DETAILS: Rule(
        f"{_COACH}, or the learner of a 1:1 session with owner COACHEE", YES, RuleGrant.IF_OWNER, NO
    ),
    Right.EDIT_CONTACTS: Rule(_COACH, YES, NO, NO),
    Right.MANAGE_GUESTS: Rule(_COACH, YES, NO, NO),
    Right.RESEND: Rule(_COACH, YES, NO, NO),
    Right.MOVE: Rule(
        f"{_COACH}, or the learner of a 1:1 session where LEARNERS_MAY_MOVE is true",
        YES,
        RuleGrant.IF_MOVE,
        NO,
    ),
    Right.CHANGE_PARTICIPANTS: Rule(_COACH, YES, NO, NO),
    Right.CANCEL: Rule(
        f"{_COACH}, or the learner of a 1:1 session where LEARNERS_MAY_CANCEL is true",
        YES,
        RuleGrant.IF_CANCEL,
        NO,
    ),
    Right.LEAVE: Rule(
        "a learner of a session with several coaches or several learners",
        NO,
        NO,
        YES,
        admin=RuleGrant.IF_IN_GROUP,
    ),
    Right.APPROVE: Rule(_ADMIN, NO, NO, NO, other=NO),
    Right.DECLINE: Rule(_ADMIN, NO, NO, NO, other=NO),
    Right.ALLOW_CONFLICTS: Rule(_ADMIN, NO, NO, NO, other=NO),
}
"""Every rule. The table in docs/errors.md and the tests are made from it."""

CREATIONS: Mapping[Owner, Right] = {
    Owner.ADMIN: Right.CREATE_AS_ADMIN,
    Owner.COACH: Right.CREATE_AS_COACH,
    Owner.COACHEE: Right.CREATE_AS_LEARNER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """The choices of the organization."""

    auto_approval_roles: frozenset[Role] = frozenset({Role.ADMIN, Role.COACH})
    learners_may_move: bool = True
    learners_may_cancel: bool = True


class Policy:
    """Applies the rules."""

    def __init__(self, settings: PolicySettings) -> None:
        self._settings = settings

    def allowed(self, right: Right, caller: Caller, event: Event) -> bool:
        """Return whether the caller may do this with the session."""
        return self._decide(right, caller, event) is YES

    def require(self, right: Right, caller: Caller, event: Event) -> None:
        """Return if the caller may do this with the session.

        Raises:
            NotFound: the caller may not know that the session exists.
            Forbidden: the caller may not do this; the message names the rule and who may.
        """
        grant = self._decide(right, caller, event)
        if grant is HIDDEN:
            raise not_found(event.id)
        if grant is not YES:
            raise _forbidden(right)

    def require_possible(self, right: Right, caller: Caller) -> None:
        """Return unless the caller may do this with no session at all.

        It needs no session, so the response does not show whether the session exists.

        Raises:
            Forbidden: the rule is for Admins only, and the caller is none.
        """
        if RULES[right].is_for_admins_only and not caller.manages_events:
            raise _forbidden(right)

    def _decide(self, right: Right, caller: Caller, event: Event) -> RuleGrant:
        relation = relation_of(caller, event)
        grant = RULES[right].grant(relation)
        holds = {
            RuleGrant.IF_OWNER: event.owner is Owner.COACHEE,
            RuleGrant.IF_MOVE: self._settings.learners_may_move,
            RuleGrant.IF_CANCEL: self._settings.learners_may_cancel,
            RuleGrant.IF_AUTO_APPROVAL: role_of(relation) in self._settings.auto_approval_roles,
            RuleGrant.IF_IN_GROUP: event.is_group and caller.user_id in event.learner_ids,
        }
        if grant in holds:
            return YES if holds[grant] else NO
        return grant


def not_found(event_id: str) -> NotFound:
    """Return the error for a session that does not exist, or that the caller may not see."""
    return NotFound(f"There is no event {event_id} that you take part in.")


def _forbidden(right: Right) -> Forbidden:
    return Forbidden(f"Rule {right}: only {RULES[right].allowed} may do this.")
