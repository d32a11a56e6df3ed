"""What a JSON Schema asks of a value, flattened to places, so that two can be compared."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")


@dataclass(frozen=True, slots=True)
class Facts:
    """The places a value may have, such as `data.events[].title`, and what is asked of them."""

    named: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    enums: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))
    patterns: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    bounds: dict[str, set[tuple[str, Any]]] = field(default_factory=lambda: defaultdict(set))


def facts_of(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Facts:
    """Return what a schema of the document asks, alternatives and parts taken together."""
    found = Facts()
    _add(schema, "", document, found)
    return found


def resolved(part: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference leads to."""
    while "$ref" in part:
        _, _, kind, name = part["$ref"].split("/")
        part = document["components"][kind][name]
    return part


def _add(schema: Mapping[str, Any], at: str, document: Mapping[str, Any], found: Facts) -> None:
    schema = resolved(schema, document)
    for part in _parts(schema):
        _add(part, at, document, found)
    for name, property_ in schema.get("properties", {}).items():
        place = f"{at}.{name}".lstrip(".")
        found.named.add(place)
        _add(property_, place, document, found)
    found.required.update(f"{at}.{name}".lstrip(".") for name in schema.get("required", ()))
    if "items" in schema:
        _add(schema["items"], f"{at}[]", document, found)
    _add_own(schema, at, found)


def _add_own(schema: Mapping[str, Any], at: str, found: Facts) -> None:
    if "const" in schema:
        found.enums[at].add(schema["const"])
    found.enums[at].update(schema.get("enum", ()))
    if "pattern" in schema:
        # The same to every reader of patterns that reads ASCII digits.
        found.patterns[at].add(schema["pattern"].replace(r"\d", "[0-9]"))
    found.bounds[at].update((each, schema[each]) for each in BOUNDS if each in schema)


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for keyword in ("allOf", "anyOf"):
        yield from schema.get(keyword, ())
