"""Searches text for secrets in every common encoding."""

import base64
import html
import json
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus


def kinds_in(text: str, secrets: Mapping[str, Collection[str]]) -> set[str]:
    """Return the kinds of secrets that occur in the text, plain, escaped or encoded."""
    return {
        kind
        for kind, values in secrets.items()
        if any(spelling in text for value in values for spelling in spellings(value))
    }


@cache
def spellings(secret: str) -> frozenset[str]:
    """Return the secret as it may be written in a text: escaped, quoted, hex, Base64."""
    raw = secret.encode()
    return frozenset(
        {
            secret,
            quote(secret),
            quote(secret, safe=""),
            quote_plus(secret),
            html.escape(secret),
            json.dumps(secret)[1:-1],
            raw.hex(),
            *_inside_base64(raw),
        }
    )


def text_of(value: Any) -> str:
    """Return all names and values of a DynamoDB item as text, bytes decoded as Latin-1."""
    return "\n".join(_leaves(value))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield str(name)
            yield from _leaves(each)
    elif isinstance(value, list | set | tuple):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
    else:
        yield str(value)


def _inside_base64(raw: bytes) -> Iterator[str]:
    """Yield the Base64 characters that depend on the secret only, for each of its three offsets."""
    for offset in range(3):
        padded = b"\0" * offset + raw
        whole = len(padded) // 3 * 4
        first = 4 if offset else 0
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(padded).decode()[first:whole]
