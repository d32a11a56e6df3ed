"""Expands the occurrences of a calendar object, with a limit on the work."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import prod
from typing import Any

from dateutil.rrule import (  # type: ignore[import-untyped]  # ships no types
    DAILY,
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
from shared.providers.limits import MAX_OCCURRENCES

_MAX_COST = 500_000
_MAX_RULE_LENGTH = 2_000
# In microseconds, roughly; one step of a yearly rule examines every day of the year.
_STEP_COST = 4
_STEP_COSTS = {YEARLY: 30, MONTHLY: 6}
_PERIOD_DAYS = {WEEKLY: 7, DAILY: 1}
# Floating times differ from UTC by up to this much; the expansion treats them as UTC.
_ZONE_SLACK = timedelta(days=1)


class Budget:
    """The work allowed for one calendar; shared by all its objects.

    One unit of cost takes about a microsecond for every kind of rule, so a calendar takes at most
    about a second.
    """

    def __init__(self, *, occurrences: int = MAX_OCCURRENCES, cost: int = _MAX_COST) -> None:
        self._occurrences = occurrences
        self._left = cost

    def spend(self, cost: int = 1) -> None:
        """Subtract the cost of some work.

        Raises:
            CalendarTooLarge: the budget is used up.
        """
        self._left -= cost
        if self._left < 0:
            raise CalendarTooLarge("The calendar's recurrences take too long to expand.")

    def take_occurrence(self) -> None:
        """Count one occurrence.

        Raises:
            CalendarTooLarge: there are more occurrences than allowed.
        """
        self._occurrences -= 1
        if self._occurrences < 0:
            raise CalendarTooLarge("The calendar has more occurrences than this service reads.")


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
        self._rule: rrule = rule.replace(interval=_budgeted_interval(rule, budget), cache=False)
        self._period = _period(rule)

    def between(self, start: datetime, stop: datetime, *, inc: bool) -> Iterator[datetime]:
        """Yield the rule's instants between the two, in order."""
        for each in self._from(start):
            self._budget.spend()
            if each > stop or (each == stop and not inc):
                return
            if each > start or (each == start and inc):
                yield each

    def _from(self, start: datetime) -> rrule:
        """Return the rule without the periods before `start`, if it is daily or weekly."""
        first = self._rule._dtstart  # noqa: SLF001 - `dateutil` has no public accessor
        # Two periods early, so that clock changes do not matter.
        skipped = (start - first) // self._period - 2 if self._period else 0
        if skipped <= 0:
            return self._rule
        return self._rule.replace(dtstart=first + skipped * self._period)


def _period(rule: Any) -> timedelta:
    """Return the period of a daily or weekly rule without COUNT, else zero."""
    if rule._count is not None:  # noqa: SLF001 - as above
        return timedelta()
    days = rule._interval * _PERIOD_DAYS.get(rule._freq, 0)  # noqa: SLF001 - as above
    return timedelta(days=days)


def _budgeted_interval(rule: Any, budget: Budget) -> _BudgetedInterval:
    interval = _BudgetedInterval(rule._interval)  # noqa: SLF001 - `dateutil` has no public accessor
    interval.budget = budget
    positions = len(rule._bysetpos or ())  # noqa: SLF001 - as above
    interval.cost = _STEP_COSTS.get(rule._freq, _STEP_COST) * (1 + positions)  # noqa: SLF001 - as above
    return interval


def _budgeted_series(budget: Budget) -> type[Series]:
    class Rules(Series.RecurrenceRules):  # type: ignore[misc]  # the library is untyped
        def rrulestr(self, rule_string: str) -> _BudgetedRule:
            budget.spend(_parsing_cost(rule_string))
            return _BudgetedRule(super().rrulestr(rule_string), budget)

    class BudgetedSeries(Series):  # type: ignore[misc]  # as above
        RecurrenceRules = Rules

    return BudgetedSeries


def _parsing_cost(rule: str) -> int:
    """Return the cost of parsing a rule: parsing combines all its times of day."""
    if len(rule) > _MAX_RULE_LENGTH:
        raise CalendarTooLarge("The calendar contains a recurrence rule that is too long.")
    parts = (part.partition("=") for part in rule.upper().split(";"))
    times = (value.count(",") + 1 for name, _, value in parts if name in _TIMES_OF_DAY)
    return prod(times)


_TIMES_OF_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
