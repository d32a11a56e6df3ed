"""Request field types of texts that other people see: titles, names, places and links."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from shared.domain.text import (
    has_invisible,
    is_blank,
    is_one_line,
    with_line_feeds,
    without_bidi_controls,
)
from shared.domain.web_address import check_addresses_in, check_web_address

_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]"
LINE: dict[str, Any] = {"pattern": f"^{_LINE}*$"}
"""The JSON Schema of text that must be `one_line`."""
_LINES: dict[str, Any] = {"pattern": rf"^({_LINE}|[\r\n])*$"}
_BLANK = (
    r"\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
_LINE_WITH_TEXT: dict[str, Any] = {"pattern": rf"^{_LINE}*[^{_BLANK}]{_LINE}*$"}


def one_line(value: str) -> str:
    """Return `value` if it is one line. Headers and calendar entries must not get anything else.

    Raises:
        ValueError: when it contains control characters, line breaks or a lone surrogate.
    """
    if not is_one_line(value):
        raise ValueError("must be one line of text without control characters")
    return value


def shown_line(value: str) -> str:
    """Return a line of text that is shown to others, without bidirectional controls.

    They are removed, not rejected: keyboards and address books add isolates around names.

    Raises:
        ValueError: as above.
    """
    return without_bidi_controls(one_line(value))


def _shown_lines(value: str) -> str:
    """Return a text of several lines that is shown to others, cleaned as above.

    Raises:
        ValueError: when it contains other control characters or a lone surrogate.
    """
    lines = with_line_feeds(value).split("\n")
    if not all(map(is_one_line, lines)):
        raise ValueError("must be text without control characters other than line breaks")
    return without_bidi_controls("\n".join(lines))


def _check_not_blank(value: str) -> str:
    if is_blank(value):
        raise ValueError("must not be blank")
    return value


def _check_link(value: str) -> str:
    check_web_address(value)
    if has_invisible(value):
        raise ValueError("must not contain invisible characters; percent-encode them")
    return value


def _check_place(value: str) -> str:
    check_addresses_in(value)
    return value


Title = Annotated[
    str,
    Field(min_length=1, max_length=300, json_schema_extra=_LINE_WITH_TEXT),
    AfterValidator(shown_line),
    AfterValidator(_check_not_blank),
]
Place = Annotated[
    str,
    Field(max_length=1000, json_schema_extra=_LINES),
    AfterValidator(_shown_lines),
    AfterValidator(_check_place),
]
Link = Annotated[
    str,
    Field(max_length=2048, json_schema_extra={"format": "uri", "pattern": "^[Hh][Tt][Tt][Pp]"}),
    AfterValidator(one_line),
    AfterValidator(_check_link),
]
PersonName = Annotated[
    str, Field(max_length=200, json_schema_extra=LINE), AfterValidator(shown_line)
]
Reason = Annotated[
    str,
    Field(max_length=500, json_schema_extra=_LINES),
    AfterValidator(_shown_lines),
]
HolidayName = Annotated[
    str,
    Field(min_length=1, max_length=200, json_schema_extra=_LINE_WITH_TEXT),
    AfterValidator(shown_line),
    AfterValidator(_check_not_blank),
]
