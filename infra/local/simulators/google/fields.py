"""Google's partial responses: the `fields` parameter, such as `kind,items(id,start/date)`."""

import re
from typing import Any

_TOKEN = re.compile(r"[A-Za-z0-9_*]+|[(),/]")

Mask = dict[str, Any]
"""Field names with the masks of their subfields; an empty mask selects everything."""


def parse(fields: str) -> Mask:
    """Return the mask of a `fields` parameter.

    Raises:
        ValueError: when it is invalid.
    """
    tokens = _TOKEN.findall(fields)
    if "".join(tokens) != fields:
        raise ValueError(f"Invalid field selection {fields}")
    mask, rest = _listed(tokens)
    if rest:
        raise ValueError(f"Invalid field selection {fields}")
    return mask


def select(content: Any, mask: Mask) -> Any:
    """Return the part of JSON content that the mask selects."""
    if not mask or "*" in mask:
        return content
    if isinstance(content, list):
        return [select(each, mask) for each in content]
    if not isinstance(content, dict):
        return content
    return {name: select(content[name], below) for name, below in mask.items() if name in content}


def _listed(tokens: list[str]) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        if not tokens or tokens[0] in "(),/":
            raise ValueError("Invalid field selection")
        name, tokens = tokens[0], tokens[1:]
        below: Mask = {}
        if tokens[:1] == ["/"]:
            below, tokens = _path(tokens[1:])
        elif tokens[:1] == ["("]:
            below, tokens = _group(tokens[1:])
        mask[name] = {**mask.get(name, {}), **below}
        if tokens[:1] != [","]:
            return mask, tokens
        tokens = tokens[1:]


def _path(tokens: list[str]) -> tuple[Mask, list[str]]:
    if not tokens or tokens[0] in "(),/":
        raise ValueError("Invalid field selection")
    name, tokens = tokens[0], tokens[1:]
    if tokens[:1] == ["/"]:
        below, tokens = _path(tokens[1:])
    elif tokens[:1] == ["("]:
        below, tokens = _group(tokens[1:])
    else:
        below = {}
    return {name: below}, tokens


def _group(tokens: list[str]) -> tuple[Mask, list[str]]:
    mask, tokens = _listed(tokens)
    if tokens[:1] != [")"]:
        raise ValueError("Invalid field selection")
    return mask, tokens[1:]
