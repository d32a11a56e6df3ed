"""Mutated answers of providers cause no unforeseen error, no free time and no endless work.

The seeds are in tests/data/answers. A mutant is either arbitrary, and then only has to fail in a
known way or be read, or it spoils exactly one value that decides when its user is busy: then the
busy times stay the same or become wider, or the calendar is unreadable.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from shared.domain.connection import Provider
from tests.support.answered_providers import (
    READS,
    WRITES,
    AnsweredProvider,
    answered_providers,
    as_json,
    busy_times,
    covers,
    seed,
    steps_of,
)

# Many cases over lines that other tests cover; tracing them would double their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

MAX_STEPS = 150_000
"""Function calls for one answer of a few kilobytes. A seed takes 8,000 at most."""
MAX_REQUESTS = 6
LIMITS = settings(
    max_examples=50,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

DECIDING = {
    Provider.GOOGLE: (
        "kind",
        "items",
        "status",
        "start",
        "end",
        "dateTime",
        "date",
        "id",
        "transparency",
        "eventType",
        "timeZone",
        "attendees",
        "responseStatus",
    ),
    Provider.OUTLOOK: (
        "value",
        "start",
        "end",
        "dateTime",
        "timeZone",
        "isAllDay",
        "isCancelled",
        "showAs",
        "responseStatus",
        "response",
        "id",
    ),
}
"""The names of values that decide when a user of that provider is busy."""
LINES = (
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "STATUS",
    "TRANSP",
    "RECURRENCE-ID",
    "EXDATE",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "BEGIN",
    "END",
)
"""The iCalendar properties that decide it."""

JUNK_JSON: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False),
    st.sampled_from(["", "junk", "9" * 50, "2026-13-41T25:61:00Z", "\ud800", "\x00", "Mars/Base"]),
    st.lists(st.none(), min_size=1, max_size=2),  # an empty list is a valid page
    st.dictionaries(st.sampled_from(["dateTime", "x"]), st.none(), max_size=2),
)
JUNK_LINE = st.sampled_from(
    [
        "",
        "junk",
        "9" * 50,
        "20261341T250000Z",
        "FREQ=NEVER",
        "P",
        "PT",
        "-P1D",
        "+9999",
        "\x0b",
        ";:,",
    ]
)
BYTES = st.binary(min_size=1, max_size=6) | st.sampled_from(
    [
        b"<",
        b">",
        b"&amp;",
        b"]]>",
        b"BEGIN:VEVENT\n",
        b"END:VCALENDAR\n",
        b"\xff",
        b"\x00",
        b'"',
        b"[" * 50,
    ]
)


@pytest.fixture(scope="module")
def providers() -> Iterator[Mapping[Provider, AnsweredProvider]]:
    """The clients of all providers."""
    with answered_providers() as running:
        yield running


def read(provider: AnsweredProvider, body: bytes) -> Any:
    entries, steps = steps_of(lambda: provider.entries(body))
    assert steps < MAX_STEPS
    return entries


def check_not_freer(provider: AnsweredProvider, original: bytes, mutant: bytes) -> None:
    """Assert that a spoiled value leaves the busy times, widens them, or cannot be read."""
    expected = busy_times(provider.entries(original) or ())
    entries = read(provider, mutant)

    assert expected
    assert entries is None or covers(busy_times(entries), expected), mutant.decode(
        "utf-8", "replace"
    )


def paths(
    value: Any, names: tuple[str, ...], path: tuple[Any, ...] = ()
) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value with one of the names."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value if isinstance(value, list) else ())
    )
    for key, each in items:
        if key in names:
            yield (*path, key)
        yield from paths(each, names, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], junk)
    return changed


def line_numbers(text: str) -> list[int]:
    """Return the lines of a CalDAV answer that decide when its user is busy."""
    starts = tuple(f"{name}{end}" for name in LINES for end in ":;")
    return [
        n
        for n, line in enumerate(text.split("\n"))
        if line.partition(">BEGIN")[0].startswith(starts)
    ]


def with_line(text: str, number: int, value: str) -> bytes:
    lines = text.split("\n")
    name, _, _ = lines[number].rpartition(":")
    lines[number] = f"{name}:{value}"
    return "\n".join(lines).encode()


@pytest.mark.parametrize("provider", READS)
def test_the_seeds_have_the_same_kinds_of_busy_times(
    providers: Mapping[Provider, AnsweredProvider], provider: Provider
) -> None:
    entries = read(providers[provider], seed(READS[provider]))

    assert entries is not None
    assert {True, False} == {each.busy for each in entries}
    assert {True, False} == {each.all_day for each in entries}
    assert len(busy_times(entries)) >= 2


@pytest.mark.parametrize("provider", READS)
@LIMITS
@given(data=st.data())
def test_an_answer_with_arbitrary_changes_is_read_or_fails_in_a_known_way(
    providers: Mapping[Provider, AnsweredProvider], provider: Provider, data: st.DataObject
) -> None:
    body = bytearray(seed(READS[provider]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        length = data.draw(st.sampled_from([0, 1, 5, 60, 600]))
        body[at : at + length] = data.draw(BYTES)

    read(providers[provider], bytes(body))


@pytest.mark.parametrize("provider", READS)
@LIMITS
@given(data=st.data())
def test_a_shortened_answer_is_unreadable(
    providers: Mapping[Provider, AnsweredProvider], provider: Provider, data: st.DataObject
) -> None:
    body = seed(READS[provider]).rstrip()
    at = data.draw(st.integers(0, len(body) - 1))

    assert read(providers[provider], body[:at]) is None


@LIMITS
@given(data=st.data())
def test_a_shortened_object_in_a_caldav_answer_frees_no_time(
    providers: Mapping[Provider, AnsweredProvider], data: st.DataObject
) -> None:
    body = seed(READS[Provider.APPLE]).decode()
    objects = list(re.finditer(r"BEGIN:VCALENDAR.*?END:VCALENDAR", body, re.DOTALL))
    chosen = data.draw(st.sampled_from(objects))
    at = data.draw(st.integers(chosen.start(), chosen.end() - 1))

    mutant = body[:at] + body[chosen.end() :]

    check_not_freer(providers[Provider.APPLE], body.encode(), mutant.encode())


@LIMITS
@given(data=st.data())
def test_a_spoiled_line_of_a_caldav_object_frees_no_time(
    providers: Mapping[Provider, AnsweredProvider], data: st.DataObject
) -> None:
    body = seed(READS[Provider.APPLE]).decode()
    number = data.draw(st.sampled_from(line_numbers(body)))

    mutant = with_line(body, number, data.draw(JUNK_LINE))

    check_not_freer(providers[Provider.APPLE], body.encode(), mutant)


@pytest.mark.parametrize("provider", DECIDING)
@LIMITS
@given(data=st.data())
def test_a_spoiled_value_of_a_json_answer_frees_no_time(
    providers: Mapping[Provider, AnsweredProvider], provider: Provider, data: st.DataObject
) -> None:
    original = json.loads(seed(READS[provider]))
    path = data.draw(st.sampled_from(list(paths(original, DECIDING[provider]))))

    value = data.draw(JUNK_JSON)
    # An event without an end is read as in iCalendar: it takes no time (RFC 5545, 3.6.1).
    assume(path[-1] != "end" or value not in (None, {}))

    mutant = replaced(original, path, value)

    check_not_freer(providers[provider], as_json(original), as_json(mutant))


@pytest.mark.parametrize(("name", "place", "value"), json.loads(seed("mutants.json")))
def test_stored_mutants_free_no_time(
    providers: Mapping[Provider, AnsweredProvider], name: str, place: Any, value: Any
) -> None:
    provider = next(each for each, file in READS.items() if file == name)
    body = seed(name)

    if isinstance(place, int):
        mutant = with_line(body.decode(), place, value)
    else:
        mutant = as_json(replaced(json.loads(body), tuple(place), value))

    check_not_freer(providers[provider], body, mutant)


@pytest.mark.parametrize("provider", READS)
@LIMITS
@given(data=st.data())
def test_writing_a_copy_ends_in_a_known_way_after_few_requests(
    providers: Mapping[Provider, AnsweredProvider], provider: Provider, data: st.DataObject
) -> None:
    body = data.draw(written(provider))
    status = data.draw(
        st.sampled_from([200, 201, 204, 207, 301, 400, 403, 404, 409, 410, 412, 418, 500])
    )
    etag = data.draw(st.sampled_from(['"1"', "W/x", "", "junk", '"' * 300]))

    def write() -> list[int]:
        return list(providers[provider].write_all(body, status, etag))

    requests, steps = steps_of(write)

    assert max(requests) <= MAX_REQUESTS
    assert steps < MAX_STEPS


def written(provider: Provider) -> st.SearchStrategy[bytes]:
    """Generate mutated answers to the writing of a copy."""
    if provider is Provider.APPLE:
        body = seed(READS[provider])
        return st.integers(0, len(body)).map(lambda at: body[:at]) | BYTES
    original = json.loads(seed(WRITES[provider]))
    every = list(paths(original, tuple(original)))
    spoiled = st.tuples(st.sampled_from(every), JUNK_JSON)
    return spoiled.map(lambda each: as_json(replaced(original, *each))) | BYTES
