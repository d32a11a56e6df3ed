"""Expands the occurrences of a calendar object, with a limit on the work."""

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
)
from icalendar import Calendar, Event
from recurring_ical_events import CalendarQuery
from recurring_ical_events.selection.name import ComponentsWithName
from recurring_ical_events.series import Series

from shared.domain.errors import CalendarTooLarge
from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget

_MAX_RULE_LENGTH = 2_000
_RESULT_COST = 4
_VALUES_PER_STEP = 4
# One step of a yearly rule examines every day of the year.
_STEP_COST = 4
_STEP_COSTS = {YEARLY: 30, MONTHLY: 6}
_TIMES_OF_STEPS = {HOURLY: ("byminute", "bysecond"), MINUTELY: ("bysecond",)}
_PERIOD_DAYS = {WEEKLY: 7, DAILY: 1}
# Floating times differ from UTC by up to this much; the expansion treats them as UTC.
_ZONE_SLACK = timedelta(days=1)


def occurrences(calendar: Calendar, within: Interval, budget: Budget) -> Iterator[Event]:
    """Yield the events that occur within the interval or up to a day before or after it.

    Each is one occurrence with its own DTSTART and DTEND; exceptions and extra dates are applied.

    Raises:
        CalendarTooLarge: the budget is used up.
        ValueError: a rule cannot be read. Malformed events raise other built-in errors too.
    """
    span = within.widened(_ZONE_SLACK, _ZONE_SLACK)
    events = ComponentsWithName("VEVENT", series=_budgeted_series(budget))
    for series in CalendarQuery(calendar, components=[events]).series:
        for occurrence in series.between(span.start, span.end):
            budget.take_occurrence()
            yield occurrence.as_component(False)  # noqa: FBT003 - the library names it so


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


class _BudgetedRule:
    """A rule whose steps and results cost budget; has the attributes that `Series` reads."""

    def __init__(self, rule: Any, budget: Budget) -> None:
        self.until = rule.until
        self.string = rule.string
        self._budget = budget
        self._rule = budgeted_rule(rule, budget)
        self._period = _period(rule)

    def between(self, start: datetime, stop: datetime, *, inc: bool) -> Iterator[datetime]:
        """Yield the rule's instants between the two, in order."""
        for each in self._from(start):
            self._budget.spend()
            if each > stop or (each == stop and not inc):
                return
            if each > start or (each == start and inc):
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


class _BudgetedDates:
    """The start and the RDATEs of a series, which cost budget in every search."""

    def __init__(self, dates: Any, count: int, budget: Budget) -> None:
        self.until = dates.until
        self._dates = dates
        self._cost = 1 + count
        self._budget = budget

    def between(self, start: datetime, stop: datetime, *, inc: bool) -> list[datetime]:
        """Return the dates between the two, in order."""
        self._budget.spend(self._cost)
        found: list[datetime] = self._dates.between(start, stop, inc=inc)
        self._budget.spend(_RESULT_COST * len(found))
        return found


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


def _budgeted_series(budget: Budget) -> type[Series]:
    class Rules(Series.RecurrenceRules):  # type: ignore[misc]  # the library is untyped
        def rrulestr(self, rule_string: str) -> _BudgetedRule:
            budget.spend(_parsing_cost(rule_string))
            return _BudgetedRule(super().rrulestr(rule_string), budget)

        def __init__(self, core: Any) -> None:
            super().__init__(core)
            dates = len(self.rdates) + 1
            self.rrules[0] = _BudgetedDates(self.rrules[0], dates, budget)

    class BudgetedSeries(Series):  # type: ignore[misc]  # as above
        RecurrenceRules = Rules

        def get_component_for_recurrence_id(self, recurrence_id: Any) -> Any:
            # The library compares with every exception for this and all future occurrences.
            budget.spend(len(self.this_and_future))
            return super().get_component_for_recurrence_id(recurrence_id)

    return BudgetedSeries


def _parsing_cost(rule: str) -> int:
    """Return the cost of parsing a rule: parsing combines all its times of day."""
    if len(rule) > _MAX_RULE_LENGTH:
        raise CalendarTooLarge("The calendar contains a recurrence rule that is too long.")
    parts = (part.partition("=") for part in rule.upper().split(";"))
    times = (value.count(",") + 1 for name, _, value in parts if name in _TIMES_OF_DAY)
    return prod(times) + len(rule)


_TIMES_OF_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})

__all__ = ["Budget", "budgeted_rule", "occurrences"]
