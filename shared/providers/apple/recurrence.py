"""Occurrences of a calendar object, with the work of finding them bounded beforehand."""

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
from shared.providers.limits import MOST_OCCURRENCES

_MOST_COST = 500_000
_LONGEST_RULE = 2_000
# In about microseconds; one step of a yearly rule looks at every day of the year.
_STEP_COST = 4
_STEP_COSTS = {YEARLY: 30, MONTHLY: 6}
_PERIOD_DAYS = {WEEKLY: 7, DAILY: 1}
# Floating times are up to this far from UTC; expansion reads them as if they were UTC.
_ZONE_SLACK = timedelta(days=1)


class Budget:
    """What one calendar may cost; shared by all of its objects.

    A cost is about a microsecond, whatever the rule, so that the whole stays under about a second.
    """

    def __init__(self, *, occurrences: int = MOST_OCCURRENCES, cost: int = _MOST_COST) -> None:
        self._occurrences = occurrences
        self._left = cost

    def pay(self, cost: int = 1) -> None:
        """Pay for some work.

        Raises:
            CalendarTooLarge: when it is over the bound.
        """
        self._left -= cost
        if self._left < 0:
            raise CalendarTooLarge("The calendar's recurrences take too long to expand.")

    def take_occurrence(self) -> None:
        """Pay for one occurrence.

        Raises:
            CalendarTooLarge: when there are more than allowed.
        """
        self._occurrences -= 1
        if self._occurrences < 0:
            raise CalendarTooLarge("The calendar has more occurrences than are read.")


def occurrences(calendar: Calendar, within: Interval, budget: Budget) -> Iterator[Event]:
    """Yield the events that happen within the interval, or up to a day beside it.

    Each is one occurrence with its own DTSTART and DTEND; exceptions and extra dates are applied.

    Raises:
        CalendarTooLarge: when the budget does not suffice.
        ValueError: for rules that cannot be read; other built-in errors for nonsense.
    """
    span = within.widened(_ZONE_SLACK, _ZONE_SLACK)
    events = ComponentsWithName("VEVENT", series=_series_paying(budget))
    for series in CalendarQuery(calendar, components=[events]).series:
        for occurrence in series.between(span.start, span.end):
            budget.take_occurrence()
            yield occurrence.as_component(False)  # noqa: FBT003 - the library names it so


class _PaidInterval(int):
    """An INTERVAL that pays for every addition: `dateutil` makes one in each round of its search.

    It searches from DTSTART to the year 9999 without giving control back, so a rule that never
    matches can be stopped in no other way.
    """

    budget: Budget
    cost: int

    def __radd__(self, other: int) -> int:
        self.budget.pay(self.cost)
        return other + int(self)

    def __mul__(self, other: Any) -> Any:
        self.budget.pay(self.cost)
        return int(self) * other


class _PaidRule:
    """A rule whose steps and results are paid for; has what `Series` asks of a rule."""

    def __init__(self, rule: Any, budget: Budget) -> None:
        self.until = rule.until
        self.string = rule.string
        self._budget = budget
        self._rule: rrule = rule.replace(interval=_paid(rule, budget), cache=False)
        self._period = _period(rule)

    def between(self, start: datetime, stop: datetime, *, inc: bool) -> Iterator[datetime]:
        """Yield the rule's instants between the two, in order, one by one."""
        for each in self._from(start):
            self._budget.pay()
            if each > stop or (each == stop and not inc):
                return
            if each > start or (each == start and inc):
                yield each

    def _from(self, start: datetime) -> rrule:
        """Return the rule without the years before `start`, where leaving them out is simple."""
        first = self._rule._dtstart  # noqa: SLF001 - `dateutil` tells it nowhere else
        # Two periods early, so that no change of clocks matters.
        skipped = (start - first) // self._period - 2 if self._period else 0
        if skipped <= 0:
            return self._rule
        return self._rule.replace(dtstart=first + skipped * self._period)


def _period(rule: Any) -> timedelta:
    """Return the time after which a daily or weekly rule repeats itself, or none."""
    if rule._count is not None:  # noqa: SLF001 - as above
        return timedelta()
    days = rule._interval * _PERIOD_DAYS.get(rule._freq, 0)  # noqa: SLF001 - as above
    return timedelta(days=days)


def _paid(rule: Any, budget: Budget) -> _PaidInterval:
    interval = _PaidInterval(rule._interval)  # noqa: SLF001 - `dateutil` tells it nowhere else
    interval.budget = budget
    positions = len(rule._bysetpos or ())  # noqa: SLF001 - likewise
    interval.cost = _STEP_COSTS.get(rule._freq, _STEP_COST) * (1 + positions)  # noqa: SLF001 - likewise
    return interval


def _series_paying(budget: Budget) -> type[Series]:
    class Rules(Series.RecurrenceRules):  # type: ignore[misc]  # the library is untyped
        def rrulestr(self, rule_string: str) -> _PaidRule:
            budget.pay(_reading_cost(rule_string))
            return _PaidRule(super().rrulestr(rule_string), budget)

    class PayingSeries(Series):  # type: ignore[misc]  # likewise
        RecurrenceRules = Rules

    return PayingSeries


def _reading_cost(rule: str) -> int:
    """Return what it costs to read a rule: times of day are multiplied out at once."""
    if len(rule) > _LONGEST_RULE:
        raise CalendarTooLarge("The calendar holds a recurrence rule of absurd length.")
    parts = (part.partition("=") for part in rule.upper().split(";"))
    times = (value.count(",") + 1 for name, _, value in parts if name in _TIMES_OF_DAY)
    return prod(times)


_TIMES_OF_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
