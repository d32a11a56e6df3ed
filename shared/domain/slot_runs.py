"""The status of every slot as runs of starts, from which slots, alternatives and months are built.

The status of a slot depends only on its start, so each rule becomes a set of starts: those that fit
into working time, those that reach into a holiday, those too close to a busy time. The sorted edges
of these sets divide time into stretches of one status; then only the grid points of the viewer's
clock are counted in each stretch. All times are whole seconds since the epoch.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import chain, pairwise
from operator import itemgetter
from typing import NamedTuple, TypeAlias
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
from shared.domain.slot_rules import MINUTE, ConsultedPerson, SlotRules, SlotStatus
from shared.domain.week import open_spans
from shared.domain.zones import zone

_SECOND = timedelta(seconds=1)

# Bits of the state of a start: past, then two bits for each person consulted.
_PAST = 1
_ON_HOLIDAY = 2
_BUSY = 4

_START, _END = itemgetter(0), itemgetter(1)

_Stretch: TypeAlias = tuple[int, int, SlotStatus, tuple[Role, ...]]
"""Starts in [first, second), with their common status and the roles that block them."""


class SlotRun(NamedTuple):
    """Consecutive grid starts of one date, in epoch seconds, with the same status and reason."""

    day: date
    starts: range
    status: SlotStatus
    blocked_by: tuple[Role, ...]


def slot_runs(
    days: tuple[date, date],
    viewer: ZoneInfo,
    consulted: Sequence[ConsultedPerson],
    rules: SlotRules,
    *,
    now: datetime,
) -> Iterator[SlotRun]:
    """Yield the slots of the viewer's dates from the first to the last of `days`, ordered by start.

    The runs of one date are exactly those for that date alone. They are consecutive, except where
    a clock went back over midnight: there the runs of two dates alternate.

    Raises:
        ValueError: when `consulted` is empty, a zone is unknown or `now` is naive.
    """
    if not consulted:
        raise ValueError("consulted is empty; at least one person's windows are needed")
    pieces = date_pieces(viewer, *days)
    if pieces:
        within = (pieces[0].start, pieces[-1].end)
        yield from _on_grid(pieces, _statuses(consulted, rules, within=within, now=now), rules)


def _on_grid(
    pieces: Sequence[DatePiece], statuses: Sequence[_Stretch], rules: SlotRules
) -> Iterator[SlotRun]:
    step = rules.step // _SECOND
    at = 0
    for low, high, midnight, number in pieces:
        day = date_of(number)
        while at < len(statuses):
            start, end, status, blocked_by = statuses[at]
            # Comparisons take a third of the time of max() and min() here.
            opens = start if start > low else low  # noqa: FURB136
            until = end if end < high else high  # noqa: FURB136
            first = midnight - (midnight - opens) // step * step
            if first < until:
                yield SlotRun(day, range(first, until, step), status, blocked_by)
            if end > high:
                break  # the rest of the stretch belongs to the next piece
            at += 1


def _statuses(
    consulted: Sequence[ConsultedPerson], rules: SlotRules, *, within: Span, now: datetime
) -> list[_Stretch]:
    """Return the stretches of starts that fit into working time, in order, with their status."""
    reached = (within[0], within[1] + rules.length // _SECOND)
    layers = list(_layers(consulted, rules, within=within, reached=reached, now=now))
    meanings: dict[int, tuple[SlotStatus, tuple[Role, ...]]] = {}
    result: list[_Stretch] = []
    for start, end in _fitting(consulted, rules, reached):
        state, changes = _changes(layers, start, end)
        for edge, following in pairwise(sorted(changes)):
            state ^= changes[edge]
            if state not in meanings:
                meanings[state] = _meaning(state, consulted)
            result.append((edge, following, *meanings[state]))
    return result


def _changes(
    layers: Iterable[tuple[int, Sequence[int]]], start: int, end: int
) -> tuple[int, dict[int, int]]:
    """Return the state at `start`, and the bits that change at each edge in [start, end)."""
    state = 0
    changes = {start: 0, end: 0}
    for bit, edges in layers:
        first = bisect_right(edges, start)
        if first % 2:
            state |= bit
        for edge in edges[first : bisect_left(edges, end, first)]:
            changes[edge] = changes.get(edge, 0) ^ bit
    return state, changes


def _meaning(
    state: int, consulted: Sequence[ConsultedPerson]
) -> tuple[SlotStatus, tuple[Role, ...]]:
    if state & _PAST:
        return SlotStatus.PAST, ()
    for status, bit in ((SlotStatus.HOLIDAY, _ON_HOLIDAY), (SlotStatus.BUSY, _BUSY)):
        taken = [each.role for n, each in enumerate(consulted) if state & (bit << 2 * n)]
        if taken:
            return status, tuple(role for role in Role if role in taken)
    unread = any(each.unread for each in consulted)
    return SlotStatus.UNVERIFIED if unread else SlotStatus.AVAILABLE, ()


def _layers(
    consulted: Sequence[ConsultedPerson],
    rules: SlotRules,
    *,
    within: Span,
    reached: Span,
    now: datetime,
) -> Iterator[tuple[int, Sequence[int]]]:
    """Yield for each rule its state bit and the sorted edges of the starts it applies to.

    Edges come in pairs: the spans of one rule do not overlap or touch.
    """
    earliest = -((EPOCH - to_utc(now)) // _SECOND) + rules.minimum_notice // _SECOND
    if within[0] < earliest:
        yield _PAST, (within[0], min(earliest, within[1]))
    for n, each in enumerate(consulted):
        if each.holidays:
            yield _ON_HOLIDAY << 2 * n, _on_holiday(each, rules.length // _SECOND, reached)
        if each.busy:
            yield _BUSY << 2 * n, _busy(each, rules, within)


def _fitting(consulted: Sequence[ConsultedPerson], rules: SlotRules, reached: Span) -> list[Span]:
    """Return the starts of slots that lie inside the windows of every person."""
    working = [open_spans(windows, *reached) for windows in {each.windows for each in consulted}]
    longest = rules.length // _SECOND - 1
    return [(s, e - longest) for s, e in reduce(_intersection, working) if e - s > longest]


def _on_holiday(person: ConsultedPerson, length: int, reached: Span) -> Sequence[int]:
    around = stretches(zone(person.zone), *reached)
    taken = merge(
        (start - length + 1, end)
        for each in person.holidays
        for start, end in shown(
            around, day_number(each.first) * DAY, (day_number(each.last) + 1) * DAY
        )
    )
    return tuple(chain.from_iterable(taken))


def _busy(person: ConsultedPerson, rules: SlotRules, within: Span) -> list[int]:
    before = (rules.length + rules.buffer_after) // MINUTE
    after = rules.buffer_before // MINUTE
    first = bisect_right(person.busy, within[0] // 60 - after, key=_END)
    last = bisect_left(person.busy, within[1] // 60 + 1 + before, key=_START)
    edges: list[int] = []
    until = 0
    for start, end in person.busy[first:last]:
        # A start at exactly the required distance is free, hence the extra second.
        opens = (start - before) * 60 + 1
        if edges and opens <= until:
            edges.pop()
        else:
            edges.append(opens)
        until = (end + after) * 60
        edges.append(until)
    return edges


def _intersection(some: Sequence[Span], others: Sequence[Span]) -> Spans:
    """Return the instants in both; each list is sorted and without overlaps."""
    result: list[Span] = []
    i = j = 0
    while i < len(some) and j < len(others):
        (start, end), (opens, closes) = some[i], others[j]
        if end <= closes:
            i += 1
        else:
            end = closes
            j += 1
        start = max(start, opens)
        if start < end:
            result.append((start, end))
    return tuple(result)
