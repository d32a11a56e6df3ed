"""The constraints of a JSON Schema, flattened to paths, so that two schemas can be compared."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")


@dataclass(frozen=True, slots=True)
class Facts:
    """The paths of a value, such as `data.events[].title`, and their constraints."""

    named: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    enums: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))
    patterns: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    bounds: dict[str, set[tuple[str, Any]]] = field(default_factory=lambda: defaultdict(set))


def facts_of(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Facts:
    """Return the constraints of a schema, with alternatives and parts combined."""
    facts = Facts()
    _add(schema, "", document, facts)
    return facts


def resolved(part: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the target of a reference, or the part itself."""
    while "$ref" in part:
        _, _, kind, name = part["$ref"].split("/")
        part = document["components"][kind][name]
    return part


def _add(schema: Mapping[str, Any], at: str, document: Mapping[str, Any], facts: Facts) -> None:
    schema = resolved(schema, document)
    for part in _parts(schema):
        _add(part, at, document, facts)
    for name, property_ in schema.get("properties", {}).items():
        place = f"{at}.{name}".lstrip(".")
        facts.named.add(place)
        _add(property_, place, document, facts)
    facts.required.update(f"{at}.{name}".lstrip(".") for name in schema.get("required", ()))
    if "items" in schema:
        _add(schema["items"], f"{at}[]", document, facts)
    _add_own(schema, at, facts)


def _add_own(schema: Mapping[str, Any], at: str, facts: Facts) -> None:
    if "const" in schema:
        facts.enums[at].add(schema["const"])
    facts.enums[at].update(schema.get("enum", ()))
    if "pattern" in schema:
        # Both spellings match the same ASCII digits.
        facts.patterns[at].add(schema["pattern"].replace(r"\d", "[0-9]"))
    facts.bounds[at].update((each, schema[each]) for each in BOUNDS if each in schema)


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for keyword in ("allOf", "anyOf"):
        yield from schema.get(keyword, ())
