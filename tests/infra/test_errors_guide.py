"""docs/errors.md has every code with its status, and the tables as the rules are now."""

import re

from infra.errors_guide import PATH, with_tables
from infra.routes import ROUTES
from shared.api.errors import STATUS
from shared.domain.policy import Right
from shared.domain.time_policy import TimeQuestion

PAGE = PATH.read_text(encoding="utf-8")


def rows_after(heading: str) -> dict[str, list[str]]:
    """Return the rows of the first table after a heading, by their first cell."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    return {row[0].strip("`"): row[1:] for row in rows[2:]}


def test_every_code_has_its_status_a_cause_and_a_remedy() -> None:
    rows = rows_after("Codes")

    assert {code: int(cells[0]) for code, cells in rows.items()} == STATUS
    assert all(len(cells) == 3 and all(cells) for cells in rows.values())


def test_the_tables_are_up_to_date() -> None:
    assert with_tables(PAGE) == PAGE, "run make openapi"


def test_a_table_that_was_edited_by_hand_is_written_again() -> None:
    edited = re.sub(r"^\| `cancel` .*\n", "| `cancel` | everyone |\n", PAGE, flags=re.MULTILINE)

    assert edited != PAGE
    assert with_tables(edited) == PAGE


def test_the_tables_have_every_rule_and_every_route() -> None:
    assert list(rows_after("Who may do what with a session")) == [each.value for each in Right]
    assert list(rows_after("Who may ask about whose time")) == [each.value for each in TimeQuestion]
    assert list(rows_after("Rules of each operation")) == [
        f"{route.method} {route.path}" for route in ROUTES
    ]


def test_a_row_shows_what_each_kind_of_caller_gets() -> None:
    assert rows_after("Who may do what with a session")["edit.details"] == [
        "change title, link and location",
        "yes",
        "yes",
        "if owner is COACHEE, else 403",
        "403",
        "403",
        "404",
    ]
