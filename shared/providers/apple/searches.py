"""Searches of recurrence rules whose work costs budget."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import prod
from typing import Any

from dateutil.rrule import (  # type: ignore[import-untyped]  # ships no types
    DAILY,
    HOURLY,
    MINUTELY,
    MONTHLY,
    WEEKLY,
    YEARLY,
    rrule,
    rrulestr,
)

from shared.domain.errors import CalendarTooLarge
from shared.providers.apple.budget import Budget

_MAX_RULE_LENGTH = 2_000
_RESULT_COST = 4
_VALUES_PER_STEP = 4
# One step of a yearly rule examines every day of the year.
_STEP_COST = 4
_STEP_COSTS = {YEARLY: 30, MONTHLY: 6}
_TIMES_OF_STEPS = {HOURLY: ("byminute", "bysecond"), MINUTELY: ("bysecond",)}
_PERIOD_DAYS = {WEEKLY: 7, DAILY: 1}
_TIMES_OF_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})


class Search:
    """The local times of a rule, found at a cost."""

    def __init__(self, text: str, first: datetime, budget: Budget) -> None:
        """Parse the rule.

        Raises:
            CalendarTooLarge: the rule is too long, or the budget is used up.
            ValueError: it cannot be read.
        """
        budget.spend(_parsing_cost(text))
        self._budget = budget
        self._rule = budgeted_rule(rrulestr(text, dtstart=first), budget)
        self._period = _period(self._rule)

    def between(self, start: datetime, stop: datetime) -> Iterator[datetime]:
        """Yield the times from `start` to `stop`, both included, in order."""
        for each in self._from(start):
            self._budget.spend()
            if each > stop:
                return
            if each >= start:
                self._budget.spend(_RESULT_COST)
                yield each

    def _from(self, start: datetime) -> rrule:
        """Return the rule without the periods before `start`, if it is daily or weekly."""
        first = self._rule._dtstart  # noqa: SLF001 - `dateutil` has no public accessor
        # Two periods early, so that clock changes do not matter.
        skipped = (start - first) // self._period - 2 if self._period else 0
        if skipped <= 0:
            return self._rule
        return self._rule.replace(dtstart=first + skipped * self._period)


class _BudgetedInterval(int):
    """An INTERVAL that costs budget on every addition: `dateutil` adds it once per search step.

    `dateutil` searches from DTSTART to the year 9999 without yielding, so there is no other way to
    stop a rule that never matches.
    """

    budget: Budget
    cost: int

    def __radd__(self, other: int) -> int:
        self.budget.spend(self.cost)
        return other + int(self)

    def __mul__(self, other: Any) -> Any:
        self.budget.spend(self.cost)
        return int(self) * other


def budgeted_rule(rule: Any, budget: Budget) -> rrule:
    """Return the rule with a search that costs budget."""
    return rule.replace(interval=_budgeted_interval(rule, budget), cache=False)


def _period(rule: Any) -> timedelta:
    """Return the period of a daily or weekly rule without COUNT, else zero."""
    if rule._count is not None:  # noqa: SLF001 - as above
        return timedelta()
    days = rule._interval * _PERIOD_DAYS.get(rule._freq, 0)  # noqa: SLF001 - as above
    return timedelta(days=days)


def _budgeted_interval(rule: Any, budget: Budget) -> _BudgetedInterval:
    interval = _BudgetedInterval(rule._interval)  # noqa: SLF001 - `dateutil` has no public accessor
    interval.budget = budget
    # Every step compares with all values of the rule and takes all its positions.
    parts = rule._original_rule  # noqa: SLF001 - as above
    values = sum(len(each) for each in parts.values() if isinstance(each, tuple))
    positions = len(rule._bysetpos or ())  # noqa: SLF001 - as above
    step = _STEP_COSTS.get(rule._freq, _STEP_COST)  # noqa: SLF001 - as above
    interval.cost = step * (1 + positions + values // _VALUES_PER_STEP)
    if rule._freq in _TIMES_OF_STEPS:  # noqa: SLF001 - as above
        # Every step combines its times.
        interval.cost += prod(len(parts.get(each) or "1") for each in _TIMES_OF_STEPS[rule._freq])  # noqa: SLF001 - as above
    return interval


def _parsing_cost(rule: str) -> int:
    """Return the cost of parsing a rule: parsing combines all its times of day."""
    if len(rule) > _MAX_RULE_LENGTH:
        raise CalendarTooLarge("The calendar contains a recurrence rule that is too long.")
    parts = (part.partition("=") for part in rule.upper().split(";"))
    times = (value.count(",") + 1 for name, _, value in parts if name in _TIMES_OF_DAY)
    return prod(times) + len(rule)
