"""libical as a checker of calendar objects against RFC 5545 and RFC 5546."""

import ctypes
import ctypes.util
from functools import cache

_NAMES = ("libical.so.3", "libical.so.4", "libical.dylib")


def complaints(text: bytes) -> str:
    """Return the object with libical's errors in it, or "" if it is valid."""
    libical = library()
    component = libical.icalparser_parse_string(text)
    if not component:
        return "libical cannot parse it"
    try:
        is_valid = bool(libical.icalrestriction_check(component))
        errors = libical.icalcomponent_count_errors(component)
        if is_valid and not errors:
            return ""
        report: bytes = libical.icalcomponent_as_ical_string(component)
        return report.decode()
    finally:
        libical.icalcomponent_free(component)


@cache
def library() -> ctypes.CDLL:
    """Return libical with the types of its functions."""
    default = ctypes.util.find_library("ical")
    for name in filter(None, (default, *_NAMES)):
        try:
            return _typed(ctypes.CDLL(name))
        except OSError:
            continue
    raise OSError("libical is not installed: run `make system`")


def _typed(library: ctypes.CDLL) -> ctypes.CDLL:
    library.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    library.icalparser_parse_string.restype = ctypes.c_void_p
    library.icalrestriction_check.argtypes = [ctypes.c_void_p]
    library.icalrestriction_check.restype = ctypes.c_int
    library.icalcomponent_count_errors.argtypes = [ctypes.c_void_p]
    library.icalcomponent_count_errors.restype = ctypes.c_int
    library.icalcomponent_as_ical_string.argtypes = [ctypes.c_void_p]
    library.icalcomponent_as_ical_string.restype = ctypes.c_char_p
    library.icalcomponent_free.argtypes = [ctypes.c_void_p]
    library.icalcomponent_free.restype = None
    return library
