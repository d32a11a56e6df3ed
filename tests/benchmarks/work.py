"""The work of every engine: a month of slots for two people with busy intervals.

It is generated, and the same every time: weekly windows, and busy times as sorted epoch minutes, as
stores and calendars return them.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.interval import Spans, merge, span_of
from shared.domain.localtime import intervals_of_dates
from shared.domain.role import Role
from shared.domain.slot_rules import ConsultedPerson, SlotRules, SlotStatus
from shared.domain.slot_runs import SlotRun, slot_runs
from shared.domain.week import Window
from shared.domain.zones import zone

MONTH = (date(2030, 11, 1), date(2030, 11, 30))
NOW = datetime(2030, 10, 1, tzinfo=UTC)
VIEWER = "Europe/Berlin"
STEP = timedelta(minutes=30)
_HALF_HOUR = 30
_SEED = 20301101


@dataclass(frozen=True)
class Work:
    """A month with `busy` intervals, half of them for each person.

    They start on half hours and last 30 or 60 minutes. Slots start on half hours and last an hour,
    which are the service's defaults, unless `length` differs. With half an hour, engines without a
    grid find the same slots as engines with one.
    """

    busy: int
    length: timedelta = timedelta(hours=1)

    @cached_property
    def rules(self) -> SlotRules:
        """Length and step of the slots."""
        return SlotRules(length=self.length, step=STEP)

    @cached_property
    def viewer(self) -> ZoneInfo:
        """The viewer zone, which is also the zone of both people."""
        return zone(VIEWER)

    @cached_property
    def people(self) -> tuple[ConsultedPerson, ConsultedPerson]:
        """A coach and a learner who both work Monday to Friday, 09:00 to 17:00."""
        numbers = random.Random(_SEED)  # noqa: S311 - the same work every time, no secret
        windows = tuple(Window(day, 9 * 60, 17 * 60, VIEWER) for day in range(5))
        half = self.busy // 2
        return tuple(  # type: ignore[return-value]  # one for each of two roles
            ConsultedPerson(
                role=role, zone=VIEWER, windows=windows, busy=self._busy(numbers, number)
            )
            for role, number in ((Role.COACH, half), (Role.LEARNER, self.busy - half))
        )

    def _busy(self, numbers: random.Random, number: int) -> Spans:
        start, end = self._span
        starts = numbers.sample(range(start, end, _HALF_HOUR), number)
        return merge((each, each + numbers.choice((30, 60))) for each in starts)

    @cached_property
    def _span(self) -> tuple[int, int]:
        (month,) = intervals_of_dates(self.viewer, *MONTH)
        return span_of(month)

    def runs(self, days: tuple[date, date] = MONTH) -> list[SlotRun]:
        """Compute the status of every slot."""
        return list(slot_runs(days, self.viewer, self.people, self.rules, now=NOW))

    def available(self) -> list[int]:
        """Compute the starts of all available slots, in epoch minutes."""
        return [
            start // 60
            for run in self.runs()
            if run.status is SlotStatus.AVAILABLE
            for start in run.starts
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the work as JSON values, with times in minutes."""
        start, end = self._span
        return {
            "zone": VIEWER,
            "from": start,
            "to": end,
            "length": self.length // timedelta(minutes=1),
            "step": STEP // timedelta(minutes=1),
            "people": [
                {
                    "busy": each.busy,
                    "windows": [
                        {"weekday": w.weekday, "start": w.start, "end": w.end, "zone": w.zone}
                        for w in each.windows
                    ],
                }
                for each in self.people
            ],
        }
