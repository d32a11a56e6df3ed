"""The status of every slot as runs of starts: what slots, alternatives and months are counted from.

Everything that decides about a slot depends on its start alone, so each rule becomes a set of
starts: those that fit into working time, those that reach into a holiday, those too close to a
busy time. The edges of these sets, sorted, cut time into stretches of one status; the grid of the
viewer's clock then only has to be counted off along them. Whole seconds since the epoch throughout.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import chain, pairwise
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from shared.domain.interval import EPOCH, Span, Spans, merge, to_utc
from shared.domain.localtime import (
    DAY,
    DatePiece,
    date_of,
    date_pieces,
    day_number,
    shown,
    stretches,
)
from shared.domain.role import Role
from shared.domain.slot_rules import MINUTE, Consulted, SlotRules, SlotStatus
from shared.domain.week import open_spans
from shared.domain.zones import zone

_SECOND = timedelta(seconds=1)

# Bits of the state of a start: these, then two for each of the people consulted.
_FITS = 1
_PAST = 2
_ON_HOLIDAY = 4
_BUSY = 8

_A = TypeVar("_A", bound=tuple[Any, ...])
_B = TypeVar("_B", bound=tuple[Any, ...])


class SlotRun(NamedTuple):
    """Successive grid starts of one date, in epoch seconds, that share status and reason."""

    day: date
    starts: range
    status: SlotStatus
    blocked_by: tuple[Role, ...]


class _Stretch(NamedTuple):
    start: int
    end: int
    status: SlotStatus
    blocked_by: tuple[Role, ...]


def slot_runs(
    days: tuple[date, date],
    viewer: ZoneInfo,
    consulted: Sequence[Consulted],
    rules: SlotRules,
    *,
    now: datetime,
) -> Iterator[SlotRun]:
    """Yield the slots of the viewer's dates from first to last of `days`, in order of start.

    The runs of one date are exactly those of asking for that date alone. They follow each other
    but where a clock went back over midnight: there two dates take turns.

    Raises:
        ValueError: when nobody is consulted, a zone is unknown or `now` is naive.
    """
    if not consulted:
        raise ValueError("consulted is empty; without anybody's windows there is no working time")
    pieces = date_pieces(viewer, *days)
    if pieces:
        within = (pieces[0].start, pieces[-1].end)
        yield from _on_grid(pieces, _statuses(consulted, rules, within=within, now=now), rules)


def _on_grid(
    pieces: Sequence[DatePiece], statuses: Sequence[_Stretch], rules: SlotRules
) -> Iterator[SlotRun]:
    step = rules.step // _SECOND
    for piece, (start, end, status, blocked_by) in _overlapping(pieces, statuses):
        midnight = piece.midnight
        first = midnight - (midnight - max(start, piece.start)) // step * step
        last = min(end, piece.end)
        if first < last:
            yield SlotRun(date_of(piece.day), range(first, last, step), status, blocked_by)


def _statuses(
    consulted: Sequence[Consulted], rules: SlotRules, *, within: Span, now: datetime
) -> list[_Stretch]:
    """The stretches of starts that fit into working time, in order, each with its status."""
    edges: dict[int, int] = {}
    for bit, starts in _layers(consulted, rules, within=within, now=now):
        for edge in chain.from_iterable(starts):
            edges[edge] = edges.get(edge, 0) ^ bit
    meanings: dict[int, tuple[SlotStatus, tuple[Role, ...]]] = {}
    found: list[_Stretch] = []
    state = 0
    for edge, following in pairwise(sorted(edges)):
        state ^= edges[edge]
        if state & _FITS:
            if state not in meanings:
                meanings[state] = _meaning(state, consulted)
            found.append(_Stretch(edge, following, *meanings[state]))
    return found


def _meaning(state: int, consulted: Sequence[Consulted]) -> tuple[SlotStatus, tuple[Role, ...]]:
    if state & _PAST:
        return SlotStatus.PAST, ()
    for status, bit in ((SlotStatus.HOLIDAY, _ON_HOLIDAY), (SlotStatus.BUSY, _BUSY)):
        taken = [each.role for n, each in enumerate(consulted) if state & (bit << 2 * n)]
        if taken:
            return status, tuple(role for role in Role if role in taken)
    unread = any(each.unread for each in consulted)
    return SlotStatus.UNVERIFIED if unread else SlotStatus.AVAILABLE, ()


def _layers(
    consulted: Sequence[Consulted], rules: SlotRules, *, within: Span, now: datetime
) -> Iterator[tuple[int, Iterable[Span]]]:
    """Each rule as a bit of the state and the starts it holds for: apart and not touching."""
    start, end = within
    length = rules.length // _SECOND
    reached = (start, end + length)
    yield _FITS, _fitting(consulted, length, reached)
    earliest = -((EPOCH - to_utc(now)) // _SECOND) + rules.minimum_notice // _SECOND
    yield _PAST, [(start, min(earliest, end))] if start < earliest else []
    for n, each in enumerate(consulted):
        yield _ON_HOLIDAY << 2 * n, _on_holiday(each, length, reached)
        yield _BUSY << 2 * n, _busy(each, rules, within)


def _fitting(consulted: Sequence[Consulted], length: int, reached: Span) -> list[Span]:
    working = [open_spans(windows, *reached) for windows in {each.windows for each in consulted}]
    together = reduce(_intersection, working)
    return [(start, end - length + 1) for start, end in together if end - start >= length]


def _on_holiday(person: Consulted, length: int, reached: Span) -> Spans:
    if not person.holidays:
        return ()
    around = stretches(zone(person.zone), *reached)
    return merge(
        (start - length + 1, end)
        for each in person.holidays
        for start, end in shown(
            around, day_number(each.first) * DAY, (day_number(each.last) + 1) * DAY
        )
    )


def _busy(person: Consulted, rules: SlotRules, within: Span) -> Spans:
    before = (rules.length + rules.buffer_after) // MINUTE
    after = rules.buffer_before // MINUTE
    first = bisect_right(person.busy, within[0] // 60 - after, key=itemgetter(1))
    last = bisect_left(person.busy, within[1] // 60 + 1 + before, key=itemgetter(0))
    # A start just as far off as it must be is free, hence the second at the front.
    return merge(
        ((start - before) * 60 + 1, (end + after) * 60) for start, end in person.busy[first:last]
    )


def _intersection(some: Sequence[Span], others: Sequence[Span]) -> Spans:
    return tuple(
        (max(one[0], other[0]), min(one[1], other[1])) for one, other in _overlapping(some, others)
    )


def _overlapping(some: Sequence[_A], others: Sequence[_B]) -> Iterator[tuple[_A, _B]]:
    """Pairs that share an instant; items start with start and end, in order, without overlap."""
    i = j = 0
    while i < len(some) and j < len(others):
        one, other = some[i], others[j]
        if max(one[0], other[0]) < min(one[1], other[1]):
            yield one, other
        if one[1] <= other[1]:
            i += 1
        else:
            j += 1
