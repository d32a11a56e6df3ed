"""Work done side by side: store reads in one wave, provider calls under one deadline."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from shared.usecases.crew import Batch, Outcome

T = TypeVar("T")


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what each call returns, in order, having run them at the same time.

    The last runs where it was asked for, which spares a thread the way there and back.

    Raises:
        Exception: the first failure in order of the calls, once every call has ended.
    """
    if not calls:
        return []
    *others, last = calls
    batch = Batch(others)
    try:
        answer = last()
    finally:
        answers = [each.result() for each in batch.outcomes()]
    return [*answers, answer]


def by_deadline(calls: Sequence[Callable[[], T]], limit: timedelta) -> list[Outcome[T] | None]:
    """Return how each call ended, in order, and None of one that has not after `limit`.

    A thread whose call hangs is left with it and not used again until that ends: it must not keep
    a place others need.
    """
    return Batch(calls).outcomes_within(limit)
