"""Who may call each operation: the rules that routes name, and what each allows."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from shared.domain.policy import RULES, Right
from shared.domain.time_policy import TIME_RULES, TimeQuestion


class CallerRule(StrEnum):
    """Rules that depend on no session and on no other user's time; the value is the name."""

    PUBLIC = "public"
    DAY_LIST = "dayList"
    OWN_DATA = "own"
    OWN_ROLE = "own.role"
    OWN_RECORD = "own.record"
    OTHERS_DATA = "own.others"
    CALLBACK = "oauth.callback"
    COMPLETION = "oauth.completion"
    SESSION_LIST = "sessions.list"
    PREPARE_GUESTS = "guests.prepare"
    PROVISION = "connections.provision"
    EXPORT = "users.export"
    ERASE = "users.erase"
    CHANGES = "changes.read"
    WEBHOOKS = "webhooks.manage"
    SIGNATURE = "sns.signature"


AccessRule: TypeAlias = Right | TimeQuestion | CallerRule

_ADMIN = "an Admin or a service with the scope events:write"

CALLER_RULES: Mapping[CallerRule, str] = {
    CallerRule.PUBLIC: "everyone, without a token",
    CallerRule.DAY_LIST: "everyone; without a token, and about other users, only times are shown",
    CallerRule.OWN_DATA: "a user with a token, for their own data",
    CallerRule.OWN_ROLE: "a user whose token carries the role in the request, for their own data",
    CallerRule.OWN_RECORD: "the user whose record it is",
    CallerRule.OTHERS_DATA: "an Admin, as a Coach or a Learner in that user's place",
    CallerRule.CALLBACK: "the browser that started connecting, with the state it was given",
    CallerRule.COMPLETION: "the user who started connecting, with the completion code",
    CallerRule.SESSION_LIST: f"{_ADMIN}, or a user with a token for their own sessions",
    CallerRule.PREPARE_GUESTS: f"{_ADMIN}, or a user with the role Coach for their own list",
    CallerRule.PROVISION: "a service with the scope connections:provision",
    CallerRule.EXPORT: "a service with the scope users:export",
    CallerRule.ERASE: "a service with the scope users:erase",
    CallerRule.CHANGES: _ADMIN,
    CallerRule.WEBHOOKS: _ADMIN,
    CallerRule.SIGNATURE: "everyone with a message that Amazon SNS has signed",
}
"""By rule: who is allowed."""

SUBJECTS: Mapping[AccessRule, str] = {
    Right.CREATE_AS_ADMIN: "create with owner ADMIN",
    Right.CREATE_AS_COACH: "create with owner COACH",
    Right.CREATE_AS_LEARNER: "create with owner COACHEE",
    Right.AUTO_APPROVE: "create with autoApproval",
    Right.READ: "read",
    Right.READ_AUDIT: "read audit: who did what and when",
    Right.READ_ALL_INVITES: "read the delivery status of all recipients, not only of oneself",
    Right.READ_COPIES: "read which calendars of other users have the session",
    Right.EDIT_DETAILS: "change title, link and location",
    Right.EDIT_CONTACTS: "set the contacts of others",
    Right.MANAGE_GUESTS: "read and replace the guests",
    Right.RESEND: "resend invitations",
    Right.MOVE: "move, shorten, lengthen, or set another time zone",
    Right.CHANGE_PARTICIPANTS: "change the participants or the owner",
    Right.CANCEL: "cancel",
    Right.LEAVE: "leave",
    Right.APPROVE: "approve",
    Right.DECLINE: "decline",
    Right.ALLOW_CONFLICTS: "book despite conflicts",
    TimeQuestion.COACH: "ask about one coach",
    TimeQuestion.LEARNER: "ask about one learner",
    TimeQuestion.PAIR: "ask about a coach and a learner",
    TimeQuestion.SEVERAL: "ask about any number of people",
    CallerRule.OTHERS_DATA: "name another user in userId",
    CallerRule.PREPARE_GUESTS: "prepare the guests of a session that has no event yet",
}
"""By rule: what it is about. Other rules are about the whole operation."""


def who_may(rule: AccessRule) -> str:
    """Return who the rule allows, in words."""
    if isinstance(rule, Right):
        return RULES[rule].allowed
    return TIME_RULES[rule].allowed if isinstance(rule, TimeQuestion) else CALLER_RULES[rule]


def sentence(rule: AccessRule) -> str:
    """Return the rule as one line of text: its name, what it is about and who may do it."""
    subject = SUBJECTS.get(rule)
    return f"`{rule}`{f' ({subject})' if subject else ''}: {who_may(rule)}"
