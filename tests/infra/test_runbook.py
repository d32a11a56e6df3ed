"""The log lines that docs/runbook.md searches for exist in the code."""

import ast
import re
from collections.abc import Iterator

from layers.paths import ROOT

SEARCH = re.compile(r"""grep (?:'([^']+)'|"([^"]+)")""")
LEVELS = frozenset({"debug", "info", "warning", "error", "exception"})
EVENT_ID = "<event id>"
"""A placeholder, which the reader replaces."""


def searched_texts() -> set[str]:
    """Return the texts that the runbook greps for; `grep -E` is for output of Lambda itself."""
    text = (ROOT / "docs" / "runbook.md").read_text()
    return {single or double for single, double in SEARCH.findall(text)} - {EVENT_ID}


def log_messages() -> Iterator[str]:
    for folder in ("shared", "functions"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(
                        func=ast.Attribute(attr=level), args=[ast.Constant(value=str(message)), *_]
                    ) if level in LEVELS:
                        yield message


def test_every_log_line_the_runbook_searches_for_is_logged_by_the_code() -> None:
    messages = set(log_messages())

    assert searched_texts()
    assert [each for each in searched_texts() if each not in messages] == []
