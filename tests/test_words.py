"""Plain English in comments, docstrings, strings and documents, measured by marker words.

A sentence with "told" or "somebody" usually hides who does what.
"""

import io
import re
import tokenize
from collections.abc import Container, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.local.processes import ROOT
from tests.test_imports import sources

PER_10_000_WORDS = {"tell": 5, "somebody": 3}
"""The limit for each family of words."""

BOUNDS = {"tell": 0, "somebody": 0}
"""How many occur now. These numbers may only fall."""

FAMILIES = {
    "tell": re.compile(r"tells?|told|telling"),
    "somebody": re.compile(r"somebody|nobody|whoever|whomever"),
}
TEXT_TOKENS: frozenset[int | None] = frozenset(
    {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", None)}
)
WORD = re.compile(r"[A-Za-z][A-Za-z']*")


class Word(NamedTuple):
    """One word of a text, in lower case, and `file:line`."""

    text: str
    place: str


def words_of(place: str, text: str, first_line: int = 1) -> Iterator[Word]:
    for number, line in enumerate(text.splitlines(), first_line):
        for word in WORD.findall(line):
            yield Word(word.lower(), f"{place}:{number}")


def words_of_module(
    path: Path, root: Path = ROOT, kinds: Container[int | None] = TEXT_TOKENS
) -> Iterator[Word]:
    """Yield the words of a module's comments, docstrings and other string literals."""
    place = str(path.relative_to(root))
    source = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in kinds:
            yield from words_of(place, token.string, token.start[0])


@pytest.fixture(scope="module")
def words() -> list[Word]:
    documents = [ROOT / "README.md", *ROOT.glob("CONTRIBUTING.md"), *(ROOT / "docs").glob("*.md")]
    pages = ((str(each.relative_to(ROOT)), each.read_text(encoding="utf-8")) for each in documents)
    modules = sources("shared", "functions", "infra")
    return [
        *(word for path in modules for word in words_of_module(path)),
        *(word for place, text in pages for word in words_of(place, text)),
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_texts_use_few_words_that_hide_who_does_what(words: list[Word], family: str) -> None:
    found = [word for word in words if FAMILIES[family].fullmatch(word.text)]
    allowed = min(BOUNDS[family], PER_10_000_WORDS[family] * len(words) / 10_000)

    report = "\n".join(f"{word.place}: {word.text}" for word in found)
    assert len(found) <= allowed, f"{len(found)} found, {allowed:g} allowed:\n{report}"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_bound_is_no_higher_than_the_count(words: list[Word], family: str) -> None:
    count = sum(FAMILIES[family].fullmatch(word.text) is not None for word in words)

    assert count >= BOUNDS[family], f"lower BOUNDS[{family!r}] to {count}"


def test_no_name_contains_such_a_word() -> None:
    found = [
        f"{word.place}: {word.text}"
        for path in sources("shared", "functions", "infra", "layers")
        for word in words_of_module(path, kinds={tokenize.NAME})
        if any(family.fullmatch(word.text) for family in FAMILIES.values())
    ]

    assert found == []


def test_comments_docstrings_and_strings_count_but_names_do_not(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""One.\n\nTwo."""\nthree = "four"  # five\n', encoding="utf-8")

    assert [(word.text, word.place[-1]) for word in words_of_module(module, tmp_path)] == [
        ("one", "1"),
        ("two", "3"),
        ("four", "4"),
        ("five", "4"),
    ]
