"""Makes generated schemas readable: no titles, no floats for counts, the contract's names."""

from collections.abc import Callable, Iterable
from typing import Any

PREFIX = "#/components/schemas/"
_MAPS = {"properties", "patternProperties", "$defs", "dependentSchemas"}
_DATA = {"default", "const", "enum", "examples", "example", "value"}


def without_titles(schema: Any) -> Any:
    """Return a schema without pydantic's generated titles, and with whole floats as integers."""
    if isinstance(schema, list):
        return [without_titles(each) for each in schema]
    if not isinstance(schema, dict):
        whole = isinstance(schema, float) and schema.is_integer()
        return int(schema) if whole else schema
    return {name: _part(name, value) for name, value in schema.items() if name != "title"}


def _part(name: str, value: Any) -> Any:
    if name in _DATA:
        return value
    if name in _MAPS:
        return {each: without_titles(schema) for each, schema in value.items()}
    return without_titles(value)


def shorter_names(names: Iterable[str]) -> dict[str, str]:
    """Return a new name for each component: without In and Out if that keeps names unique."""
    names = list(names)
    shorter: dict[str, str] = {}
    taken = {name for name in names if not name.endswith(("In", "Out"))}
    for name in sorted(names, key=lambda each: not each.endswith("Out")):
        short = name.removesuffix("Out").removesuffix("In")
        shorter[name] = name if short != name and short in taken else short
        taken.add(shorter[name])
    return shorter


def renamed(document: Any, rename: Callable[[str], str]) -> Any:
    """Return the document with its references to schemas renamed."""
    if isinstance(document, list):
        return [renamed(each, rename) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        name: PREFIX + rename(value.removeprefix(PREFIX))
        if name == "$ref" and isinstance(value, str) and value.startswith(PREFIX)
        else renamed(value, rename)
        for name, value in document.items()
    }


def without_titles_of_schemas(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with all its schemas tidied. The document's own title stays."""
    tidied = {name: without_titles(document[name]) for name in ("paths", "components")}
    return {**document, **tidied}
