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

# Bits of the state of a start: these, then two for each of the people consulted.
_PAST = 1
_ON_HOLIDAY = 2
_BUSY = 4

_START, _END = itemgetter(0), itemgetter(1)

_Stretch: TypeAlias = tuple[int, int, SlotStatus, tuple[Role, ...]]
"""Starts from the first second up to but not including the other, and what they have in common."""


class SlotRun(NamedTuple):
    """Successive grid starts of one date, in epoch seconds, that share status and reason."""

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
    at = 0
    for low, high, midnight, number in pieces:
        day = date_of(number)
        while at < len(statuses):
            start, end, status, blocked_by = statuses[at]
            # Comparing here takes a third of the time that calling max() and min() does.
            opens = start if start > low else low  # noqa: FURB136
            until = end if end < high else high  # noqa: FURB136
            first = midnight - (midnight - opens) // step * step
            if first < until:
                yield SlotRun(day, range(first, until, step), status, blocked_by)
            if end > high:
                break  # what is left of it belongs to the next piece
            at += 1


def _statuses(
    consulted: Sequence[ConsultedPerson], rules: SlotRules, *, within: Span, now: datetime
) -> list[_Stretch]:
    """The stretches of starts that fit into working time, in order, each with its status."""
    reached = (within[0], within[1] + rules.length // _SECOND)
    layers = list(_layers(consulted, rules, within=within, reached=reached, now=now))
    meanings: dict[int, tuple[SlotStatus, tuple[Role, ...]]] = {}
    found: list[_Stretch] = []
    for start, end in _fitting(consulted, rules, reached):
        state, changes = _changes(layers, start, end)
        for edge, following in pairwise(sorted(changes)):
            state ^= changes[edge]
            if state not in meanings:
                meanings[state] = _meaning(state, consulted)
            found.append((edge, following, *meanings[state]))
    return found


def _changes(
    layers: Iterable[tuple[int, Sequence[int]]], start: int, end: int
) -> tuple[int, dict[int, int]]:
    """The state at `start`, and by edge the bits that change in [start, end)."""
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
    """Each rule as a bit of the state and the edges, in order, of the starts it holds for.

    Edges come in pairs: the starts of one rule are apart and do not touch.
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
    """The starts from which a slot lies inside everybody's windows."""
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
        # A start just as far off as it must be is free, hence the second at the front.
        opens = (start - before) * 60 + 1
        if edges and opens <= until:
            edges.pop()
        else:
            edges.append(opens)
        until = (end + after) * 60
        edges.append(until)
    return edges


def _intersection(some: Sequence[Span], others: Sequence[Span]) -> Spans:
    """The instants in both; each in order and without overlap."""
    found: list[Span] = []
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
            found.append((start, end))
    return tuple(found)
