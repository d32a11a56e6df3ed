import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.api import text_fields
from shared.domain.text import is_blank, is_one_line


def parse(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def is_rejected(kind: Any, value: Any) -> bool:
    with pytest.raises(ValidationError):
        parse(kind, value)
    return True


@given(st.text())
def test_a_line_of_text_is_kept_unchanged_or_rejected(text: str) -> None:
    try:
        line = text_fields.one_line(text)
    except ValueError:
        assert any(not each.isprintable() for each in text)
    else:
        assert line == text
        assert "\n" not in line
        assert "\r" not in line
        assert len(line.splitlines()) <= 1


@pytest.mark.parametrize("text", ["Ünï 🗓", "אבג", "a\u200db", "x" * 300])
def test_a_title_may_be_in_any_script(text: str) -> None:
    assert parse(text_fields.Title, text) == text


LINES = [text_fields.Place, text_fields.Reason]
LINE = [text_fields.Title, text_fields.PersonName, text_fields.HolidayName]


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"], ids=ascii)
def test_a_location_and_a_reason_may_have_several_lines(kind: Any, break_: str) -> None:
    assert "12 High Street\n\nLondon" == parse(kind, f"12 High Street{break_}{break_}London")
    assert re.search(TypeAdapter(kind).json_schema()["pattern"], f"a{break_}b")


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("text", ["a\tb", "a\x00b", "a\x85b", "a\u2028b", "\ud800"], ids=ascii)
def test_other_control_characters_are_rejected_in_them(kind: Any, text: str) -> None:
    assert is_rejected(kind, text)


@pytest.mark.parametrize("kind", LINE)
@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb", "a\n"], ids=ascii)
def test_titles_and_names_have_one_line(kind: Any, text: str) -> None:
    assert is_rejected(kind, text)


INVISIBLE = ["\ufeff", "\u200b\u200b", "\u2060", "\u3164", "\u202e", "\u2066 \u2069"]
SHOWN = [text_fields.Title, text_fields.Place, text_fields.PersonName, text_fields.HolidayName]


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_a_title_of_invisible_characters_is_blank(text: str) -> None:
    assert is_rejected(text_fields.Title, text)
    assert is_rejected(text_fields.HolidayName, text)


@pytest.mark.parametrize("kind", SHOWN)
def test_text_that_others_see_has_no_bidirectional_controls(kind: Any) -> None:
    assert "Invoice fdp.exe x" == parse(kind, "Invoice \u202efdp.exe \u2066x\u2069")


@pytest.mark.parametrize("kind", SHOWN)
@pytest.mark.parametrize(
    "text",
    [
        "Cafe\u0301",
        "\U0001f469\U0001f3fd\u200d\U0001f4bb Review",
        "\u0639\u0631\u0628\u064a\u200f!",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937",
        "\u2764\ufe0f",
    ],
    ids=ascii,
)
def test_marks_and_joiners_of_ordinary_text_stay(kind: Any, text: str) -> None:
    assert parse(kind, text) == text


def test_the_schema_of_a_title_describes_blank_text_up_to_u_ffff() -> None:
    schema = TypeAdapter(text_fields.Title).json_schema()

    # Lone surrogates are no Unicode text; a pattern cannot name them.
    for number in (*range(0xD800), *range(0xE000, 0x10000)):
        matches = re.search(schema["pattern"], chr(number)) is not None
        assert matches != (is_blank(chr(number)) or not is_one_line(chr(number))), hex(number)


@pytest.mark.parametrize(
    "link",
    [
        "https://meet.example.org@evil.example/",
        "https://meet.\u0435xample.org/",
        "https://meet.example.org/\u202egpj.exe",
        "https://meet.example.org/\u200b",
    ],
    ids=ascii,
)
def test_a_link_that_can_be_misread_is_rejected(link: str) -> None:
    assert is_rejected(text_fields.Link, link)


def test_a_location_with_a_link_that_can_be_misread_is_rejected() -> None:
    assert is_rejected(text_fields.Place, "Room 3, https://meet.example.org@evil.example/")
    assert parse(text_fields.Place, "Room 3, https://meet.example.org/") == (
        "Room 3, https://meet.example.org/"
    )
