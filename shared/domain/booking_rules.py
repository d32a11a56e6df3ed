"""For whom windows, holidays, notice and buffers bind a booking."""

from enum import StrEnum

from shared.domain.caller import Caller
from shared.domain.event import Event
from shared.domain.relation import Relation, relation_of


class BookingRules(StrEnum):
    """Whom the organization binds; everyone else is warned."""

    ENFORCE_LEARNERS = "enforce_learners"
    ENFORCE_ALL = "enforce_all"
    WARN = "warn"

    def bind(self, caller: Caller, event: Event) -> bool:
        """Return whether a booking by the caller that breaks a rule is rejected."""
        if self is BookingRules.ENFORCE_LEARNERS:
            return relation_of(caller, event) not in {Relation.ADMIN, Relation.COACH}
        return self is BookingRules.ENFORCE_ALL
