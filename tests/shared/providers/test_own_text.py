"""Our part of a copy's text, and what the user has written around it."""

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.providers.own_text import (
    delimited,
    has_html,
    has_part,
    has_plain_text,
    merged_html,
    merged_text,
)

OLD = "Join: https://a.example/\nWhen: 2026-03-02 10:00 UTC (UTC+0000)\nCoach: Kim\nSession: s-1"
PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


def markup(text: str, line_break: str = "<br>") -> str:
    return html.escape(delimited(text), quote=False).replace("\n", line_break)


def merge(current: str, text: str) -> str:
    ours = html.escape(delimited(text), quote=False)
    return merged_html(current, ours, session_id="s-1", line_break="<br>")


@given(before=PLAIN, after=PLAIN, old=PLAIN, new=PLAIN)
@settings(max_examples=50)
def test_plain_text_around_our_part_stays(before: str, after: str, old: str, new: str) -> None:
    current = f"{before}\n{delimited(old)}\n{after}"

    merged = merged_text(current, delimited(new), session_id="s-1")

    assert f"{before}\n{delimited(new)}\n{after}" == merged
    assert has_plain_text(merged, new, session_id="s-1")


@given(old=PLAIN, new=PLAIN)
@settings(max_examples=50)
def test_html_around_our_part_stays(old: str, new: str) -> None:
    current = f"<p>Before</p><div>{markup(old)}</div><ul><li>After</li></ul>"

    merged = merge(current, new)

    assert f"<p>Before</p><div>{markup(new)}</div><ul><li>After</li></ul>" == merged
    assert has_html(merged, new, session_id="s-1")


def test_our_part_is_found_however_an_editor_divides_it() -> None:
    lines = "".join(f"<p><span>{each}</span></p>" for each in delimited("A &amp; B").split("\n"))
    current = f"<div>{lines.replace('Session details', 'Session&nbsp;details')}<p>Mine</p></div>"

    assert has_html(current, "A & B", session_id="s-1")
    assert f"<div><p><span>{markup('C')}</span></p><p>Mine</p></div>" == merge(current, "C")


def test_the_text_of_an_older_version_is_replaced() -> None:
    current = f"Mine\n{OLD}\nAlso mine"

    merged = merged_text(current, delimited("New"), session_id="s-1")

    assert f"Mine\n{delimited('New')}\nAlso mine" == merged


def test_a_text_without_our_part_is_kept_behind_it() -> None:
    assert not has_part("Mine", session_id="s-1")
    assert f"{delimited('New')}\nMine" == merged_text("Mine", delimited("New"), session_id="s-1")
    assert f"<body>{markup('New')}<br>Mine</body>" == merge("<body>Mine</body>", "New")


@pytest.mark.parametrize("empty", ["", " \n"])
def test_an_empty_text_becomes_our_part(empty: str) -> None:
    assert delimited("New") == merged_text(empty, delimited("New"), session_id="s-1")
    assert markup("New") == merge(empty, "New")
