"""Who may ask about whose time, and how much of a person's day a caller sees: the rules as data.

Slots, months and day lists ask here; `shared/domain/policy.py` has the rules about sessions. The
service cannot check which ids are coaches, so an id that is named as a coach counts as one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from shared.domain.caller import Caller
from shared.domain.errors import Forbidden
from shared.domain.role import Role


class TimeQuestion(StrEnum):
    """Whose time a slot or month query is about; the value is the name of its rule."""

    COACH = "time.coach"
    """One coach."""

    LEARNER = "time.learner"
    """One learner."""

    PAIR = "time.pair"
    """One coach and one learner."""

    SEVERAL = "time.several"
    """Any other number of people; also every question on an Admin's route."""


class Asker(StrEnum):
    """How a caller is related to the people of a question."""

    ADMIN = "admin"
    """Role Admin, or a service token with the scope `events:write`."""

    COACH = "coach"
    """Role Coach, and named as a coach."""

    LEARNER = "learner"
    """Named as a learner, whatever the roles: a learner may read without the role too."""

    OTHER = "other"
    """Everyone else, also a caller named as a coach whose token does not carry the role Coach."""


@dataclass(frozen=True, slots=True)
class TimeRule:
    """One row of the table. `allowed` completes the sentence "only <allowed> may ask this".

    The columns are COACH, LEARNER and OTHER. An Admin may ask everything.
    """

    allowed: str
    coach: bool
    learner: bool
    other: bool

    def allows(self, asker: Asker) -> bool:
        """Return whether that asker may ask."""
        return {
            Asker.ADMIN: True,
            Asker.COACH: self.coach,
            Asker.LEARNER: self.learner,
            Asker.OTHER: self.other,
        }[asker]


_ADMIN = "an Admin or a service with the scope events:write"

TIME_RULES: Mapping[TimeQuestion, TimeRule] = {
    TimeQuestion.COACH: TimeRule("a user with a token", coach=True, learner=True, other=True),
    TimeQuestion.LEARNER: TimeRule(
        f"{_ADMIN}, or that learner", coach=False, learner=True, other=False
    ),
    TimeQuestion.PAIR: TimeRule(
        f"{_ADMIN}, or one of the two people (the coach only with the role Coach)",
        coach=True,
        learner=True,
        other=False,
    ),
    TimeQuestion.SEVERAL: TimeRule(_ADMIN, coach=False, learner=False, other=False),
}
"""Every rule."""


def question_about(coach_ids: tuple[str, ...], learner_ids: tuple[str, ...]) -> TimeQuestion:
    """Return which question a query for these people is."""
    return {
        (1, 0): TimeQuestion.COACH,
        (0, 1): TimeQuestion.LEARNER,
        (1, 1): TimeQuestion.PAIR,
    }.get((len(coach_ids), len(learner_ids)), TimeQuestion.SEVERAL)


def asker_of(
    caller: Caller, coach_ids: tuple[str, ...] = (), learner_ids: tuple[str, ...] = ()
) -> Asker:
    """Return how the caller is related to these people, by id and by role."""
    if caller.manages_events:
        return Asker.ADMIN
    if caller.user_id in coach_ids and Role.COACH in caller.roles:
        return Asker.COACH
    return Asker.LEARNER if caller.user_id in learner_ids else Asker.OTHER


def require_question(question: TimeQuestion, asker: Asker) -> None:
    """Return if that asker may ask the question.

    Raises:
        Forbidden: the message names the rule and who may ask.
    """
    rule = TIME_RULES[question]
    if not rule.allows(asker):
        raise Forbidden(f"Rule {question}: only {rule.allowed} may ask this.")


class Detail(Enum):
    """How much of a person's day and calendars a caller sees."""

    ALL = "all"
    """Titles, places, holiday names, and which calendars there are."""

    TIMES = "times"
    """The times of each entry, and for each calendar whether it could be read."""

    BUSY = "busy"
    """Merged busy times, and whether they are complete."""


def detail_for(caller: Caller | None, user_id: str) -> Detail:
    """Return how much of that user's day the caller sees; None is a request without a token."""
    if caller is None:
        return Detail.BUSY
    return Detail.ALL if caller.is_admin or caller.user_id == user_id else Detail.TIMES
