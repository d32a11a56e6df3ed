import sys
import unicodedata

import pytest

from shared.domain.text import (
    cleaned,
    has_invisible,
    in_one_line,
    is_blank,
    is_one_line,
    joined_line,
    without_bidi_controls,
)

NOT_ONE_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
REORDERING = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("text", ["", "Ünï 🗓", "אבג", "a\u200db", "a\u3000b", "x" * 3000, "a\nb"])
def test_plain_text_stays_unchanged(text: str) -> None:
    assert text == cleaned(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("a\n\rb", "a\n\nb"),
        ("a\r\r\nb", "a\n\nb"),
        ("\r\n", "\n"),
    ],
)
def test_every_line_break_becomes_a_line_feed(text: str, expected: str) -> None:
    assert expected == cleaned(text)


@pytest.mark.parametrize(
    "character",
    ["\x00", "\t", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\ud800"],
)
def test_a_control_character_or_lone_surrogate_is_removed(character: str) -> None:
    assert cleaned(f"a{character}b") == "ab"
    assert joined_line(f"a{character}b") == "ab"


@pytest.mark.parametrize("character", REORDERING)
def test_a_mark_that_reorders_text_is_removed(character: str) -> None:
    assert cleaned(f"a{character}b") == "ab"
    assert is_one_line(f"a{character}b")


def test_only_line_feeds_remain_of_the_control_characters() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))

    text = cleaned(everything)

    assert {"\n"} == {each for each in text if unicodedata.category(each) in NOT_ONE_LINE}
    assert not set(REORDERING).intersection(text)


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb", "\na\r\n\r\nb\n"])
def test_a_joined_line_has_no_line_breaks(text: str) -> None:
    assert joined_line(text) == "ab"


def test_one_line_means_no_line_breaks_control_characters_or_lone_surrogates() -> None:
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        expected = unicodedata.category(character) not in NOT_ONE_LINE
        assert expected == is_one_line(f"a{character}b"), hex(number)


def test_an_empty_text_is_one_line() -> None:
    assert is_one_line("")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u3000",
        "\ufeff",
        "\u200b\u200b",
        "\u2060",
        "\u3164",
        "\u115f",
        "\uffa0",
        "\u2800",
        "\u00ad",
        "\u200e \u200f",
        "\u202e",
        "\ufe0f",
        "\U000e0041",
        "\u180e",
        "\u2066\u2069",
    ],
    ids=ascii,
)
def test_text_of_invisible_characters_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "\ufeff\u0645", "\u093e", "\U0001f469\u200d\U0001f4bb", "."])
def test_text_with_one_visible_character_is_not_blank(text: str) -> None:
    assert not is_blank(text)


def test_every_format_character_is_invisible_except_signs_around_numbers() -> None:
    formats = {chr(n) for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) == "Cf"}

    visible = {each for each in formats if not is_blank(each)}

    # Prepended_Concatenation_Mark, and the controls of hieroglyphs and shorthand.
    assert {unicodedata.name(each).split()[0] for each in visible} <= {
        "ARABIC",
        "SYRIAC",
        "KAITHI",
        "EGYPTIAN",
    }


def test_controls_of_direction_are_removed_and_its_marks_stay() -> None:
    controls = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\u206f"

    assert "a\u200e\u200f\u061c\u200db" == without_bidi_controls(
        f"a{controls}\u200e\u200f\u061c\u200db"
    )


def test_a_space_is_not_invisible() -> None:
    assert not has_invisible("a b\u3000c")
    assert has_invisible("a\u200bb")


@pytest.mark.parametrize(
    ("text", "line"),
    [(" a b ", " a b "), ("a\r\n\r\n b\n", "a, b"), ("a\rb", "a, b"), ("\n \n", ""), ("", "")],
)
def test_lines_are_joined_without_the_blank_ones(text: str, line: str) -> None:
    assert line == in_one_line(text, between=", ")
