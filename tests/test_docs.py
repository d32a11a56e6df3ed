"""The documentation names only files, headings and tests that exist."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from shared import VERSION
from shared.domain.limits import LIMITS
from shared.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in (
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
        *sorted((ROOT / "docs").glob("*.md")),
    )
]
INTERNALS = "docs/library-internals.md"
FOLDERS = ("docs", "events", "functions", "infra", "layers", "shared", "tests")
ROOT_FILE = re.compile(
    r"[A-Z]+\.md|[\w-]+\.(toml|txt|in)|Makefile|LICENSE|CODEOWNERS|\.[\w-]+-version"
)
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ENTRY = re.compile(r"^### (.+)\n\n((?:.+\n)+)", re.MULTILINE)
GUARD = re.compile(r"^- Guard: `([^`:]+)::(\w+)`$", re.MULTILINE)


def text_of(page: str) -> str:
    return (ROOT / page).read_text()


def outside_fences(page: str) -> str:
    return FENCE.sub("", text_of(page))


def paths_in(page: str) -> Iterator[str]:
    """Yield each file or folder of the repository that the page names in backticks."""
    for code in CODE.findall(outside_fences(page)):
        name = code.partition("::")[0].removeprefix("/")
        is_plain = re.fullmatch(r"[\w./*{},-]+", name) is not None
        if is_plain and (
            name.startswith(tuple(f"{each}/" for each in FOLDERS)) or ROOT_FILE.fullmatch(name)
        ):
            yield name


def alternatives(pattern: str) -> list[str]:
    """Return the paths that `a/{b,c}` stands for."""
    parts = [part.split(",") for part in re.split(r"[{}]", pattern)]
    if len(parts) == 1:
        return [pattern]
    literals = [[",".join(part)] if n % 2 == 0 else part for n, part in enumerate(parts)]
    return ["".join(each) for each in product(*literals)]


@cache
def anchors_of(page: str) -> frozenset[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", outside_fences(page), re.MULTILINE)
    return frozenset(
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings
    )


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse(text_of(path))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page: str) -> None:
    missing = [
        path
        for pattern in paths_in(page)
        for path in alternatives(pattern)
        if not any(ROOT.glob(path.rstrip("/")))
    ]

    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    broken = []
    for link in LINK.findall(outside_fences(page)):
        target, _, anchor = link.partition("#")
        if "://" in link:
            continue
        path = (folder / target).resolve() if target else ROOT / page
        if not path.exists() or (
            anchor and anchor not in anchors_of(path.relative_to(ROOT).as_posix())
        ):
            broken.append(link)

    assert broken == []


def test_every_page_of_docs_is_linked_from_the_readme_or_another_page() -> None:
    linked = {
        ((ROOT / page).parent / link.partition("#")[0]).resolve().relative_to(ROOT).as_posix()
        for page in PAGES
        for link in LINK.findall(text_of(page))
        if "://" not in link and not link.startswith("#")
    }

    assert [page for page in PAGES if page != "README.md" and page not in linked] == []


def test_the_readme_describes_every_setting() -> None:
    limits = {limit.setting for limit in LIMITS}  # in docs/limits.md, with a test of its own
    elsewhere = {"python_caldav_commdump", *limits}  # the first one must not be set

    names = [name.upper() for name in Settings.model_fields if name not in elsewhere]

    assert [name for name in names if f"`{name}`" not in text_of("README.md")] == []


def test_the_changelog_has_the_current_version_and_a_section_for_the_next() -> None:
    headings = re.findall(r"^## (.+)$", text_of("CHANGELOG.md"), re.MULTILINE)

    assert headings[0] == "[Unreleased]"
    assert any(heading.startswith(f"[{VERSION}] - ") for heading in headings)


def test_every_owned_path_exists() -> None:
    lines = [line for line in text_of("CODEOWNERS").splitlines() if line.startswith("/")]
    paths = [line.split()[0].strip("/") for line in lines]

    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_library_internal_has_a_place_a_consequence_and_one_guard_test() -> None:
    entries = ENTRY.findall(text_of(INTERNALS))
    labels = ("- Where: ", "- Relies on: ", "- If it changes: ", "- Guard: ")

    assert len(entries) == text_of(INTERNALS).count("\n### ")
    for heading, body in entries:
        assert [body.count(label) for label in labels] == [1, 1, 1, 1], heading
        assert len(GUARD.findall(body)) == 1, heading


def test_every_guard_test_exists_and_every_test_of_internals_is_a_guard() -> None:
    guards = GUARD.findall(text_of(INTERNALS))
    tests = [
        (path.relative_to(ROOT).as_posix(), name)
        for path in (ROOT / "tests" / "internals").glob("test_*.py")
        for name in functions_of(path.relative_to(ROOT).as_posix())
        if name.startswith("test_")
    ]

    assert [guard for guard in guards if guard[1] not in functions_of(guard[0])] == []
    assert sorted(set(tests) - set(guards)) == []
