"""The table of docs/privacy.md names every kind of item and every field that is stored."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch

import shared.stores
from infra.local.processes import ROOT
from infra.stages import STAGES
from shared.settings import Settings
from shared.stores.rows import Row
from shared.stores.unsynced_rows import UnsyncedRow

PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
CODE = re.compile(r"`([^`]+)`")
BASES = {UnsyncedRow}
"""Classes of which no item is stored."""


def described() -> Mapping[str, set[str]]:
    """Return the fields that the table names, by kind of item."""
    table = PAGE.partition("<!-- items")[2].partition("<!-- end of items -->")[0]
    cells = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    return {CODE.findall(item)[0]: set(CODE.findall(fields)) for item, fields in cells}


def technical() -> set[str]:
    """Return the fields that the page does not list by item."""
    sentence = PAGE.partition("Technical attributes are not listed:")[2].partition(".\n")[0]
    return set(CODE.findall(sentence))


def stored() -> Mapping[str, set[str]]:
    """Return the fields of every class of items."""
    for module in pkgutil.iter_modules(shared.stores.__path__):
        importlib.import_module(f"shared.stores.{module.name}")
    return {each.__name__: set(each.get_attributes()) for each in below(Row) if each not in BASES}


def below(parent: type[Row]) -> Iterator[type[Row]]:
    for each in parent.__subclasses__():
        yield each
        yield from below(each)


def is_named(field: str, patterns: set[str]) -> bool:
    return any(fnmatch(field, pattern) for pattern in patterns)


def test_every_kind_of_item_is_described() -> None:
    assert set(stored()) == set(described())


def test_every_field_of_an_item_is_described_and_no_other() -> None:
    common = technical()
    missing = {
        f"{kind}.{field}"
        for kind, fields in stored().items()
        for field in fields
        if not is_named(field, described()[kind] | common)
    }
    surplus = {
        f"{kind}.{pattern}"
        for kind, patterns in described().items()
        for pattern in patterns
        if not any(fnmatch(field, pattern) for field in stored()[kind])
    }

    assert missing == set()
    assert surplus == set()


def test_the_page_names_how_long_logs_and_items_are_kept() -> None:
    days = {name: stage.log_days for name, stage in STAGES.items()}
    default = Settings.model_fields["retention_days"].default

    shorter = f"{days['dev']} days in stage dev, {days['staging']} in staging"
    assert f"{shorter}, {days['production']} in production" in PAGE
    assert f"({default} days; 0 keeps everything)" in PAGE
