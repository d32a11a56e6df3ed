"""Times as libical reads them: its own time zones, and the occurrences of a series."""

import ctypes
from collections.abc import Iterator, Sequence
from functools import cache

from tests.support.libical import library

_PARTS = ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")


class _Time(ctypes.Structure):
    _fields_ = (*((each, ctypes.c_int) for each in _PARTS), ("zone", ctypes.c_void_p))


class _Span(ctypes.Structure):
    _fields_ = (
        ("start", ctypes.c_long),
        ("end", ctypes.c_long),
        ("is_busy", ctypes.c_int),
    )


class _Array(ctypes.Structure):
    _fields_ = (
        ("element_size", ctypes.c_size_t),
        ("increment_size", ctypes.c_size_t),
        ("number", ctypes.c_size_t),
    )


_Visitor = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(_Span), ctypes.c_void_p)


def zone_definitions() -> dict[str, str]:
    """Return the VTIMEZONE that libical writes for each of its zones, by its place."""
    definitions = {}
    for zone in _zones():
        component = _calls().icaltimezone_get_component(zone)
        if component:
            text = _calls().icalcomponent_as_ical_string(component).decode()
            definitions[_calls().icaltimezone_get_location(zone).decode()] = text
    return definitions


def occurrences(text: str, start: int, end: int) -> list[tuple[int, int]] | None:
    """Return the occurrences of an object's only event, in seconds; None if it cannot be read."""
    calls, found = _calls(), list[tuple[int, int]]()

    def visit(_component: int, span: "ctypes._Pointer[_Span]", _data: int) -> None:
        found.append((span.contents.start, span.contents.end))

    calendar = calls.icalparser_parse_string(text.encode())
    if not calendar:
        return None
    try:
        event = calls.icalcomponent_get_first_real_component(calendar)
        utc = calls.icaltimezone_get_utc_timezone()
        first, last = (calls.icaltime_from_timet_with_zone(each, 0, utc) for each in (start, end))
        calls.icalcomponent_foreach_recurrence(event, first, last, _Visitor(visit), None)
        return sorted(each for each in found if start <= each[0] < end)
    finally:
        calls.icalcomponent_free(calendar)


def instants(definition: str, walls: Sequence[tuple[int, ...]]) -> list[int]:
    """Return the instants of local times (year to second) in a zone that a VTIMEZONE defines."""
    calls = _calls()
    component = calls.icalparser_parse_string(definition.encode())
    zone = calls.icaltimezone_new()
    if not calls.icaltimezone_set_component(zone, component):
        raise ValueError("libical cannot read the definition")
    times = (_Time(*wall, 0, 0, None) for wall in walls)
    result = [calls.icaltime_as_timet_with_zone(each, zone) for each in times]
    calls.icaltimezone_free(zone, 1)
    return result


def _zones() -> Iterator[int]:
    array = _calls().icaltimezone_get_builtin_timezones()
    for number in range(_Array.from_address(array).number):
        yield _calls().icalarray_element_at(array, number)


@cache
def _calls() -> ctypes.CDLL:
    calls = library()
    pointer, number, moment = ctypes.c_void_p, ctypes.c_int, ctypes.c_long
    types = {
        "icalarray_element_at": (pointer, [pointer, ctypes.c_size_t]),
        "icalcomponent_foreach_recurrence": (None, [pointer, _Time, _Time, _Visitor, pointer]),
        "icalcomponent_get_first_real_component": (pointer, [pointer]),
        "icaltime_as_timet_with_zone": (moment, [_Time, pointer]),
        "icaltime_from_timet_with_zone": (_Time, [moment, number, pointer]),
        "icaltimezone_free": (None, [pointer, number]),
        "icaltimezone_get_builtin_timezones": (pointer, []),
        "icaltimezone_get_component": (pointer, [pointer]),
        "icaltimezone_get_location": (ctypes.c_char_p, [pointer]),
        "icaltimezone_get_utc_timezone": (pointer, []),
        "icaltimezone_new": (pointer, []),
        "icaltimezone_set_component": (number, [pointer, pointer]),
    }
    for name, (result, arguments) in types.items():
        function = getattr(calls, name)
        function.restype, function.argtypes = result, arguments
    return calls
