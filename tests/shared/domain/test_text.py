import sys
import unicodedata

import pytest

from shared.domain.text import cleaned, is_one_line, joined_line

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
