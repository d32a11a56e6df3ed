"""The slot engine: from stored availability and busy times of two people to slots."""

from functools import partial

from tests.benchmarks.figures import Figure
from tests.benchmarks.timing import HOW, best_seconds, one_processor
from tests.benchmarks.work import MONTH, Work

MILLISECONDS = 1000
_DAY = MONTH[0].replace(day=12)


def figures() -> list[Figure]:
    """Measure a month, a month compared with a day, and a month with more busy times."""
    few, some, many = Work(10), Work(100), Work(1000)
    day = partial(some.runs, (_DAY, _DAY))
    with one_processor():
        of_few, of_some, of_many, of_day = best_seconds(few.runs, some.runs, many.runs, day)
    return [
        Figure(
            name="engine: month, 2 people, 100 busy intervals, ms",
            value=of_some * MILLISECONDS,
            bound=0.6,
            how=HOW,
            counted=False,
        ),
        Figure(
            name="engine: a month ÷ one of its days",
            value=of_some / of_day,
            bound=14,
            how=HOW,
            counted=False,
        ),
        Figure(
            name="engine: month with 1000 busy intervals ÷ with 10",
            value=of_many / of_few,
            bound=3.5,
            how=HOW,
            counted=False,
        ),
    ]
